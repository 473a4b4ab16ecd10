// Package method defines what a training method is, and holds the graph functions that methods are built from.
//
// A [Method] is a training objective with its settings. Its Loss builds the loss of one optimizer step from a [Step]:
// the images, the noise, and verbs such as [Step.Logits], [Step.Smoothed] and [Step.Search]. Its [Traits] say how
// many noise samples it draws, how many steps a batch is cut into, and how it searches. The functions [CrossEntropy],
// [Divergence], [Project], [Detach] and others take plain nodes. The paper's method is in package smoothmix, other
// papers' methods are in package baseline, and package train lists and trains them all.
//
// To write a method, make a type that implements [Method], or a function: [NewCustom] gives the function the settings
// of another method, or of [NewSettings].
//
// A network with batch norm is searched in evaluation mode, with the running statistics that the step begins with. Each
// call of Step.Logits or Step.Clean is a pass in training mode. It uses the statistics of its own batch and moves the
// running ones, in the order of the calls: two passes are not one pass over both batches.
//
// Traps. A method's exported fields are its settings, float64 or int, and nothing else. Whatever else Loss reads is
// frozen into compiled steps, which are found again by the method's type, name and int settings alone. Settings that
// are float64 are inputs of the compiled step and may change at any time; those that are int are compiled in. Loss is
// called once per batch shape, in a goroutine of its own, and two calls may run at the same time. The gradient with
// respect to a StopGradient node is silently zero: use [Detach]. A loss that puts noisy copies of its own through the
// network, noise by noise, is right on several devices, but each device does all of that work (see byImage).
//
// Entry points: [Method], [Step], [Fields], [With], [NewCustom], [CrossEntropy].
package method
