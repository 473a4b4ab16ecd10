package method

import "smoothlab/smoothing"

// Noised is a method that trains with the noise that it returns, and not with Gaussian noise of its setting sigma.
type Noised interface {
	Noise() smoothing.Smoothing
}

// Noise returns the noise that a method trains with.
func Noise(m Method) smoothing.Smoothing {
	if n, ok := m.(Noised); ok {
		return n.Noise()
	}
	sigma, _ := Setting(m, "sigma")
	return smoothing.Gaussian{Sigma: sigma}
}
