// Package language is Starlark as a session speaks it: cells, functions described once, live values, completion. It
// knows nothing of what the functions do.
//
// An [Interp] holds the variables of one session and runs cells. A [Function] is made from a Go function over a struct
// of arguments ([Func], [Method]): its signature, defaults, argument checks, completion and help all come from that
// struct. A [Kind] describes the attributes and methods of one kind of live value. A [Call] is what a function learns
// of the evaluation it is part of: its context and where it may show things.
//
// Lifecycle: [New] takes the functions, [Interp.Run] runs a cell statement by statement and returns the value of its
// last expression. What ran before an error or an interrupt stays.
//
// Traps. Functions that the user defines see the variables as they are when called, not when defined; but a def or
// lambda inside an if or for at the top level sees those of its own statement. A cancelled Starlark thread stays
// cancelled, so every cell has a thread of its own. Recursion is refused, as Starlark does by default: the interpreter
// recurses on Go's stack, whose overflow cannot be recovered from.
//
// Entry points: [New], [Func], [Method], [Interp.Run], [Interp.Complete], [Interp.Inspect].
package language
