// Package losstape turns a function of the session's language into the loss of a training step.
//
// A [Tape] is what one call of the function wrote down: a list of verbs and the values they were given. While the
// function runs, the [Step] that it is given and the [Tensor]s that the verbs give stand for what will be computed;
// nothing is computed yet. Each tensor knows its [Kind] — images, logits, a number for each image — so that what cannot
// be put together is refused in the line where it is written. [Tape.Loss] then builds the graph from the list, as often
// as shapes change and in whatever goroutine, without the language, whose values belong to one.
//
// Lifecycle: [NewTape], call the function with [Tape.Step] and the numbers of [Tape.Settings], [Tape.Finish] with what
// it returned.
//
// Traps. The function is called once: an if or a loop in it is decided when it is written down, not in training, and a
// tensor that is asked whether it is true is refused for that reason. A tape that is finished takes nothing more. Every
// call of logits or clean is a pass of its own, in the order of the calls, as batch norm sees it.
package losstape
