package draw

import (
	"math"
	"math/bits"

	"smoothlab/noise"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// Source is the shared part of the addresses of one draw.
type Source struct {
	Key     *Node // [2] uint32: see Key
	Purpose *Node // scalar uint32: a noise.Purpose; see For
	Item    *Node // uint32: scalar, or [R] for one item per sample
}

// For returns a purpose as a constant of the graph.
func For(g *Graph, p noise.Purpose) *Node { return Const(g, uint32(p)) }

// Normal draws n independent standard normal values for each sample: samples [R] uint32 → [R, n] float32. Box–Muller on
// Philox words, both halves used; |z| ≤ 6.67, and bits of all zeros give that largest value, not infinity.
func Normal(src Source, samples *Node, n int) *Node {
	blocks := (n + 3) / 4
	w := src.words(samples, blocks)
	z0, z1 := boxMuller(w[0], w[1])
	z2, z3 := boxMuller(w[2], w[3])
	z := Concatenate([]*Node{z0, z1, z2, z3}, 1)
	if 4*blocks != n {
		z = Slice(z, AxisRange(), AxisRange(0, n))
	}
	z.AssertDims(samples.Shape().Dimensions[0], n)
	return z
}

// Grid draws n independent whole numbers for each sample, Gaussian noise on the pixel grid: samples [R] uint32 → [R, n]
// int32. table [2^bits] uint64 and least, scalar int32, come from a noise.Grid; block k of the words gives values k
// and n/2+k.
func Grid(src Source, samples *Node, n int, table, least *Node) *Node {
	blocks := (n + 1) / 2
	w := src.words(samples, blocks)
	v := Concatenate([]*Node{aliased(w[0], w[1], table), aliased(w[2], w[3], table)}, 1)
	if 2*blocks != n {
		v = Slice(v, AxisRange(), AxisRange(0, n))
	}
	v = Add(v, least)
	v.AssertDims(samples.Shape().Dimensions[0], n)
	return v
}

// aliased returns the slot that noise.Grid.At chooses, for words given as two halves.
func aliased(low, high, table *Node) *Node {
	slots := table.Shape().Dimensions[0]
	m := bits.Len(uint(slots)) - 1
	rest := BitwiseOr(
		BitwiseShiftLeftScalar(ConvertDType(high, dtypes.Uint64), uint64(32)),
		ConvertDType(low, dtypes.Uint64),
	)
	slot := BitwiseShiftRightLogicalScalar(high, uint32(32-m))
	rest = BitwiseAnd(rest, Const(low.Graph(), uint64(1)<<(64-m)-1))
	entry := Gather(table, InsertAxes(ConvertDType(slot, dtypes.Int32), -1))
	own := LessThan(rest, BitwiseShiftRightLogicalScalar(entry, uint64(m)))
	alias := ConvertDType(BitwiseAnd(entry, Const(low.Graph(), uint64(slots-1))), dtypes.Int32)
	return Where(own, ConvertDType(slot, dtypes.Int32), alias)
}

// Uniform draws one value in [0, 1), on a grid of 2⁻²⁴, for each sample: samples [R] uint32 → [R] float32.
func Uniform(src Source, samples *Node) *Node {
	return Reshape(unit(src.words(samples, 1)[0]), -1)
}

// words returns the four Philox words of each (sample, block): [R, blocks] uint32 each.
func (src Source) words(samples *Node, blocks int) [4]*Node {
	samples.AssertRank(1)
	src.Key.AssertDims(2)
	rows := samples.Shape().Dimensions[0]
	wide := func(x *Node) *Node { return BroadcastToDims(x, rows, blocks) }
	item := src.Item
	if !item.IsScalar() {
		item.AssertDims(rows)
		item = InsertAxes(item, -1)
	}
	g := samples.Graph()
	return philox([4]*Node{
		wide(Iota(g, shapes.Make(dtypes.Uint32, 1, blocks), 1)),
		wide(InsertAxes(samples, -1)),
		wide(item),
		wide(src.Purpose),
	}, Reshape(Slice(src.Key, AxisElem(0))), Reshape(Slice(src.Key, AxisRange(1, 2))))
}

// philox computes noise.Philox on arrays of counters, all uint32; k0 and k1 are scalars.
func philox(c [4]*Node, k0, k1 *Node) [4]*Node {
	for range noise.PhiloxRounds {
		h0, l0 := product(c[0], noise.PhiloxM0)
		h1, l1 := product(c[2], noise.PhiloxM1)
		c = [4]*Node{BitwiseXor(BitwiseXor(h1, c[1]), k0), l1, BitwiseXor(BitwiseXor(h0, c[3]), k1), l0}
		k0, k1 = AddScalar(k0, uint32(noise.PhiloxW0)), AddScalar(k1, uint32(noise.PhiloxW1))
	}
	return c
}

// product returns the 64-bit product of 32-bit words as its high and low half.
func product(x *Node, m uint64) (hi, lo *Node) {
	p := MulScalar(ConvertDType(x, dtypes.Uint64), m)
	return ConvertDType(BitwiseShiftRightLogicalScalar(p, uint64(32)), dtypes.Uint32), ConvertDType(p, dtypes.Uint32)
}

// boxMuller turns two arrays of 32-bit words into two arrays of standard normal values: r·cos θ and r·sin θ with
// r = √(−2 ln u), u from all bits of a and θ = 2π·(upper 24 bits of b)/2²⁴.
func boxMuller(a, b *Node) (z0, z1 *Node) {
	u := MulScalar(AddScalar(ConvertDType(a, dtypes.Float32), 1), 0x1p-32) // in [2⁻³², 1]: all 32 bits for the tail
	r := Sqrt(MulScalar(Log(u), -2))
	cos, sin := circle(BitwiseShiftRightLogicalScalar(b, uint32(8)))
	return Mul(r, cos), Mul(r, sin)
}

// circle returns cos and sin of 2π·v/2²⁴, v uint32 below 2²⁴, to 1e-7. XLA's own cosine and sine, made for every
// float32, take three times as long as all the rest of the sampler (BenchmarkNormal); here the angle is exact, so the
// nearest multiple k of a right angle is subtracted in integer arithmetic, and the rest, within ±π/4, goes into two
// short polynomials (from Cephes' sinf and cosf, S. Moshier).
func circle(v *Node) (cos, sin *Node) {
	const quarter = 1 << 22
	k := BitwiseShiftRightLogicalScalar(AddScalar(v, uint32(quarter/2)), uint32(22))
	left := Sub(ConvertDType(v, dtypes.Int32), ConvertDType(MulScalar(k, uint32(quarter)), dtypes.Int32))
	x := MulScalar(ConvertDType(left, dtypes.Float32), math.Pi/2/quarter)
	x2 := Square(x)
	s := Add(x, Mul(Mul(x, x2), horner(x2, -1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1)))
	c := AddScalar(
		Add(
			MulScalar(x2, -0.5),
			Mul(Square(x2), horner(x2, 2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2)),
		),
		1,
	)
	bit := func(x *Node, b uint32) *Node { return NotEqual(BitwiseAnd(x, Const(x.Graph(), b)), ZerosLike(x)) }
	odd := bit(k, 1)
	cos, sin = Where(odd, s, c), Where(odd, c, s)
	return Where(bit(AddScalar(k, uint32(1)), 2), Neg(cos), cos), Where(bit(k, 2), Neg(sin), sin)
}

// horner returns the polynomial in x with these coefficients, the highest first.
func horner(x *Node, coefficients ...float64) *Node {
	p := MulScalar(x, coefficients[0])
	for _, c := range coefficients[1 : len(coefficients)-1] {
		p = Mul(AddScalar(p, c), x)
	}
	return AddScalar(p, coefficients[len(coefficients)-1])
}

// unit maps a word to [0, 1) by its upper 24 bits, so that the conversion to float32 is exact.
func unit(w *Node) *Node {
	return MulScalar(ConvertDType(BitwiseShiftRightLogicalScalar(w, uint32(8)), dtypes.Float32), 0x1p-24)
}

// Key is the input that Source.Key expects for a seed.
func Key(seed uint64) []uint32 {
	k := noise.Key(seed)
	return k[:]
}
