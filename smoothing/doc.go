// Package smoothing is the theorem of randomized smoothing as data: which noise is added to an image, and which
// radius a bound on a class's probability under that noise certifies. It needs no engine and no GoMLX.
//
// Nouns. A [Smoothing] is one noise distribution with its parameters, the norm of the radii that it certifies, and
// the two directions of its theorem: [Smoothing.Radius] of a probability, rounded down, and [Smoothing.Probability]
// of a radius, rounded up. A [Record] is a Smoothing in JSON.
//
// Lifecycle. A Smoothing is a comparable value: equal values are the same noise. A voter (package certify/votes)
// draws its noise, package certify asks it for radii, and the JSON file of a certification log keeps it.
//
// Traps. Probabilities are of one class against all others together, so a class is certified from ½ up. The theorem
// holds for the noise as written, without clipping to [0,1]. [Smoothing.Check] refuses invalid parameters; [CheckUnits]
// also refuses implausible ones, and is for new work only, so that older logs can still be read.
//
// To add a noise, write its type in a file of its own, with its source, and add a line to the list in list.go;
// CONTRIBUTING.md names the files where it is drawn and trained with.
//
// Entry points: [Gaussian], [Laplace], [Uniform], [Find], [Names].
package smoothing
