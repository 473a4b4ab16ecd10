package certify

import (
	"math"
	"math/big"
)

// Exact arithmetic for the tests: 256-bit floats, so that every value below is good to some 70 digits.
const exactBits = 256

func exact(x float64) *big.Float { return new(big.Float).SetPrec(exactBits).SetFloat64(x) }

func exactPower(x *big.Float, n int) *big.Float {
	result, square := exact(1), new(big.Float).Copy(x)
	for ; n > 0; n >>= 1 {
		if n&1 == 1 {
			result.Mul(result, square)
		}
		square.Mul(square, square)
	}
	return result
}

// exactBinomials keeps binomial coefficients of large arguments, which take a while.
var exactBinomials = map[[2]int]*big.Float{}

func exactBinomial(n, k int) *big.Float {
	if c := exactBinomials[[2]int{n, k}]; c != nil {
		return c
	}
	over, under := exact(1), exact(1)
	for i := range k {
		over.Mul(over, exact(float64(n-i)))
		under.Mul(under, exact(float64(i+1)))
	}
	c := over.Quo(over, under)
	exactBinomials[[2]int{n, k}] = c
	return c
}

// exactTail is P(X >= k), X ~ Binomial(n, p), summed term by term.
func exactTail(k, n int, p float64) *big.Float {
	P := exact(p)
	Q := new(big.Float).Sub(exact(1), P)
	term := exactPower(P, k)
	term.Mul(term, exactPower(Q, n-k))
	term.Mul(term, exactBinomial(n, min(k, n-k)))
	odds := new(big.Float).Quo(P, Q)
	sum, next := new(big.Float).Copy(term), exact(0)
	for j := k; j < n && (float64(j) < float64(n)*p || term.MantExp(nil) > sum.MantExp(nil)-200); j++ {
		next.SetInt64(int64(n - j))
		term.Mul(term, next)
		next.SetInt64(int64(j + 1))
		term.Quo(term, next)
		term.Mul(term, odds)
		sum.Add(sum, term)
	}
	return sum
}

// exactPhi is the standard normal distribution function at z >= 0: ½ + φ(z)·(z + z³/3 + z⁵/(3·5) + …).
func exactPhi(z float64) *big.Float {
	Z := exact(z)
	square := new(big.Float).Mul(Z, Z)
	term, sum := new(big.Float).Copy(Z), new(big.Float).Copy(Z)
	for i := 3.0; i < 2000; i += 2 {
		term.Mul(term, square)
		term.Quo(term, exact(i))
		sum.Add(sum, term)
	}
	half := new(big.Float).Quo(square, exact(2))
	sum.Quo(sum, exactExp(half))
	twoPi, _ := new(
		big.Float,
	).SetPrec(exactBits).
		SetString("6.283185307179586476925286766559005768394338798750211641949889184615632812572417997256069650684234")
	sum.Quo(sum, twoPi.Sqrt(twoPi))
	return sum.Add(sum, exact(0.5))
}

// exactExp is e^x for 0 <= x <= 100.
func exactExp(x *big.Float) *big.Float {
	const halvings = 20
	small := new(big.Float).Quo(x, exact(1<<halvings))
	term, sum := exact(1), exact(1)
	for i := 1.0; i < 40; i++ {
		term.Mul(term, small)
		term.Quo(term, exact(i))
		sum.Add(sum, term)
	}
	return exactPower(sum, 1<<halvings)
}

// relativeTo gives x/y - 1.
func relativeTo(x *big.Float, y float64) float64 {
	r := new(big.Float).Quo(x, exact(y))
	f, _ := r.Sub(r, exact(1)).Float64()
	return f
}

// relativeToExp gives x/e^y - 1 for y in [-100, 0].
func relativeToExp(x *big.Float, y float64) float64 {
	r := new(big.Float).Mul(x, exactExp(exact(math.Abs(y))))
	f, _ := r.Sub(r, exact(1)).Float64()
	return f
}
