package onnx

import (
	"math"

	"smoothlab/classifier/vjp"

	. "github.com/gomlx/gomlx/core/graph"
)

// Activations with attributes, whose defaults are ONNX's.

func leakyRelu(n *node, x *Node) *Node {
	return Where(GreaterThan(x, ZerosLike(x)), x, MulScalar(x, n.float("alpha", 0.01)))
}

func eluOf(n *node, x *Node) *Node { return elu(x, n.float("alpha", 1), 1) }

func celuOf(n *node, x *Node) *Node { return elu(x, n.float("alpha", 1), n.float("alpha", 1)) }

func seluOf(n *node, x *Node) *Node {
	return MulScalar(
		elu(x, n.float("alpha", 1.67326319217681884765625), 1),
		n.float("gamma", 1.05070102214813232421875),
	)
}

func thresholded(n *node, x *Node) *Node {
	at := MulScalar(OnesLike(x), n.float("alpha", 1))
	return Where(GreaterThan(x, at), x, ZerosLike(x))
}

func hardSigmoidOf(n *node, x *Node) *Node {
	return hardSigmoid(x, n.float("alpha", 0.2), n.float("beta", 0.5))
}

func hardSwish(_ *node, x *Node) *Node { return Mul(x, hardSigmoid(x, 1.0/6, 0.5)) }

func swish(n *node, x *Node) *Node { return Mul(x, Sigmoid(scaled(x, n.float("alpha", 1)))) }

func mish(_ *node, x *Node) *Node { return Mul(x, Tanh(softplus(x))) }

func softsign(_ *node, x *Node) *Node { return Div(x, OnePlus(absolute(x))) }

// absolute has the derivative 0 at 0, as in PyTorch.
func absolute(x *Node) *Node { return Mul(x, StopGradient(Sign(x))) }

// stepwise is a function whose derivative is 0; GoMLX v0.28.2 has none for some of them.
func stepwise(f func(x *Node) *Node) func(x *Node) *Node {
	return func(x *Node) *Node { return StopGradient(f(x)) }
}

// arctangent is Cephes' atanf, to 2e-7: the Atan2 of the CPU plugin with PJRT API 0.115 is wrong by up to 0.2 where its
// second argument is a constant and the first has 33 elements or more.
func arctangent(x *Node) *Node {
	one := OnesLike(x)
	a := Abs(x)
	above := func(limit float64) *Node { return GreaterThan(a, MulScalar(one, limit)) }
	steep, middling := above(math.Tan(3*math.Pi/8)), above(math.Tan(math.Pi/8))
	less := Where(middling, Sub(one, Div(MulScalar(one, 2), OnePlus(a))), a)
	t := Where(steep, Neg(Reciprocal(Where(steep, a, one))), less)
	offset := Where(steep, MulScalar(one, math.Pi/2), Where(middling, MulScalar(one, math.Pi/4), ZerosLike(x)))
	z := Square(t)
	sum := ZerosLike(x)
	for _, c := range []float64{8.05374449538e-2, -1.38776856032e-1, 1.99777106478e-1, -3.33329491539e-1} {
		sum = AddScalar(Mul(sum, z), c)
	}
	y := Mul(Sign(x), Add(offset, Add(t, Mul(Mul(sum, z), t))))
	return vjp.With(y, []*Node{x}, func(v *Node) *Node { return Div(v, OnePlus(Square(x))) })
}
