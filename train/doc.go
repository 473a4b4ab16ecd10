// Package train trains a network by one of the listed methods, with checkpoints that a later run resumes from.
//
// [Methods] lists the training objectives. [Settings] are everything else of a training: epochs, batches, learning
// rate, seed. A [Job] puts a method, settings, network and images together; [Train] does it and returns a [Run]. A
// [Recipe] is a row of the paper's tables, and [TrainRecipe] trains it in one call, also with a custom loss:
// [Recipe.With].
//
// Lifecycle: Train compiles the step once per batch shape, takes steps, and tests the base classifier after each
// epoch. It writes a checkpoint then, every five minutes, and when it stops. The same Job run again loads a finished
// run, resumes an unfinished one, bit for bit, and refuses one with other settings.
//
// A small network's step is one compiled program. A deep one's search is made by calls of a program of its own, one
// call per search step (apart.go): more steps compile nothing more, and ctx is looked at in between. The optimizer
// leaves running statistics alone.
//
// Several devices may share the images of a step (Job.Devices, devices.go). Weights are whole on each device, and XLA
// divides the one step that there is, so that batch statistics and averages are those of all images. The result is that
// of one device up to last bits; noise is the same bit for bit.
//
// Traps. The learning rate drops one epoch later than the period says, as in the authors' runs. Noise is drawn by a
// program of its own, because inside the step XLA would fuse the generator into each use.
//
// Entry points: [Methods], [NewMethod], [Recipes], [DefaultSettings], [Train], [TrainRecipe].
package train
