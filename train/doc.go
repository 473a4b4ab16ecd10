// Package train trains a network by one of the listed methods, with checkpoints from which a later run resumes.
//
// [Methods] lists the training objectives. [Settings] hold everything else of a training: epochs, batches, learning
// rate, seed. A [Job] puts a method, settings, network and images together; [Train] runs it and returns a [Run]. A
// [Recipe] is a row of the paper's tables. [TrainRecipe] trains it in one call, also with a custom loss: [Recipe.With].
//
// Lifecycle: Train compiles the step once per batch shape, takes steps, and tests the base classifier after each epoch.
// It writes a checkpoint then, every five minutes, and when it stops. Run again, the same Job loads a finished run and
// resumes an unfinished one, bit for bit; other settings are refused.
//
// The step of a small network is one compiled program. The search of a deep one runs as separate calls, one per search
// step (apart.go): more search steps compile nothing more, and ctx is checked between the calls. The optimizer does not
// change running statistics. [Optimizers] and [Schedules] belong to the trainer: any method trains with any of them.
// With [Settings.EMA] the classifier of a run is an average of its weights.
//
// A method may choose which images are trained on (method.Sampled): the trainer judges noisy copies of them before an
// epoch (judge.go) and draws with replacement (choice.go). What it chose is state of the run.
//
// Several devices may share the images of a step (Job.Devices, devices.go). Each device holds all weights. XLA
// partitions the one program of the step, so batch statistics and averages cover all images. The result equals that of
// one device up to the last bits; the noise is the same bit for bit.
//
// Traps. The learning rate drops one epoch later than the period says, as in the authors' runs. A separate program
// draws the noise, because inside the step XLA would fuse the generator into each use.
//
// Entry points: [Methods], [NewMethod], [Recipes], [DefaultSettings], [Train], [TrainRecipe].
package train
