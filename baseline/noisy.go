package baseline

import (
	"smoothlab/method"
	"smoothlab/smoothing"
)

// Noisy is training with noise other than Gaussian: as [Gaussian], mean cross-entropy of the noisy images, one noise
// sample each (Lécuyer et al. 2019; Yang et al. 2020). It has the name of its noise in package smoothing.
type Noisy struct {
	name  string
	Scale float64 `json:"scale" help:"scale of the noise, in [0,1] pixel units: the mean absolute value of Laplace noise, the largest of uniform noise"`
}

// NewNoisy returns training with the noise of that name in package smoothing, whose one parameter is scale.
func NewNoisy(name string) *Noisy { return &Noisy{name: name, Scale: 0.5} }

// Name returns the name of the noise, which is the name in the list of methods.
func (n *Noisy) Name() string { return n.name }

// Check reports settings with which there is no noise, in a sentence.
func (n *Noisy) Check() error {
	if err := method.Above(n.name, "scale", n.Scale, 0); err != nil {
		return err
	}
	_, err := n.find()
	return err
}

// Noise returns the noise, nil if there is none of that name.
func (n *Noisy) Noise() smoothing.Smoothing {
	s, _ := n.find()
	return s
}

func (n *Noisy) find() (smoothing.Smoothing, error) {
	return smoothing.Find(n.name, map[string]float64{"scale": n.Scale})
}

// Traits are one noise sample per image.
func (*Noisy) Traits() method.Traits { return method.Traits{Noises: 1, Splits: 1} }

// Loss is the cross-entropy of the noisy images.
func (*Noisy) Loss(st *method.Step) method.Terms {
	return method.Terms{{Name: "cross-entropy", Weight: 1, Value: method.CrossEntropy(st.Logits(st.X), st.Y)}}
}
