package noise

import "math/big"

// precision of the arithmetic below, in bits.
const precision = 256

// pi to 100 decimals.
const pi = "3.1415926535897932384626433832795028841971693993751058209749445923078164062862089986280348253421170679"

// roundedNormal returns the probabilities that a normal value of standard deviation 255·sigma rounds to -most … most.
//
// Each is the difference of two values of Φ, below 1 and made of fewer than 2^10 operations from factors that fewer
// than 2^32 went into, each rounded to 2⁻²⁵⁶ of its size: errors stay below 2⁻²⁰⁰ and their sum over a table below
// 2⁻¹⁸⁰.
func roundedNormal(sigma float64, most int) []*big.Float {
	s := newBig().Mul(big.NewFloat(sigma), big.NewFloat(Levels))
	phi := halvesUp(s, most)
	p := make([]*big.Float, 2*most+1)
	p[most] = newBig().Mul(phi[0], big.NewFloat(2))
	for k := 1; k <= most; k++ {
		p[most+k] = newBig().Sub(phi[k], phi[k-1])
		p[most-k] = p[most+k]
	}
	return p
}

// halvesUp returns Φ((k+½)/s) − ½ for k = 0 … most, by φ(x)·(x + x³/3 + x⁵/(3·5) + …) (Abramowitz and Stegun 26.2.11),
// whose terms are all positive.
func halvesUp(s *big.Float, most int) []*big.Float {
	square := newBig().Mul(s, s)
	one := newBig().Quo(big.NewFloat(1), square)
	// exp(−(k+½)²/(2s²)): from one k to the next it shrinks by a factor that itself shrinks by exp(−1/s²).
	shrink := expMinus(one)
	factor := newBig().Set(shrink)
	density := expMinus(newBig().Quo(one, big.NewFloat(8)))
	root := newBig().Sqrt(newBig().Mul(bigPi(), big.NewFloat(2)))
	values := make([]*big.Float, most+1)
	for k := range values {
		x := newBig().Quo(big.NewFloat(float64(k)+0.5), s)
		v := oddSeries(x)
		values[k] = v.Quo(v.Mul(v, density), root)
		density.Mul(density, factor)
		factor.Mul(factor, shrink)
	}
	return values
}

// oddSeries returns x + x³/3 + x⁵/(3·5) + …
func oddSeries(x *big.Float) *big.Float {
	square, term, sum := newBig().Mul(x, x), newBig().Set(x), newBig().Set(x)
	for n := int64(3); ; n += 2 {
		term.Quo(term.Mul(term, square), newBig().SetInt64(n))
		if term.MantExp(nil) < sum.MantExp(nil)-precision {
			return sum
		}
		sum.Add(sum, term)
	}
}

// expMinus returns exp(−y) for y >= 0: the reciprocal of a series of positive terms, taken at y/2⁸ and squared eight
// times.
func expMinus(y *big.Float) *big.Float {
	const halvings = 8
	y = newBig().SetMantExp(y, -halvings)
	term, sum := newBig().SetInt64(1), newBig().SetInt64(1)
	for n := int64(1); term.Sign() > 0 && term.MantExp(nil) >= sum.MantExp(nil)-precision; n++ {
		term.Quo(term.Mul(term, y), newBig().SetInt64(n))
		sum.Add(sum, term)
	}
	for range halvings {
		sum.Mul(sum, sum)
	}
	return sum.Quo(newBig().SetInt64(1), sum)
}

func bigPi() *big.Float {
	f, _, err := big.ParseFloat(pi, 10, precision, big.ToNearestEven)
	if err != nil {
		panic(err) // a constant
	}
	return f
}

func newBig() *big.Float { return new(big.Float).SetPrec(precision) }
