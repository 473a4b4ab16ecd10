// Package smoothmix is the paper as graph functions, the list of training objectives, and the trainer.
//
// A [Method] is a training objective with its settings ([Gaussian], [SmoothMix]); [Methods] is the list of them. A [Step] is
// one training step while its graph is built: the images, the noises, and the verbs a method's Loss is written in —
// [Step.Search], [Step.NearPoint], [Step.Logits], [Step.Smoothed], [Step.Mix], and the functions [CrossEntropy], [MaskedKL].
// [Settings] are everything else of a training: epochs, batches, learning rate, seed. A [Job] puts them together and
// [Train] does it; a [Run] is what comes back. A [Walk] is a single training step, taken verb by verb.
//
// A method of one's own is a type with these methods, or a function: [NewOwn], [Recipe.With]. [TrainRecipe] is a training in one call.
//
// Lifecycle: Train compiles the step once for each batch shape, takes steps, tests the base classifier after each epoch and
// writes a checkpoint then, every five minutes, and when it stops. The same Job run again loads a finished run, goes on
// with an unfinished one, bit for bit, and refuses one with other settings.
//
// A network with batch norm is searched in evaluation mode, with the running statistics that the step begins with. Each call
// of Step.Logits or Step.Clean is a pass in training mode, with the statistics of its own batch, and moves the running ones, in
// the order of the calls: two passes are not one pass over both batches. The optimizer leaves statistics alone.
//
// A small network's step is one compiled program. A deep one's search is made by calls of a program of its own, one for
// each step (apart.go): more steps compile nothing more, and ctx is looked at in between.
//
// Several devices may share the images of a step (Job.Devices, devices.go): they are cut, weights are whole on each, and XLA divides
// the one step that there is, so that batch statistics and whatever a loss averages are those of all images. The result is that
// of one device up to last bits; noise is the same bit for bit.
//
// A Walk builds the same Loss as training, with points that were searched before in the place of the search, so whatever
// can be trained can be walked. Followed to the end, with the method's own number of search steps, it is update 0 of a
// training with its seed, batch and epoch, up to the last bit of a weight, since XLA fuses one long program otherwise than
// several short ones. A method's own search step is its Advance ([Searcher]); what it passes to Step.Mix is what Walk.Mix shows.
//
// Traps. A method's exported fields are its settings, float64 or int, and nothing else: whatever else Loss reads is frozen
// into compiled steps, which are found again by the method's type, name and int settings alone. Loss is called once for each
// shape, in a goroutine of its own, perhaps in two at once. m is not only the number of noises: it cuts each batch into m optimizer steps, as the authors do, so it changes the
// number of updates too. Settings that are float64 are inputs of the compiled step and may change at any time; those that
// are int are compiled in. The learning rate drops one epoch later than the period says, as in the authors' runs. Noise is
// drawn by a program of its own, because inside the step XLA would fuse the generator into each use. The gradient with
// respect to a StopGradient node is silently zero: use [Detach]. A loss that puts noisy copies of its own through the network, noise
// by noise, is right on several devices, but each of them does all of that work (see byImage).
//
// Where a step's numbers come from: Jeong et al., "SmoothMix: Training Confidence-calibrated Smoothed Classifiers for
// Certified Robustness" (NeurIPS 2021), and the authors' code at commit cb1fd33; comments cite its files and lines, and
// TestGolden compares each intermediate result with tensors computed by it.
//
// Entry points: [Methods], [NewMethod], [Recipes], [DefaultSettings], [Train], [TrainRecipe], [NewOwn], [NewWalk].
package train
