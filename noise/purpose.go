package noise

import "fmt"

// Purpose separates draws for different uses; it is the last word of the counter.
type Purpose uint32

// The purposes. Numbers are part of what a seed means: append, never renumber.
const (
	Init      Purpose = iota + 1 // initial weights; item: parameter
	Shuffle                      // order of the training images; item: epoch
	Train                        // noise of a training step; item: update, sample: row of the noise-major batch
	Mix                          // mixing weight lambda of a training step; item: update, sample: image of the batch
	Test                         // one noisy copy of a test image after an epoch; item: epoch, sample: image
	Select                       // certification: choosing the class; item: image index, sample: vote
	Bound                        // certification: bounding its probability (item and sample as for Select)
	Predict                      // prediction (item and sample as for Select)
	Attack                       // attacks on the smoothed classifier (item and sample as for Select)
	Calibrate                    // calibration (item and sample as for Select)
	Augment                      // varied copies of training images; item: epoch, sample: image index
	Simulate                     // simulated calibrated classifiers, on the host; item: which confidences
	SoftLabel                    // soft labels of training images (item and sample as for Select)
	Judge                        // noisy copies of training images; item: epoch, sample: copy·2²⁴ + image index
	Draw                         // training images drawn with replacement; item: epoch, position: place in the epoch
)

func (p Purpose) String() string {
	names := [...]string{
		"",
		"init",
		"shuffle",
		"train",
		"mix",
		"test",
		"select",
		"bound",
		"predict",
		"attack",
		"calibrate",
		"augment",
		"simulate",
		"soft label",
		"judge",
		"draw",
	}
	if p == 0 || int(p) >= len(names) {
		return fmt.Sprintf("purpose %d", uint32(p))
	}
	return names[p]
}
