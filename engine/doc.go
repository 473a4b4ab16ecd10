// Package engine is the owner of the device: one backend, the programs compiled for it, and the lock around each call.
//
// An [Engine] is opened once a process. A [Program] is a graph function that is compiled once for each combination of
// input shapes and shared by everything in the process that asks for it by name. Calls are serialized, one at a time, so
// that a training in the background and a question at the prompt take turns between calls.
//
// Traps. A Go value used while a graph is built is frozen into it: what may change is an input, and what is frozen
// belongs in the program's name. A call into XLA cannot be interrupted; the context is looked at between calls.
//
// Entry points: [Open], [New], [Engine.Program], [Program.Call].
package engine
