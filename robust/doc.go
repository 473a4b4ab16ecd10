// Package robust examines smoothed classifiers beyond their certificates: it attacks them, and measures their
// confidence.
//
// Nouns. An [Ascent] is projected gradient ascent on the smoothed loss −log p̄(label), with fresh noise in every step.
// [Attack] judges each point by PREDICT (certify.Predict) on separate noise: an image is robust at eps if the
// prediction is its label; a wrong class and an abstention both count as not robust. [Calibrate] computes mean softmax
// and vote shares, at the images and along the path of an ascent; package robust/scores computes scores from them.
//
// Lifecycle. A [Job] names classifier, images, noise level and seed. Attack and Calibrate process it in groups of
// images, report progress, and end promptly when their context does; they save nothing.
//
// Traps. An attack that fails proves nothing. Its noise ([noise.Attack]), that of predictions ([noise.Predict]) and
// that of calibration ([noise.Calibrate]) are different draws by their purpose; using the same seed does not reuse
// draws. Points of an attack are off the pixel grid: rounded to 8-bit images they would differ. Confidence that was
// measured under the noise of the search is too low, since the search has adapted to it; it is measured under fresh
// noise here. The length of a step is not shortened for small gradients, as training does: an attack has to move even
// where p̄ is nearly 1.
//
// Entry points: [Attack], [Calibrate].
package robust
