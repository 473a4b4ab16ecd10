package baseline

import "smoothlab/method"

// Gaussian is training with noise (Cohen et al. 2019): mean cross-entropy of the noisy images, one noise sample each.
type Gaussian struct {
	Sigma float64 `json:"sigma" help:"standard deviation of the noise, in [0,1] pixel units"`
}

// NewGaussian returns the authors' sigma of the middle MNIST rows.
func NewGaussian() *Gaussian { return &Gaussian{Sigma: 0.5} }

// Name returns the name in the list of methods.
func (*Gaussian) Name() string { return "gaussian" }

// Check returns an error that describes invalid settings, or nil.
func (g *Gaussian) Check() error { return method.Above("gaussian", "sigma", g.Sigma, 0) }

// Traits gives one noise sample per image.
func (*Gaussian) Traits() method.Traits { return method.Traits{Noises: 1, Splits: 1} }

// Loss builds code/train_cohen.py:83-118.
func (*Gaussian) Loss(st *method.Step) method.Terms {
	return method.Terms{{Name: "cross-entropy", Weight: 1, Value: method.CrossEntropy(st.Logits(st.X), st.Y)}}
}
