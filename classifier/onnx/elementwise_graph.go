package onnx

import (
	"math"
	"slices"

	"smoothlab/classifier/vjp"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
)

// aligned adds leading axes of size 1 to x, up to a rank.
func aligned(x *Node, rank int) *Node {
	d := slices.Clone(x.Shape().Dimensions)
	for len(d) < rank {
		d = append([]int{1}, d...)
	}
	return Reshape(x, d...)
}

// spread broadcasts x, whose axes are aligned with dims, to dims.
func spread(x *Node, dims []int) *Node { return BroadcastToDims(aligned(x, len(dims)), dims...) }

func toFloat(x *Node) *Node { return ConvertDType(x, dtypes.Float32) }

// relu has the derivative 0 at 0, as in PyTorch; GoMLX's Max has 1 there.
func relu(x *Node) *Node { return Where(GreaterThan(x, ZerosLike(x)), x, ZerosLike(x)) }

// leaky is x[0], multiplied by the slope x[1] where it is negative.
func leaky(x ...*Node) *Node { return Where(GreaterThan(x[0], ZerosLike(x[0])), x[0], Mul(x[0], x[1])) }

// clipped limits x to bounds, with the derivative 0 outside of them and on them, as PyTorch's clamp has.
func clipped(x *Node, lo, hi float64) *Node {
	if !math.IsInf(lo, -1) {
		at := MulScalar(OnesLike(x), lo)
		x = Where(GreaterThan(x, at), x, at)
	}
	if !math.IsInf(hi, 1) {
		at := MulScalar(OnesLike(x), hi)
		x = Where(LessThan(x, at), x, at)
	}
	return x
}

// hardSigmoid is max(0, min(1, alpha·x + beta)), whose derivative at the corners is 0 in PyTorch.
func hardSigmoid(x *Node, alpha, beta float64) *Node {
	y := AddScalar(MulScalar(x, alpha), beta)
	y = Where(GreaterThan(y, ZerosLike(y)), y, ZerosLike(y))
	return Where(LessThan(y, OnesLike(y)), y, OnesLike(y))
}

// gelu is x·Φ(x), or its approximation by tanh.
func gelu(n *node, x *Node) *Node {
	if n.string("approximate", "none") == "tanh" {
		inner := MulScalar(Add(x, MulScalar(Mul(x, Square(x)), 0.044715)), math.Sqrt(2/math.Pi))
		return Mul(MulScalar(x, 0.5), OnePlus(Tanh(inner)))
	}
	return Mul(MulScalar(x, 0.5), OnePlus(Erf(MulScalar(x, 1/math.Sqrt2))))
}

// softplus is log(1 + eˣ), without overflow.
func softplus(x *Node) *Node {
	y := Add(relu(x), Log1p(Exp(Neg(Abs(x)))))
	return vjp.With(y, []*Node{x}, func(v *Node) *Node { return Mul(v, Sigmoid(x)) })
}

// elu is x, or alpha·(exp(x/over) − 1) where it is not positive. The branch that is not taken must stay finite, or
// its gradient would be NaN.
func elu(x *Node, alpha, over float64) *Node {
	positive := GreaterThan(x, ZerosLike(x))
	other := Where(positive, ZerosLike(x), x)
	return Where(positive, x, MulScalar(AddScalar(Exp(MulScalar(other, 1/over)), -1), alpha))
}

// power is x to a known exponent.
func power(x *Node, e float64) *Node {
	switch e {
	case 1:
		return x
	case 2:
		return Square(x)
	case 3:
		return Mul(x, Square(x))
	case 0.5:
		return Sqrt(x)
	case -0.5:
		return Reciprocal(Sqrt(x))
	case -1:
		return Reciprocal(x)
	}
	y := Pow(x, Scalar(x.Graph(), x.DType(), e))
	return vjp.With(y, []*Node{x}, func(v *Node) *Node {
		return Mul(v, MulScalar(Pow(x, Scalar(x.Graph(), x.DType(), e-1)), e))
	})
}

func powers(x ...*Node) *Node {
	a, b := matched(x[0], x[1])
	return Pow(a, b)
}

// matched broadcasts two nodes of one rank against each other.
func matched(x, y *Node) (*Node, *Node) {
	d := slices.Clone(x.Shape().Dimensions)
	for i, k := range y.Shape().Dimensions {
		d[i] = max(d[i], k)
	}
	return BroadcastToDims(x, d...), BroadcastToDims(y, d...)
}

// choose is Where on broadcast inputs.
func choose(x ...*Node) *Node {
	a, b := matched(x[1], x[2])
	condition, a := matched(x[0], a)
	_, b = matched(x[0], b)
	return Where(condition, a, b)
}

// fold applies f from left to right.
func fold(f func(x, y *Node) *Node) func(x ...*Node) *Node {
	return func(x ...*Node) *Node {
		y := x[0]
		for _, z := range x[1:] {
			y = f(y, z)
		}
		return y
	}
}

// larger and smaller halve the gradient between equal numbers, as PyTorch's maximum and minimum do.
func larger(x, y *Node) *Node {
	x, y = matched(x, y)
	m := Where(GreaterThan(x, y), x, y)
	return Where(Equal(x, y), MulScalar(Add(x, y), 0.5), m)
}

func smaller(x, y *Node) *Node { return Neg(larger(Neg(x), Neg(y))) }

func mean(x ...*Node) *Node { return DivScalar(fold(Add)(x...), float64(len(x))) }
