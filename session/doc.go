// Package session is the session: what stays alive while somebody experiments, and the functions that are called on it.
//
// A [Session] holds data sets, classifiers, methods, runs, walks and certificates as variables of a small language,
// Starlark, and evaluates what is typed at a prompt, in a notebook or in a file ([Session.Evaluate]). [Functions] is
// the list of what can be called and [Kinds] that of the values it gives; help, completion and the reference page are
// made from both.
//
// Lifecycle: [New] returns at once and opens the engine behind it; a function that needs it waits. Evaluate runs one
// item at a time. Trainings and certifications may go on in the background, where they share the device with what is
// typed, call by call. [Session.Close] stops them, keeps what they have, and frees the device.
//
// [Session]s also make methods of the user's own: method() has a function write its loss down (package traced).
//
// Traps. A classifier is trained in place: the variable holds the trained one afterwards, and while a run goes on it is
// read as it is after the latest step. A method may be changed while a run uses it, but for its sigma and what is
// compiled. With out= a training starts from the weights that the classifier had when the file was begun, so that the
// same line can be typed again.
//
// Entry points: [New], [Session.Evaluate], [Functions].
package session
