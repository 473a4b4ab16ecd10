package smoothing

import (
	"fmt"
	"math"
	"strconv"
)

// Smoothing is a noise distribution and the certificate that holds under it. Implementations are comparable.
type Smoothing interface {
	// Name returns the name of the noise, such as "gaussian".
	Name() string
	// Norm returns the norm that radii are measured in, such as "L2".
	Norm() string
	// Radius returns the certified radius of a class whose probability under the noise is at least p, in pixel units of
	// [0,1] and rounded down. It is negative for p below ½, and increases with p.
	Radius(p float64) float64
	// Probability returns the least probability that certifies a radius, rounded up: Radius(Probability(r)) >= r. It is
	// +Inf for a radius that no probability certifies.
	Probability(radius float64) float64
	// Parameters returns the parameters of the noise, in pixel units of [0,1]. The first multiplies the standard noise
	// of that name; so far there are no others.
	Parameters() []Parameter
	// Check reports whether the parameters make a noise distribution.
	Check() error
}

// Parameter is a parameter of a noise distribution.
type Parameter struct {
	Name  string
	Value float64
}

// Describe formats a smoothing: "sigma 0.5" for Gaussian noise, the default; "laplace scale 0.5" for others; "" for
// nil.
func Describe(s Smoothing) string {
	if s == nil {
		return ""
	}
	text := s.Name()
	if _, usual := s.(Gaussian); usual {
		text = ""
	}
	for _, p := range s.Parameters() {
		if text != "" {
			text += " "
		}
		text += p.Name + " " + strconv.FormatFloat(p.Value, 'g', -1, 64)
	}
	return text
}

// maxScale is the largest parameter that is plausible in pixel units of [0,1].
const maxScale = 10

// CheckUnits returns an error if [Smoothing.Check] does, or if a parameter is implausibly large for pixel units of
// [0,1]. The error shows how to convert from units of 0 to 255.
func CheckUnits(s Smoothing) error {
	if err := s.Check(); err != nil {
		return err
	}
	for _, p := range s.Parameters() {
		if p.Value > maxScale {
			return fmt.Errorf(
				"%s %v is more than %v times the range of a pixel, which is from 0 to 1; if it is in levels of 0 to 255, "+
					"write %v/255 (%.3g)",
				p.Name,
				p.Value,
				maxScale,
				p.Value,
				p.Value/255,
			)
		}
	}
	return nil
}

// Scale returns the number by which standard noise is multiplied: the first parameter.
func Scale(s Smoothing) float64 { return s.Parameters()[0].Value }

// Step returns a spacing of radii that shows the shape of certified accuracy under a noise: the scale, or a quarter of
// the largest radius where that is less.
func Step(s Smoothing) float64 { return min(Scale(s), s.Radius(1)/4) }

// largestScale only keeps infinities out; see [CheckUnits] for what is usual.
const largestScale = 1e6

// checkScale reports whether x can scale noise; what names it in the error.
func checkScale(x float64, what string) error {
	if x > largestScale {
		return fmt.Errorf("%s must be at most %g (0.25, 0.5 and 1 are usual); got %v", what, largestScale, x)
	}
	if !(x > 0) {
		return fmt.Errorf("%s must be above 0 (0.25, 0.5 and 1 are usual); got %v", what, x)
	}
	return nil
}

// roundUp increases p, which is Probability(radius) up to rounding, until its radius is at least that. 1 is always
// enough.
func roundUp(p, radius float64, radiusOf func(p float64) float64) float64 {
	for step := 0x1p-54; p < 1 && !(radiusOf(p) >= radius); step *= 2 {
		p = min(1, math.Max(math.Nextafter(p, 1), p+p*step))
	}
	return p
}
