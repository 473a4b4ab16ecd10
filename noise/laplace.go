package noise

import "math"

// Laplace returns the standard Laplace value, of density exp(-|x|)/2, that a Philox word draws: its lowest bit is the
// sign, the others the rank u in (0, 1] of the absolute value, -ln u, which is at most 21.5. Package noise/draw
// computes the same in float32.
func Laplace(word uint32) float64 {
	x := -math.Log((float64(word>>1) + 1) / (1 << 31))
	if word&1 != 0 {
		return -x
	}
	return x
}
