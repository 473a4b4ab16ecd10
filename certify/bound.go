package certify

import "math"

// tailMargin is the relative distance of the tail at a reported bound below alpha: ten times the rounding error of
// logUpperTail. It moves the bound of 99,000 in 100,000 votes by 1e-14.
const tailMargin = 1e-10

// LowerBound returns the one-sided Clopper–Pearson bound: the largest p for which count or more of n votes would still
// have probability at most alpha, so that the true probability is below it with probability at most alpha. It is the
// alpha-quantile of Beta(count, n-count+1), rounded down: never above the exact value, and below it by at most the
// margin above. It is 0 when count is 0 and alpha^(1/n) when count is n. It is NaN unless 0 <= count <= n and 0 < alpha
// < 1.
func LowerBound(count, n int, alpha float64) float64 {
	switch {
	case count < 0 || count > n || n < 1 || checkAlpha(alpha) != nil:
		return math.NaN()
	case count == 0:
		return 0
	case count == n:
		p := math.Pow(alpha*(1-tailMargin), 1/float64(n))
		return math.Nextafter(math.Nextafter(p, 0), 0)
	}
	target := math.Log(alpha) + math.Log1p(-tailMargin)
	p := solveTail(count, n, target)
	for step := ulp(p); p > 0 && logUpperTail(count, n, p) > target; step *= 2 {
		p -= step
	}
	return max(p, 0)
}

// solveTail finds p with logUpperTail(k, n, p) = target, within a few units in the last place, by Newton's method in
// log p kept inside a shrinking bracket. (gonum's Beta.Quantile is not used: it returns 0.947 for 99,990 of 100,000
// votes at alpha 1e-9, where 0.99956 is right.)
func solveTail(k, n int, target float64) float64 {
	lo, hi := 0.0, 1.0
	p := float64(k) / float64(n)
	for range 200 {
		if !(p > lo && p < hi) {
			p = lo + (hi-lo)/2
		}
		tail := logUpperTail(k, n, p)
		if tail > target {
			hi = p
		} else {
			lo = p
		}
		// d log P(X >= k)/d log p = k·P(X = k)/P(X >= k); for small p the tail is nearly a power of p.
		slope := float64(k) * math.Exp(logPMF(k, n, p)-tail)
		next := p * math.Exp((target-tail)/slope)
		if math.Abs(next-p) <= 2*ulp(p) || hi-lo <= 2*ulp(p) {
			break
		}
		p = next
	}
	return p
}

func ulp(x float64) float64 { return math.Nextafter(x, math.Inf(1)) - x }
