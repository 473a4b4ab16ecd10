// Package engine is the owner of the device: one backend, the programs compiled for it, and the lock around each call.
//
// An [Engine] is opened once a process. A [Program] is a graph function that is compiled once for each combination of
// input shapes and shared by everything in the process that asks for it by name. Calls on one device are serialized,
// one at a time, so that a training in the background and a question at the prompt take turns between calls. Everything
// runs on the first device but what asks for others: votes, which do not care where they are drawn, for one each
// ([Program.CallOn]), a training for several at once ([Program.CallAcross]), with its images cut and its weights whole
// on each ([Sharded]).
//
// Compiling, which takes seconds, is no part of a turn: it goes on in a goroutine of its own while other programs are
// called. Whoever asks for the same program and shapes meanwhile waits for that one compilation; whoever stops waiting,
// because his context has ended, leaves it to be finished and kept. So a context ends a call at once while it compiles
// or waits for its turn; a call into XLA that has begun cannot be interrupted.
//
// Traps. A Go value used while a graph is built is frozen into it: what may change is an input, and what is frozen
// belongs in the program's name. Build functions run beside everything else, for several shapes at once if it comes to
// that: what they share has to be safe for that. A compilation that fails is forgotten, and the next call builds anew:
// graph.Exec keeps nothing of it that could be freed, and its Finalize would wait for ever for one that ended by
// runtime.Goexit. What was compiled is kept until Close, for each shape (LeNet's votes take some 6 MB a shape): callers
// use few shapes, as votes do with their chunks. A call across devices is right however its graph is written, but the
// work is only shared where XLA can express who has what: an axis that is cut has to stay an axis, or come first where
// axes are merged. Elsewhere all is gathered and every device does all of it, without a word; the dumped program tells
// (smoothmix's TestWorkIsShared).
//
// Entry points: [Open], [New], [Engine.Program], [Program.Call], [Program.CallOn], [Program.CallAcross], [Shard],
// [Replicate].
package engine
