package session

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"smoothlab/classifier"
	"smoothlab/method"
	"smoothlab/smoothing"
)

// gaussian returns Gaussian noise with a sigma given by the user. It returns an error if sigma is unlikely to be in
// pixel units.
func gaussian(sigma float64) (smoothing.Smoothing, error) {
	g := smoothing.Gaussian{Sigma: sigma}
	return g, smoothing.CheckUnits(g)
}

// noiseOf returns the noise of the arguments sigma= and noise=, of which a call has one. A noise is written as the
// method that trains with it: laplace(scale=0.5).
func noiseOf(function string, sigma float64, noise *methodValue) (smoothing.Smoothing, error) {
	switch {
	case noise == nil && sigma == 0:
		return nil, fmt.Errorf(
			"%s needs the noise: sigma=0.5 for Gaussian noise, or noise=laplace(scale=0.5)",
			function,
		)
	case noise == nil:
		return gaussian(sigma)
	case sigma != 0:
		return nil, errors.New(function + ": give the noise once, as sigma= or as noise=")
	}
	m := noise.now()
	if !slices.Contains(smoothing.Names(), m.Name()) {
		return nil, fmt.Errorf("%s: noise is one of %s, as in noise=laplace(scale=0.5); got %s", function,
			strings.Join(smoothing.Names(), ", "), formatCall(m))
	}
	s := method.Noise(m)
	return s, smoothing.CheckUnits(s)
}

// sigmaOrOther returns the sigma of Gaussian noise, or a description of other noise.
func sigmaOrOther(s smoothing.Smoothing) (sigma float64, other string) {
	if g, ok := s.(smoothing.Gaussian); ok {
		return g.Sigma, ""
	}
	return 0, smoothing.Describe(s)
}

// trainingNoise describes the noise that a classifier was trained with, "" if none.
func trainingNoise(f classifier.Facts) string {
	if f.Noise == "" && f.Sigma > 0 {
		return smoothing.Describe(smoothing.Gaussian{Sigma: f.Sigma})
	}
	return f.Noise
}
