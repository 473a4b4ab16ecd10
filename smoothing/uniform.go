package smoothing

import "math"

// Uniform is noise of independent values that are uniform on [-scale, scale], which certifies radii in L1 (Yang et al.
// 2020, "Randomized smoothing of all shapes and sizes"; two cubes whose centers differ by δ share at least
// 1 - |δ|₁/(2·scale) of their volume).
type Uniform struct {
	Scale float64 // largest absolute value, in pixel units of [0,1]
}

// Name returns "uniform".
func (Uniform) Name() string { return "uniform" }

// Norm returns "L1".
func (Uniform) Norm() string { return "L1" }

// Parameters returns the scale.
func (u Uniform) Parameters() []Parameter { return []Parameter{{"scale", u.Scale}} }

// Radius returns 2·scale·(p-½), rounded down. It is at most the scale.
func (u Uniform) Radius(p float64) float64 {
	half := p - 0.5 // exact from p = ¼ up
	r := 2 * u.Scale * half
	if math.FMA(2*u.Scale, half, -r) < 0 { // the product was rounded up
		r = math.Nextafter(r, math.Inf(-1))
	}
	return r
}

// Probability returns ½ + radius/(2·scale), rounded up; +Inf for a radius above the scale.
func (u Uniform) Probability(radius float64) float64 {
	if radius > u.Radius(1) {
		return math.Inf(1)
	}
	return roundUp(min(1, 0.5+radius/(2*u.Scale)), radius, u.Radius)
}

// Check reports whether the scale is a positive number.
func (u Uniform) Check() error {
	return checkScale(u.Scale, "scale, the largest absolute value of the noise in pixel units of [0,1],")
}
