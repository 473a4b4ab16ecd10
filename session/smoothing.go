package session

import "smoothlab/smoothing"

// gaussian returns Gaussian noise with a sigma given by the user. It returns an error if sigma is unlikely to be in
// pixel units.
func gaussian(sigma float64) (smoothing.Smoothing, error) {
	g := smoothing.Gaussian{Sigma: sigma}
	return g, smoothing.CheckUnits(g)
}
