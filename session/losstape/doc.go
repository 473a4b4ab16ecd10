// Package losstape turns a function of the session's language into the loss of a training step. A [Tape] records one
// call of the function: a list of verbs and their arguments. While the function runs, the [Step] and the [Tensor]s
// returned by its verbs are placeholders; nothing is computed yet. Each tensor has a [Kind] — images, logits, one
// number per image — so that a line that combines tensors wrongly fails at once. [Tape.Loss] then builds the graph from
// the list. It can be called for every new shape and in any goroutine, because it does not use Starlark values, which
// belong to one goroutine. Lifecycle: [NewTape], a call of the function with [Tape.Step] and [Tape.Settings], then
// [Tape.Finish] with its result. Traps. The function is called once: its ifs and loops run at recording time, not in
// training, so a tensor used as a condition is an error. A finished tape records nothing more. Every call of logits or
// clean is a separate forward pass, in the order of the calls, which matters for batch norm.
package losstape
