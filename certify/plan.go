package certify

import "fmt"

// Plan is the authors' fixed plan: N0 votes choose a class, N fresh votes bound its probability from below. The radius
// of an image is wrong with probability at most Alpha.
type Plan struct {
	N0    int     `json:"n0"`
	N     int     `json:"n"`
	Alpha float64 `json:"alpha"`
}

// Check says what is wrong with the plan, in a sentence.
func (p Plan) Check() error {
	if p.N0 <= 0 {
		return fmt.Errorf("n0, the number of votes that choose a class, must be at least 1 (100 is usual); got %d", p.N0)
	}
	if p.N <= 0 {
		return fmt.Errorf("n, the number of votes for the bound, must be at least 1 (100000 is usual); got %d", p.N)
	}
	return checkAlpha(p.Alpha)
}

func checkAlpha(alpha float64) error {
	if !(alpha > 0 && alpha < 1) {
		return fmt.Errorf("alpha is the failure probability here, between 0 and 1 (0.001 is usual); got %v", alpha)
	}
	return nil
}

func checkSigma(sigma float64) error {
	if !(sigma > 0 && sigma <= maxSigma) {
		return fmt.Errorf("sigma, the standard deviation of the noise in pixel units of [0,1], must be above 0 (0.25, 0.5 and 1 are usual); got %v", sigma)
	}
	return nil
}

// maxSigma only keeps infinities out; pixels lie in [0,1].
const maxSigma = 1e6

// Ceiling is the largest radius the plan can prove: that of an image whose votes all agree.
func (p Plan) Ceiling(sigma float64) float64 {
	return max(0, Radius(sigma, LowerBound(p.N, p.N, p.Alpha)))
}

// votes is how many votes one image takes.
func (p Plan) votes() int { return p.N0 + p.N }
