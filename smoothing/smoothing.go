package smoothing

import (
	"fmt"
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
	// Probability returns the least probability that certifies a radius, rounded up: Radius(Probability(r)) >= r.
	Probability(radius float64) float64
	// Parameters returns the parameters of the noise, in pixel units of [0,1].
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
