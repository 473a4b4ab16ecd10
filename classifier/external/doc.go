// Package external lets the user's process classify images: any program, in any language, that reads images
// from its standard input and writes logits or classes to its standard output (docs/external.md has the protocol).
//
// A [Process] is such a program: its command, the shape of its images, its number of classes, and the fingerprint by
// which it identifies what it computes. A child is one run of the command. A batch is one request: some images, and an
// [Answer] for each of them.
//
// Lifecycle: [Start] runs the command and opens the protocol, [Process.Classify] asks for answers, [Process.Stop] ends
// the child, and [Process.Close] ends it for good. A child that dies or does not answer in time is replaced, and the
// batch is sent again, [Options.Restarts] times at most. A new child must report the first one's fingerprint, so that
// all answers are of one classifier. A reply that is not of the protocol is an error at once. A child has a process
// group of its own, which ends with it.
//
// Traps. What a process answers is not checked beyond its form: a network in training mode, or one that mixes the
// images of a batch, gives certificates that mean nothing (votes.CheckRemote tries that). When the context of a call
// ends during a batch, the child is stopped, since its reply would come too late; the next call starts another.
//
// Entry points: [Start], [Process.Classify], [Process.Close], [Script].
package external
