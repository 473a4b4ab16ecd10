package smoothmix

import (
	"cmp"
	"fmt"

	"smoothlab/method"

	. "github.com/gomlx/gomlx/core/graph"
)

// SmoothMix is the paper's method (Jeong et al. 2021; code/train.py). It mixes adversarial points of the smoothed
// classifier into the images, and trains on the mixtures with softer labels.
type SmoothMix struct {
	Sigma   float64 `json:"sigma" help:"standard deviation of the noise, in [0,1] pixel units"`
	M       int     `json:"m" help:"noise samples per image; each batch is split into m optimizer steps"`
	Steps   int     `json:"steps" help:"T, steps of the adversarial search"`
	Alpha   float64 `json:"alpha" help:"length of a search step, L2, in pixel units"`
	Eta     float64 `json:"eta" help:"weight of the mixture's loss"`
	MixStep int     `json:"mix_step" help:"the near end of the mixture is the point before this search step: 0 the clean image, 1 the one-step adversary"`
	MaxNorm float64 `json:"maxnorm" help:"largest L2 distance of the search from the image; 0 means no limit" zero:"off"`
	Warmup  float64 `json:"warmup" help:"epochs over which eta and the near end's radius grow to their full size; 0 means no warm-up" unit:"epochs"`
}

// New returns the authors' settings for MNIST at sigma 0.5, eta 5 (docs/algorithms.md §10).
func New() *SmoothMix {
	return &SmoothMix{Sigma: 0.5, M: 4, Steps: 4, Alpha: 1, Eta: 5, Warmup: 10}
}

// Name returns the name in the list of methods.
func (*SmoothMix) Name() string { return "smoothmix" }

// Traits gives the paper's search step, and the warm-up of eta and of the near end's radius.
func (s *SmoothMix) Traits() method.Traits {
	return method.Traits{Noises: s.M, Splits: s.M, Advance: SearchStep,
		Ramp: func(epoch int) float64 { return method.Warmup(epoch, s.Warmup) }}
}

// Check returns an error that describes invalid settings, or nil.
func (s *SmoothMix) Check() error {
	err := cmp.Or(
		method.Above("smoothmix", "sigma", s.Sigma, 0),
		method.AtLeast("smoothmix", "m", float64(s.M), 1),
		method.AtLeast("smoothmix", "steps", float64(s.Steps), 1),
		method.Above("smoothmix", "alpha", s.Alpha, 0),
		method.AtLeast("smoothmix", "eta", s.Eta, 0),
		method.AtLeast("smoothmix", "mix_step", float64(s.MixStep), 0),
		method.AtLeast("smoothmix", "maxnorm", s.MaxNorm, 0),
		method.AtLeast("smoothmix", "warmup", s.Warmup, 0))
	if err == nil && s.MixStep >= s.Steps && s.MixStep > 0 {
		err = fmt.Errorf(
			"smoothmix: mix_step must be smaller than steps (%d) to have an effect, got %d",
			s.Steps,
			s.MixStep,
		)
	}
	return err
}

// Loss builds one optimizer step of code/train.py:158-198. The numbers refer to the lines of docs/algorithms.md §9.
func (s *SmoothMix) Loss(st *method.Step) method.Terms {
	far := st.Search(st.X)                      // 3-8
	near := NearPoint(st, st.X)                 // 5, 9
	logits := st.Logits(near)                   // 11
	p := st.Smoothed(logits)                    //
	lam := MulScalar(st.Uniform("lambda"), 0.5) // 12
	mixed, target := Mix(st, lam, near, far, p) // 13
	mixedLogits := st.Logits(mixed)             // 14
	return method.Terms{                        // 16
		{Name: "cross-entropy", Weight: 1, Value: method.CrossEntropy(logits, st.Y)},
		{Name: "KL", Weight: st.Warm("eta"), Value: MaskedKL(p, st.Y, target, mixedLogits)},
	}
}
