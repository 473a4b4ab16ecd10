package smoothing

import "math"

// Laplace is noise of independent values with density exp(-|x|/scale)/(2·scale), which certifies radii in L1 (Lécuyer
// et al. 2019; Teng et al. 2020, theorem 1, with the runner-up at 1-p).
type Laplace struct {
	Scale float64 // mean absolute value, in pixel units of [0,1]
}

// Name returns "laplace".
func (Laplace) Name() string { return "laplace" }

// Norm returns "L1".
func (Laplace) Norm() string { return "L1" }

// Parameters returns the scale.
func (l Laplace) Parameters() []Parameter { return []Parameter{{"scale", l.Scale}} }

// Radius returns -scale·log(2(1-p)), rounded down.
func (l Laplace) Radius(p float64) float64 {
	z := 0 - math.Log1p(1-2*p) // 1-2p is exact from p = ¼ up, and 0 is not -0
	return l.Scale * z * (1 - math.Copysign(0x1p-50, z))
}

// Probability returns 1 - exp(-radius/scale)/2, rounded up.
func (l Laplace) Probability(radius float64) float64 {
	return roundUp(0.5-0.5*math.Expm1(-radius/l.Scale), radius, l.Radius)
}

// Check reports whether the scale is a positive number.
func (l Laplace) Check() error {
	return checkScale(l.Scale, "scale, the mean absolute value of the noise in pixel units of [0,1],")
}
