package baseline

import (
	"cmp"

	"smoothlab/method"

	. "github.com/gomlx/gomlx/core/graph"
)

// Stability is stability training (Li et al. 2019; code/train_stab.py): cross-entropy of the clean images, and a
// cross-entropy that pulls the prediction on the noisy image to that on the clean one. As in the authors' code, the
// label is never compared with a noisy image, and gradients flow through both predictions.
type Stability struct {
	Sigma float64 `json:"sigma" help:"standard deviation of the noise, in [0,1] pixel units"`
	Lbd   float64 `json:"lbd" help:"weight of the stability term"`
}

// NewStability returns the authors' settings for MNIST at sigma 0.5.
func NewStability() *Stability { return &Stability{Sigma: 0.5, Lbd: 2} }

// Name returns the name in the list of methods.
func (*Stability) Name() string { return "stability" }

// Traits gives one noise sample per image.
func (*Stability) Traits() method.Traits { return method.Traits{Noises: 1, Splits: 1} }

// Check returns an error that describes invalid settings, or nil.
func (s *Stability) Check() error {
	return cmp.Or(method.Above("stability", "sigma", s.Sigma, 0), method.AtLeast("stability", "lbd", s.Lbd, 0))
}

// Loss builds code/train_stab.py:64-74, 116-142: the clean batch first, then the noisy one.
func (*Stability) Loss(st *method.Step) method.Terms {
	clean := st.Clean(st.X)
	noisy := st.Logits(st.X)
	return method.Terms{
		{Name: "cross-entropy", Weight: 1, Value: method.CrossEntropy(clean, st.Y)},
		{Name: "stability", Weight: st.Scalar("lbd"),
			Value: Neg(ReduceAllMean(ReduceSum(Mul(Softmax(clean), LogSoftmax(noisy)), -1)))},
	}
}
