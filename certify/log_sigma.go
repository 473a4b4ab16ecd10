package certify

import (
	"math"

	"smoothlab/smoothing"
)

// saturated is the number of rows with the same largest radius from which it is taken for that of images all of whose
// votes agree. In published logs of MNIST there are hundreds.
const saturated = 3

// LikelySigma returns a smaller usual sigma at which the rows' largest radius, which several of them have, is just what
// the plan can prove, and the number of these rows; 0 if there is none. A log that does not record its noise may have
// been read with too large a sigma, which no single radius contradicts. Without a plan the authors' is assumed.
func (c *Certificates) LikelySigma() (sigma float64, rows int) {
	given, plan := c.Sigma(), c.Plan
	if plan.N == 0 {
		plan = Fixed(100, 100_000, 0.001)
	}
	if _, fixed := plan.Procedure().(fixedProcedure); given == 0 || !c.Printed || !fixed {
		return 0, 0
	}
	largest := 0.0
	for _, row := range c.Rows {
		switch {
		case row.Radius > largest:
			largest, rows = row.Radius, 1
		case row.Radius == largest:
			rows++
		}
	}
	step := 0.001 // of three digits
	if largest >= 1 {
		step = 0.01
	}
	for _, usual := range []float64{0.12, 0.25, 0.5, 0.75} {
		proved := plan.Ceiling(smoothing.Gaussian{Sigma: usual})
		if rows >= saturated && usual < given && math.Abs(proved-largest) < step {
			return usual, rows
		}
	}
	return 0, 0
}
