package train

import (
	"cmp"
	"fmt"
	"math"

	"smoothlab/dataset"
	"smoothlab/method"
)

// Settings hold everything of a training besides the method and the data. The zero value is not usable: start from
// [DefaultSettings].
type Settings struct {
	Epochs      int     `json:"epochs"`
	Batch       int     `json:"batch"`        // images per loader batch, before it is split
	Split       int     `json:"split"`        // optimizer steps per batch; 0 means the method's m
	Schedule    string  `json:"schedule"`     // name of the learning-rate schedule ([Schedules]); empty means the authors' steps
	LR          float64 `json:"lr"`           // largest learning rate
	LRWarmup    float64 `json:"lr_warmup"`    // epochs during which the rate rises to LR
	LRPeriod    float64 `json:"lr_period"`    // epochs between drops
	Gamma       float64 `json:"gamma"`        // factor of the rate at a drop
	Momentum    float64 `json:"momentum"`     //
	WeightDecay float64 `json:"weight_decay"` // applies to every parameter, biases too
	Augment     string  `json:"augment"`      // name of an augmentation of the training images ([dataset.Augmentations]); empty means none
	Seed        uint64  `json:"seed"`         // seed of order, noise, lambda and augmentation
}

// DefaultSettings returns the authors' settings for MNIST (EXPERIMENTS.MD:11-74).
func DefaultSettings() Settings {
	return Settings{
		Epochs:      90,
		Batch:       256,
		Schedule:    Steps,
		LR:          0.01,
		LRPeriod:    30,
		Gamma:       0.1,
		Momentum:    0.9,
		WeightDecay: 1e-4,
	}
}

// String returns a line such as "90 epochs, lr 0.01 times 0.1 every 30, batches of 256".
func (s Settings) String() string {
	epochs := fmt.Sprintf("%d epochs", s.Epochs)
	if s.Epochs == 1 {
		epochs = "1 epoch"
	}
	text := fmt.Sprintf("%s, %s, batches of %d", epochs, s.rateText(), s.Batch)
	if s.Augment != "" {
		text += ", " + s.Augment
	}
	return text
}

// Scaled scales a schedule to a number of epochs: learning-rate periods and warm-up, and the method's settings in
// epochs.
func Scaled(m method.Method, s Settings, epochs int) (method.Method, Settings) {
	ratio := float64(epochs) / float64(s.Epochs)
	s.Epochs = epochs
	s.LRPeriod *= ratio
	s.LRWarmup *= ratio
	return method.Stretched(m, ratio), s
}

// Check returns an error that describes why the settings do not suit n images and a method, or nil.
func (s Settings) Check(m method.Method, n int) error {
	if err := method.CheckFields(m); err != nil {
		return err
	}
	switch {
	case s.Epochs < 1:
		return fmt.Errorf("epochs must be at least 1, got %d", s.Epochs)
	case s.Batch < 1:
		return fmt.Errorf("batch must be at least 1, got %d", s.Batch)
	case s.Split < 0:
		return fmt.Errorf("split must be at least 0, got %d", s.Split)
	case s.Parts(m) > min(s.Batch, n):
		return fmt.Errorf(
			"a batch of %d images cannot be split into m = %d parts; raise batch or lower m",
			min(s.Batch, n),
			s.Parts(m),
		)
	}
	if s.Augment != "" {
		if _, err := dataset.FindAugmentation(s.Augment); err != nil {
			return err
		}
	}
	return cmp.Or(s.checkRate(), s.CheckOptimizer(), method.Check(m))
}

// CheckOptimizer checks the settings that a single optimizer step needs: lr, momentum and weight_decay.
func (s Settings) CheckOptimizer() error {
	switch {
	case !positive(s.LR):
		return fmt.Errorf("lr must be greater than 0, and finite, got %g", s.LR)
	case s.Momentum != 0 && !positive(s.Momentum):
		return fmt.Errorf("momentum must be at least 0, and finite, got %g", s.Momentum)
	case s.WeightDecay != 0 && !positive(s.WeightDecay):
		return fmt.Errorf("weight_decay must be at least 0, and finite, got %g", s.WeightDecay)
	}
	return nil
}

// positive reports whether v is a finite number greater than 0.
func positive(v float64) bool { return v > 0 && !math.IsInf(v, 1) }

// Parts returns the number of optimizer steps per batch.
func (s Settings) Parts(m method.Method) int {
	if s.Split > 0 {
		return s.Split
	}
	return m.Traits().Splits
}

// span is one mini-batch: positions [from, to) in the epoch's order.
type span struct{ from, to int }

// spans splits an epoch of n images into loader batches, the last one short, and each batch of k images into split
// mini-batches of ⌊k/split⌋. Images beyond that are dropped, and so is a last batch smaller than split.
func (s Settings) spans(m method.Method, n int) []span {
	parts := s.Parts(m)
	var all []span
	for start := 0; start < n; start += s.Batch {
		size := min(s.Batch, n-start) / parts
		if size == 0 {
			continue
		}
		for i := range parts {
			all = append(all, span{start + i*size, start + (i+1)*size})
		}
	}
	return all
}
