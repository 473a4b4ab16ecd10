// Package client connects to a running session from Go. GoNB cells and smoothlab attach use it. It speaks Jupyter's
// protocol to the kernel and does not link GoMLX, so a cell that imports it compiles in about a second.
//
// Nouns. A [Session] is a connection to a kernel. The variables and compiled programs of the kernel remain when the
// connection ends. An evaluation returns a report; [Eval] returns it as the Go type that is expected.
//
// Lifecycle. [Open] connects to the newest running kernel, or starts one that outlives this process, and waits until it
// answers. [Session.Close] leaves the kernel running; [Session.Shutdown] ends it.
//
// Traps. Evaluations of all front ends of a kernel wait for each other; completion, help and interrupts do not. An
// interrupt ends only the evaluation requested by this client. When the kernel dies, every call returns an error that
// says so, and the session cannot be used any more: call Open again.
//
// Entry points: [MustOpen], [MustEval] and [Session.MustShow] in cells; [Open], [Eval], [Session.Evaluate] in programs.
package client
