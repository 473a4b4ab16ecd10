// Package engine owns the device: one backend, the programs compiled for it, and the lock around each call.
//
// An [Engine] is opened once per process. A [Program] is a graph function that is compiled once for each combination of
// input shapes and shared by everything in the process that asks for it by name. Calls on one device are serialized, so
// that training in the background and commands at the prompt alternate between calls. Everything runs on the first
// device, with two exceptions: votes use every device independently ([Program.CallOn]), and training may use several at
// once ([Program.CallAcross]), with its images divided among them and its weights whole on each ([Sharded]).
//
// Compilation takes seconds and does not hold the device: it runs in its own goroutine while other programs are called.
// Concurrent callers of the same program and shapes wait for the same compilation. If a caller's context ends, the
// compilation is still finished and kept. So a context ends a call at once while it compiles or waits for the device; a
// call into XLA that has begun cannot be interrupted.
//
// Traps. A Go value used while a graph is built becomes a constant of it: values that may change must be inputs, and
// constants belong in the program's name. Build functions run concurrently with everything else, perhaps for several
// shapes at once: shared data must be safe for that. A failed compilation is dropped, and the next call builds anew:
// graph.Exec keeps nothing of it that could be freed, and its Finalize would block for ever after runtime.Goexit.
// Executables are kept until Close, one per shape (LeNet's votes take about 6 MB each): callers use few shapes, as
// votes do with their chunks. A call across devices is correct for any graph, but the work is divided only where XLA
// can express the distribution: a cut axis must remain an axis, or come first when axes are merged. Elsewhere every
// device silently gathers everything and does all the work; the dumped program shows it (smoothmix's TestWorkIsShared).
//
// Entry points: [Open], [New], [Engine.Program], [Program.Call], [Program.CallOn], [Program.CallAcross], [Shard],
// [Replicate].
package engine
