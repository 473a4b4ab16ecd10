// Package client is a running session seen from Go: what GoNB cells and smoothlab attach use. It speaks Jupyter's
// protocol to the kernel and links no GoMLX, so that a cell which imports it compiles in about a second.
//
// Nouns. A [Session] is a connection to a kernel, whose variables and compiled programs stay when the connection ends.
// What is evaluated gives a report; [Eval] gives it as the Go type that is expected.
//
// Lifecycle. [Open] takes the newest kernel that runs, or starts one that outlives this process, and waits until it
// answers. [Session.Close] leaves the kernel running; [Session.Shutdown] ends it.
//
// Traps. Evaluations of all front ends of a kernel wait for each other; completion, help and interrupts do not. An
// interrupt ends the evaluation that was asked for here, and nobody else's. When the kernel dies every call returns an
// error that says so, and the session cannot be used any more: Open again.
//
// Entry points: [MustOpen], [MustEval] and [Session.MustShow] in cells; [Open], [Eval], [Session.Evaluate] in programs.
package client
