package smoothmix

// Gaussian is training with noise (Cohen et al. 2019): mean cross-entropy of the noisy images, one noise each.
type Gaussian struct {
	Sigma float64 `json:"sigma" help:"standard deviation of the noise, in [0,1] pixel units"`
}

// NewGaussian has the authors' default sigma of the middle MNIST rows.
func NewGaussian() *Gaussian { return &Gaussian{Sigma: 0.5} }

func (*Gaussian) Name() string { return "gaussian" }

func (g *Gaussian) Check() error { return checkRange("gaussian", "sigma", g.Sigma, 0, true) }

func (*Gaussian) Noises() int { return 1 }

// Loss is code/train_cohen.py:83-118.
func (*Gaussian) Loss(st *Step) Terms {
	return Terms{{"cross-entropy", 1, CrossEntropy(st.Logits(st.X), st.Y)}}
}
