// Package robust looks at smoothed classifiers beyond their certificates: it attacks them, and asks how confident they
// are.
//
// Nouns. An [Ascent] is projected gradient ascent on the smoothed loss −log p̄(label), with fresh noise in every step.
// [Attack] judges what it finds by PREDICT (certify.Predict) on noise of its own: an image is robust at eps if that
// names its label; a wrong class and an abstention both count as not robust. [Calibrate] asks for mean softmax and vote
// shares, at the images and along the path of an ascent; package robust/scores makes numbers of them.
//
// Lifecycle. A [Job] names classifier, images, noise level and seed. Attack and Calibrate take it image group by image
// group, tell how far they are, and end promptly when their context does; they keep nothing.
//
// Traps. An attack that fails proves nothing. Its noise ([noise.Attack]), that of the judgement ([noise.Predict]) and
// that of calibration ([noise.Calibrate]) are different draws by their purpose; the same seed is no overlap. Points of
// an attack lie beside the pixel grid: as 8-bit images they would be others. Confidence that was measured under the
// noise of the search is too low, since the search has adapted to it; it is measured under fresh noise here. The length
// of a step is not shortened for small gradients, as training does: where p̄ is nearly 1 an attack has to move all the
// same.
//
// Entry points: [Attack], [Calibrate].
package robust
