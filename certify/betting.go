package certify

import "math"

// BettingBound is the lower end of the betting confidence sequence of Voráček (NeurIPS 2024) for a probability, after n
// votes. Against each value p a gambler bets on the votes one by one, with the forecasts of Krichevsky and Trofimov,
// (hits + ½)/(votes + 1). A value is rejected once its gambler has 1/alpha times the stake. The true value is rejected
// at any time with probability at most alpha (Ville's inequality), so the bound may be read after each vote, without
// rungs or weights. It depends on the counts only.
//
// It checks the bounds of a [Ladder] by other mathematics, and proves somewhat less from the same votes. It is NaN
// where [LowerBound] is.
func BettingBound(count, n int, alpha float64) float64 {
	if count < 0 || count > n || n < 1 || checkAlpha(alpha) != nil {
		return math.NaN()
	}
	low, high := 0.0, float64(count)/float64(n) // low is rejected, or 0; high is not
	for range 200 {
		mid := low + (high-low)/2
		if !(mid > low && mid < high) {
			break
		}
		if logWealth(count, n, mid) >= -math.Log(alpha)+bettingMargin(n) {
			low = mid
		} else {
			high = mid
		}
	}
	return low
}

// logWealth returns the logarithm of what a stake of 1 against the probability p has become. With forecasts q each vote
// multiplies the stake by q/p or (1-q)/(1-p). The product of the forecasts of Krichevsky and Trofimov does not depend
// on the order of the votes: B(count+½, n-count+½)/B(½, ½).
func logWealth(count, n int, p float64) float64 {
	hits, misses := float64(count), float64(n-count)
	forecasts := logGamma(hits+0.5) + logGamma(misses+0.5) - logGamma(float64(n)+1) - math.Log(math.Pi)
	return forecasts - hits*math.Log(p) - misses*math.Log1p(-p)
}

// bettingMargin returns a bound on the rounding error of logWealth.
func bettingMargin(n int) float64 { return 1e-14 * float64(n) * (1 + math.Log(float64(n))) }

func logGamma(x float64) float64 {
	y, _ := math.Lgamma(x)
	return y
}

// CrossCheck counts images by what the betting confidence sequence proves from a ladder's votes: the same radius of the
// grid, a smaller one, or a larger one.
type CrossCheck struct {
	Same    int `json:"same"`
	Smaller int `json:"smaller"`
	Larger  int `json:"larger"`
}

// CrossCheck compares the rows of a ladder with the betting confidence sequence ([BettingBound], looked at on the same
// rungs). Neither need prove what the other does. A ladder stops as soon as it can, so it often proves a radius with
// too few votes for betting. If betting proved much more, that would be the sign of an error. CrossCheck returns nil
// for other plans.
func (c *Certificates) CrossCheck() *CrossCheck {
	ladder, found := c.Plan.Procedure().(*Ladder)
	if !found {
		return nil
	}
	check := &CrossCheck{}
	for _, row := range c.Rows {
		climbed, betting := c.reached(row), c.bettingReaches(ladder, row)
		switch {
		case betting == climbed:
			check.Same++
		case betting < climbed:
			check.Smaller++
		default:
			check.Larger++
		}
	}
	return check
}

// reached returns the number of radii of the grid that a row proves.
func (c *Certificates) reached(row Row) int {
	n := 0
	for _, r := range c.Plan.Procedure().Grid() {
		if row.Predicted != Abstain && r <= row.Radius {
			n++
		}
	}
	return n
}

// bettingReaches returns the number of radii of the grid that the betting confidence sequence proves.
func (c *Certificates) bettingReaches(l *Ladder, row Row) int {
	if row.Rungs == "" {
		return 0
	}
	on, err := readCounts(row.Rungs)
	if err != nil {
		return 0
	}
	best, n := 0.0, 0
	for k, count := range on {
		best = max(best, BettingBound(count, l.Rungs[k], c.Plan.Alpha))
	}
	for _, r := range l.Radii {
		if proves(best, c.Smoothing, r) {
			n++
		}
	}
	return n
}
