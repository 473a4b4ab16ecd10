// Package session holds the live state of an experiment and the functions that users call on it. A [Session] holds data
// sets, classifiers, methods, runs, walks and certificates as variables of Starlark, a small Python. It evaluates the
// code of a prompt, a notebook or a file ([Session.Evaluate]). [Functions] lists the functions and [Kinds] the kinds of
// values they return. Help, completion and the reference page are generated from both. Lifecycle: [New] returns at once
// and opens the engine in the background; functions that need the engine wait for it. Evaluate runs one cell at a time.
// Trainings and certifications may run in the background, where they share the device with the evaluation, call by
// call. [Session.Close] stops them, saves their progress, and frees the device.
//
// Users can define custom methods: method() records the loss that a function builds (package losstape). Traps. Training
// changes a classifier in place; reading it during a run gives the weights after the latest step. A method may be
// changed while a run uses it, except for sigma and the settings compiled into the step. With out= a training starts
// from the weights that the classifier had when the file was started, so that the same line can be run again.
//
// Entry points: [New], [Session.Evaluate], [Functions].
package session
