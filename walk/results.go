package walk

import (
	"smoothlab/classifier"
	"smoothlab/smoothing"
)

// What the verbs of a walk return: B images, m noises, K classes, pixels in rows of H·W·C.

// Noise is the noise of a walk.
type Noise struct {
	Smoothing smoothing.Smoothing
	Seed      uint64
	Noisy     [][][]float32 // [m][B][H·W·C]: x + d, in [0,1] units but not clipped
	Norm      [][]float64   // [m][B]: ‖d‖ in L2
}

// Prediction is the smoothed prediction under the walk's noise, in evaluation mode.
type Prediction struct {
	P      [][]float64 // [B][K]: mean softmax over the noise samples
	PLabel []float64   // [B]: probability of the label
	Loss   []float64   // [B]: −log PLabel, at most 46 (−log 1e-20)
}

// Look holds the smoothed loss at the images.
type Look struct {
	Prediction
	Gradient []float64 // [B]: L2 norm of the gradient of the loss with respect to the image
}

// Point holds one point of the search for each image.
type Point struct {
	Step int // steps taken so far; 0 at the images
	Prediction
	Distance []float64   // [B]: ‖z−x‖ in L2
	Pixels   [][]float32 // [B][H·W·C]: z, in [0,1]
}

// Votes holds how the noisy copies are classified, in training mode.
type Votes struct {
	Classes    [][]int     // [m][B]: class of each copy
	Share      []float64   // [B]: share of the copies that are classified as the label
	Confidence []float64   // [B]: probability with which a copy is accepted: Share, or the target's
	Target     [][]float64 // [B][K]: soft label; nil if the method has none
}

// NoisePoint holds one point of a search that moves the noise.
type NoisePoint struct {
	Step     int         // steps taken so far; 0 at the drawn noise
	Distance [][]float64 // [m][B]: ‖n−n0‖ in L2
	// Divergence is the KL divergence between the soft label, or the label where a method has no soft labels, and the
	// prediction of the copy in evaluation mode: [m][B].
	Divergence [][]float64
	Wrong      [][]bool // [m][B]: the copy is misclassified
}

// Selection holds what a method trains on.
type Selection struct {
	Losses   [][]float64 // [B][m]: cross-entropy of the copies of each image, sorted
	Accepted []int       // [B]: how many of them are trained on, the first ones
	All      []bool      // [B]: all of them, so that High counts
	Low      []float64   // [B]: accepted losses, divided by m
	High     []float64   // [B]: largest divergence among the copies under the noise that the search found
}

// Mixture holds what a method mixes.
type Mixture struct {
	Near, Far, Mixed [][]float32 // [B][H·W·C]: Mixed is (1−lambda)·Near + lambda·Far
	Lambda           []float64   // [B]
	P, Target        [][]float64 // [B][K]: the smoothed prediction at Near, in training mode, and the mixture's label
	Counted          []bool      // [B]: P picks the image's label
}

// Update holds a training step and its effect.
type Update struct {
	Terms         []Weighted
	Warm          float64     // warm-up factor of the weights that are Ramped
	Loss          float64     // sum of the weighted terms
	Change        float64     // ‖Δw‖/‖w‖ in L2, over all trained parameters
	Before, After *Prediction // at the images, under the same noise
	Classifier    *classifier.Classifier
}

// Weighted is a term of a loss. It counts Weight·Value, times Update.Warm if the weight is Ramped.
type Weighted struct {
	Name   string
	Value  float64
	Weight float64
	Ramped bool
}
