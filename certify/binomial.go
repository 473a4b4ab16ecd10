package certify

import (
	"math"
	"math/big"
)

// logUpperTail returns log P(X >= k) for X ~ Binomial(n, p), 1 <= k <= n, 0 < p < 1. Its error is below 1e-11 up to n =
// 1e9 (TestTailIsExact): only positive terms are added, starting at the term nearest the mean.
func logUpperTail(k, n int, p float64) float64 {
	odds := p / (1 - p)
	if float64(k) >= float64(n)*p {
		sum, term := 1.0, 1.0
		for j := k; j < n && term > sum*1e-18; j++ {
			term *= float64(n-j) / float64(j+1) * odds
			sum += term
		}
		return logPMF(k, n, p) + math.Log(sum)
	}
	sum, term := 1.0, 1.0
	for j := k - 1; j > 0 && term > sum*1e-18; j-- {
		term *= float64(j) / (float64(n-j+1) * odds)
		sum += term
	}
	return math.Log1p(-math.Exp(logPMF(k-1, n, p)) * sum)
}

// logPMF returns log P(X = k), by the saddle-point form of C. Loader, "Fast and accurate computation of binomial
// probabilities" (2000): Stirling remainders and two deviances, each small, in place of large logarithms that cancel.
func logPMF(k, n int, p float64) float64 {
	x, y, N := float64(k), float64(n-k), float64(n)
	switch k {
	case 0:
		return N * math.Log1p(-p)
	case n:
		return N * math.Log(p)
	}
	above := -math.FMA(N, p, -x) // k - n·p, rounded once; both deviances depend on it
	return stirlingRemainder(N) - stirlingRemainder(x) - stirlingRemainder(y) -
		deviance(x, N*p, above) - deviance(y, N*(1-p), -above) +
		0.5*(math.Log(N/(2*math.Pi*x))-math.Log(y))
}

// deviance returns x·log(x/mean) + mean - x, given diff = x - mean.
func deviance(x, mean, diff float64) float64 {
	if math.Abs(diff) > 0.1*(x+mean) {
		return x*math.Log(x/mean) - diff
	}
	v := diff / (x + mean)
	sum, power := diff*v, 2*x*v
	for j := 3.0; ; j += 2 {
		power *= v * v
		next := sum + power/j
		if next == sum {
			return sum
		}
		sum = next
	}
}

// stirlingRemainder returns log(n!) - log(√(2πn)·(n/e)^n).
func stirlingRemainder(n float64) float64 {
	if n < 16 {
		f := 1.0
		for i := 2.0; i <= n; i++ {
			f *= i
		}
		return math.Log(f) - 0.5*math.Log(2*math.Pi*n) - n*math.Log(n) + n
	}
	r := 1 / (n * n)
	return (1./12 - r*(1./360-r*(1./1260-r*(1./1680-r/1188)))) / n
}

// signTest returns the p-value of the two-sided exact binomial test of k successes in n against probability ½, k >=
// n-k.
func signTest(k, n int) float64 {
	return min(1, 2*math.Exp(logUpperTail(k, n, 0.5)))
}

// exactTestSize is the largest number of trials for which a p-value too near to alpha is compared exactly (about 1 ms).
const exactTestSize = 4096

// signTestRejects reports whether the p-value of signTest is at most alpha. It never returns true for a p-value above
// alpha: where floating point cannot decide, it compares exactly, or with many trials returns false.
func signTestRejects(k, n int, alpha float64) bool {
	p := signTest(k, n)
	switch margin := alpha * tailMargin; {
	case p < alpha-margin:
		return true
	case p > alpha+margin || n > exactTestSize:
		return false
	}
	// 2·Σ C(n,i) <= alpha·2^n, i from k to n; the p-value is 1 if that is more than 2^n.
	sum, term := new(big.Int), new(big.Int).Binomial(int64(n), int64(k))
	for i := k; i <= n; i++ {
		sum.Add(sum, term)
		term.Mul(term, big.NewInt(int64(n-i)))
		term.Quo(term, big.NewInt(int64(i+1)))
	}
	tail := new(big.Float).SetInt(sum)
	tail.SetMantExp(tail, 1-n)
	return tail.Cmp(big.NewFloat(alpha)) <= 0
}
