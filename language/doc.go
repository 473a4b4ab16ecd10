// Package language embeds Starlark for sessions: cells, functions described once, live values, completion. It does not
// depend on what the functions do.
//
// An [Interp] holds the variables of one session and runs cells. A [Function] is made from a Go function over a struct
// of arguments ([Func], [Method]): its signature, defaults, argument checks, completion and help all come from that
// struct. A [Kind] describes the attributes and methods of one kind of live value, and [Object] implements from it what
// Starlark asks of such values. A [Call] gives a function the context and the output of the evaluation that calls it.
//
// Lifecycle: [New] takes the functions, [Interp.Run] runs a cell statement by statement and returns the value of its
// last expression. What ran before an error or an interrupt stays. Traps. Functions defined by the user see the
// variables at the time of the call, not of the definition; but a def or lambda inside an if or for at the top level
// sees the variables of its own statement. A cancelled Starlark thread stays cancelled, so every cell has its own
// thread. Recursion is an error, as by default in Starlark: the interpreter recurses on Go's stack, and a Go program
// cannot recover from a stack overflow.
//
// Entry points: [New], [Func], [Method], [Interp.Run], [Interp.Complete], [Interp.Inspect].
package language
