// Package method defines training methods, and the graph functions that methods are built from.
//
// A [Method] is a training objective with its settings. Its Loss builds the loss of one optimizer step from a [Step]:
// the images, the noise, and verbs such as [Step.Logits], [Step.Smoothed] and [Step.Search]. Its [Traits] state how
// many noise samples it draws, how many optimizer steps each batch is split into, and how it searches. The functions
// [CrossEntropy], [Divergence], [Project], [Detach] and others take plain nodes. The paper's method is in package
// smoothmix, other papers' methods are in package baseline, and package train lists and trains them all.
//
// To write a method, define a type that implements [Method], or a function: [NewCustom] gives the function the settings
// of another method, or of [NewSettings].
//
// A network with batch norm is searched in evaluation mode, with the running statistics at the beginning of the step.
// Each call of Step.Logits or Step.Clean is a pass in training mode. It uses the statistics of its own batch and
// updates the running ones, in the order of the calls: two passes differ from one pass over both batches.
//
// Traps. A method's exported fields are its settings, float64 or int, and nothing else. Anything else that Loss reads
// is frozen into compiled steps, which are identified by the method's type, name and int settings alone. Settings that
// are float64 are inputs of the compiled step and may change at any time; those that are int are compiled in. Loss is
// called once per batch shape, in a separate goroutine, and two calls may run at the same time. The gradient with
// respect to a StopGradient node is silently zero: use [Detach]. A loss that passes its own noisy copies through the
// network, noise by noise, is correct on several devices, but each device then does all of that work (see byImage).
//
// Entry points: [Method], [Step], [Fields], [With], [NewCustom], [CrossEntropy].
package method
