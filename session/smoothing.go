package session

import "smoothlab/smoothing"

// gaussian returns the noise of a sigma that was typed. The error asks back where it is hardly in pixel units.
func gaussian(sigma float64) (smoothing.Smoothing, error) {
	g := smoothing.Gaussian{Sigma: sigma}
	return g, smoothing.CheckUnits(g)
}
