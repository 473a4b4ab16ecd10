package smoothing

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Gaussian is noise of independent normal values, which certifies radii in L2 (Cohen et al. 2019, theorem 1, with the
// runner-up at 1-p).
type Gaussian struct {
	Sigma float64 // standard deviation, in pixel units of [0,1]
}

// Name returns "gaussian".
func (Gaussian) Name() string { return "gaussian" }

// Norm returns "L2".
func (Gaussian) Norm() string { return "L2" }

// Parameters returns sigma.
func (g Gaussian) Parameters() []Parameter { return []Parameter{{"sigma", g.Sigma}} }

// Radius returns sigma·Φ⁻¹(p), rounded down.
func (g Gaussian) Radius(p float64) float64 {
	z := distuv.UnitNormal.Quantile(p)
	// Wichura's AS 241, which gonum uses, has a relative error of about 1e-16; 2^-50 is more than four times that.
	return g.Sigma * z * (1 - math.Copysign(0x1p-50, z))
}

// Probability returns Φ(radius/sigma), rounded up.
func (g Gaussian) Probability(radius float64) float64 {
	return roundUp(0.5*math.Erfc(-radius/g.Sigma/math.Sqrt2), radius, g.Radius)
}

// Check reports whether sigma is a positive number.
func (g Gaussian) Check() error {
	return checkScale(g.Sigma, "sigma, the standard deviation of the noise in pixel units of [0,1],")
}
