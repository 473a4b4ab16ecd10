// Package bounded reimplements Starlark's operators, builtin functions and methods with bounds. Each can be
// interrupted, and each returns a clear error for results that would take too much memory or nest too deeply. The
// interpreter checks for an interrupt between two instructions, but a single instruction can run for minutes:
// list(range(10000000000)), x == y, "a" * n. [Guard.Rewrite] therefore replaces operators and some method calls in a
// parsed file by calls of functions of this package, under names that cannot be typed. [Guard.Names] returns these
// functions, and the replacements of Starlark's own. The rewritten file has the same meaning as the original. Traps.
// Only [Guard.Watch] limits what a loop builds one element at a time. It checks the memory of the process at intervals.
// Operators with a literal operand are not replaced if they are fast for any other operand.
//
// Entry points: [New], [For], [Guard.Rewrite], [Guard.Names], [Guard.Watch], [Guard.Brief].
package bounded
