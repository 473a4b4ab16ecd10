package noise

import (
	"fmt"
	"math"
	"math/big"
	"math/bits"
)

// Levels is the number of steps of a pixel from 0 to 1: images are on the grid of multiples of 1/255.
const Levels = 255

// Grid is Gaussian noise rounded to the grid of 8-bit pixels: the whole number nearest to z·255·sigma, z standard
// normal. It is drawn with integer arithmetic only, one 64-bit word per value, and its distance from the ideal is
// known.
//
// The words are turned into values by Walker's alias method (1977): the upper bits of a word choose one of 2^Bits
// slots, and its lower ones, compared with the slot's threshold, decide between the slot's own value and another.
type Grid struct {
	Sigma float64
	Bits  int      // number of bits of a word that choose the slot
	Table []uint64 // threshold·2^Bits + alias, one per slot; a slot with a single value is its own alias
	Least int      // the value of slot 0; slot i has Least + i

	distance *big.Float // total variation of one value
}

// maxGrid is the sigma whose table has 2^16 slots, half a megabyte.
const maxGrid = 13.8

// NewGrid returns the table for noise of standard deviation sigma, in [0,1] pixel units. It takes about 0.1 s for sigma
// 1.
func NewGrid(sigma float64) (*Grid, error) {
	if !(sigma >= 1./Levels && sigma <= maxGrid) {
		return nil, fmt.Errorf(
			"noise on the pixel grid needs sigma from 1/255, below which hardly any pixel changes, to %v; got %g",
			maxGrid,
			sigma,
		)
	}
	// Beyond this the normal distribution has less than 2⁻⁶⁵.
	most := int(math.Ceil(9.25*Levels*sigma)) + 1
	g := &Grid{Sigma: sigma, Bits: bits.Len(uint(2 * most)), Least: -most}
	p := roundedNormal(sigma, most)
	weights := inWords(p)
	g.distance = distance(p, weights)
	g.Table = aliasTable(weights, g.Bits)
	return g, nil
}

// At returns the value of a word.
func (g *Grid) At(word uint64) int {
	slot := word >> (64 - g.Bits)
	if entry := g.Table[slot]; word<<g.Bits>>g.Bits >= entry>>g.Bits {
		slot = entry & (1<<g.Bits - 1)
	}
	return g.Least + int(slot)
}

// Distance bounds the total variation between n values, drawn from independent words that take each value with the same
// probability, and n ideal ones: the probability of any event, such as a vote for a class, is off by that much at most.
// It is rounded up.
func (g *Grid) Distance(n int) float64 {
	d := new(big.Float).SetPrec(precision).SetMode(big.ToPositiveInf)
	f, accuracy := d.Mul(g.distance, d.SetInt64(int64(n))).Float64()
	if accuracy == big.Below {
		f = math.Nextafter(f, 1)
	}
	return f
}

// inWords returns the probabilities in units of 2⁻⁶⁴, rounded down, except for the first few, which are rounded up so
// that the sum is 1.
func inWords(p []*big.Float) []*big.Int {
	left := new(big.Int).Lsh(big.NewInt(1), 64)
	weights := make([]*big.Int, len(p))
	for i, x := range p {
		weights[i], _ = new(big.Float).SetMantExp(x, 64).Int(nil)
		left.Sub(left, weights[i])
	}
	// What is missing is less than one unit per value, plus less than the tails.
	for i := 0; left.Sign() > 0; i++ {
		middle := (len(p)/2 + i) % len(p)
		weights[middle].Add(weights[middle], big.NewInt(1))
		left.Sub(left, big.NewInt(1))
	}
	return weights
}

// distance returns the total variation between the rounded normal distribution and the weights in units of 2⁻⁶⁴: half
// the differences of probabilities, and half of the normal probability beyond the table.
func distance(p []*big.Float, weights []*big.Int) *big.Float {
	newFloat := func() *big.Float { return new(big.Float).SetPrec(precision).SetMode(big.ToPositiveInf) }
	sum, beyond := newFloat(), newFloat().SetInt64(1)
	for i, x := range p {
		w := newFloat().SetInt(weights[i])
		d := newFloat().Sub(x, w.SetMantExp(w, -64))
		sum.Add(sum, d.Abs(d))
		beyond.Sub(beyond, x)
	}
	sum.Add(sum, beyond.Abs(beyond))
	sum.Add(
		sum,
		newFloat().SetMantExp(big.NewFloat(1), -150),
	) // a bound on the rounding error; see roundedNormal
	return sum.SetMantExp(sum, -1)
}

// aliasTable builds the table by Vose's construction (1991) with integers: slots of 2^(64-bits) units each are filled
// from the weights, so that no slot holds parts of more than two.
func aliasTable(weights []*big.Int, bits int) []uint64 {
	size := new(big.Int).Lsh(big.NewInt(1), uint(64-bits))
	left := make([]*big.Int, 1<<bits) // weight of each value still to be placed
	var small, large []int
	for i := range left {
		left[i] = new(big.Int)
		if i < len(weights) {
			left[i].Set(weights[i])
		}
		if left[i].Cmp(size) < 0 {
			small = append(small, i)
		} else {
			large = append(large, i)
		}
	}
	table := make([]uint64, 1<<bits)
	for len(small) > 0 {
		// the slots add up, so for every small one there is a large one
		i, j := small[len(small)-1], large[len(large)-1]
		small = small[:len(small)-1]
		table[i] = left[i].Uint64()<<bits | uint64(j)
		left[j].Sub(left[j], new(big.Int).Sub(size, left[i]))
		if left[j].Cmp(size) < 0 {
			large = large[:len(large)-1]
			small = append(small, j)
		}
	}
	for _, j := range large { // full
		table[j] = uint64(j)
	}
	return table
}
