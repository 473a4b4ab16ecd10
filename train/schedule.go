package train

import (
	"cmp"
	"fmt"
	"math"

	"smoothlab/dataset"
	"smoothlab/method"
)

// Settings hold everything that defines a training, except the method and the data. The zero value is not usable: start
// from [DefaultSettings].
type Settings struct {
	Epochs   int     `json:"epochs"`
	Batch    int     `json:"batch"`     // images per loader batch, before it is split
	Split    int     `json:"split"`     // optimizer steps per batch; 0 means the method's m
	Schedule string  `json:"schedule"`  // name of the learning-rate schedule ([Schedules]); empty means the authors' steps
	LR       float64 `json:"lr"`        // largest learning rate
	LRWarmup float64 `json:"lr_warmup"` // epochs during which the rate rises to LR
	LRPeriod float64 `json:"lr_period"` // epochs between drops
	Gamma    float64 `json:"gamma"`     // factor of the rate at a drop
	// Rates holds the rate of each epoch, with the schedule "table"; LR is the largest of them. See [Settings.WithRates].
	Rates       []float64 `json:"rates,omitempty"`
	Optimizer   string    `json:"optimizer"`    // name of the optimizer ([Optimizers]); empty means sgd
	Momentum    float64   `json:"momentum"`     // of sgd
	Beta1       float64   `json:"beta1"`        // of adam and adamw: decay of the mean of gradients
	Beta2       float64   `json:"beta2"`        // of adam and adamw: decay of the mean of squared gradients
	Epsilon     float64   `json:"epsilon"`      // of adam and adamw: added to the root of the latter
	WeightDecay float64   `json:"weight_decay"` // applies to every parameter, biases too
	Clip        float64   `json:"clip"`         // largest norm of the gradient over all parameters; 0 means no bound
	// EMA is the decay of an exponential moving average of the weights; 0 means none. With it, the average is what a
	// run tests, returns and saves as its classifier; the weights that it averages are saved next to it.
	EMA     float64 `json:"ema"`
	Augment string  `json:"augment"` // name of an augmentation ([dataset.Augmentations]); empty means none
	Seed    uint64  `json:"seed"`    // seed of order, noise, lambda and augmentation
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
		Beta1:       0.9,
		Beta2:       0.999,
		Epsilon:     1e-8,
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
	if optimizer := s.OptimizerText(); optimizer != "" {
		text += ", " + optimizer
	}
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
	s.Rates = stretched(s.Rates, epochs)
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
	return cmp.Or(s.checkRate(), s.CheckOptimizer(), method.Check(m), s.checkSampling(m))
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
