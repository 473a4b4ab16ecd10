// Package bounded is Starlark's operators, builtin functions and methods with bounds: each can be interrupted, and each
// refuses in a sentence what would take too much memory or nest too deeply.
//
// The interpreter looks for an interrupt between two instructions, and a single instruction can run for minutes:
// list(range(10000000000)), x == y, "a" * n. [Guard.Rewrite] therefore replaces operators and some method calls in a
// parsed file by calls of functions of this package, under names that nobody can type. [Guard.Names] has these
// functions, and those that take the place of Starlark's own. The rewritten file means the same as the original.
//
// Traps. What a loop builds up one element at a time is only seen by [Guard.Watch], which looks at the process's memory
// every so many steps. Operators with a literal operand are left as they are where they are fast for any other operand.
//
// Entry points: [New], [For], [Guard.Rewrite], [Guard.Names], [Guard.Watch], [Guard.Brief].
package bounded
