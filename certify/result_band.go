package certify

import (
	"errors"
	"math"

	"smoothlab/internal/suggest"
)

// Band is a kind of confidence band around a curve of shares of images. It covers the choice of the images, and not
// that a certificate may be wrong with probability alpha.
type Band string

// Bands.
const (
	NoBand Band = ""
	// Pointwise holds at each point of the curve, but not at all of them together: exact intervals of Clopper and
	// Pearson 1934.
	Pointwise Band = "pointwise"
	// Whole holds at all points together: the inequality of Dvoretzky, Kiefer and Wolfowitz with the constant of
	// Massart 1990.
	Whole Band = "whole"
)

// Bands lists the kinds of bands.
func Bands() []string { return []string{string(Pointwise), string(Whole)} }

// ParseBand returns the band of a name; "" is none.
func ParseBand(name string) (Band, error) {
	switch b := Band(name); b {
	case NoBand, Pointwise, Whole:
		return b, nil
	}
	return NoBand, errors.New(suggest.Sentence("band", name, Bands()))
}

// String describes the band for a caption.
func (b Band) String() string {
	switch b {
	case Pointwise:
		return "bands: exact 95% intervals, each for its place alone, of the share among all images like these"
	case Whole:
		return "bands: 95% for the whole curve at once (Dvoretzky–Kiefer–Wolfowitz), of the share among all images like these"
	}
	return ""
}

// bandLevel is the confidence level of bands.
const bandLevel = 0.95

// band returns the ends of a band around shares of rows; nil if there is none.
func (c *Certificates) band(b Band, shares []float64) (low, high []float64, err error) {
	if b == NoBand {
		return nil, nil, nil
	}
	if c.ReexpressedFrom > 0 {
		return nil, nil, errors.New("re-expressed certificates are estimates, not counts, so they have no band")
	}
	n := len(c.Rows)
	tail := 1 - bandLevel
	reach := math.Sqrt(math.Log(2/tail) / float64(2*n))
	type ends struct{ low, high float64 }
	known := map[int]ends{} // by count, because a curve has two corners for each
	for _, share := range shares {
		k := int(math.Round(share * float64(n)))
		e, ok := known[k]
		if !ok {
			e = ends{max(0, share-reach), min(1, share+reach)}
			if b == Pointwise {
				e = ends{LowerBound(k, n, tail/2), 1 - LowerBound(n-k, n, tail/2)}
			}
			known[k] = e
		}
		low, high = append(low, e.low), append(high, e.high)
	}
	return low, high, nil
}
