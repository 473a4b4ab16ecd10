package onnx

import (
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

// absolute has the derivative 0 at 0, as PyTorch's.
func absolute(x *Node) *Node { return Mul(x, StopGradient(Sign(x))) }

// stepwise is a function whose derivative is 0; GoMLX v0.28.2 has none for some of them.
func stepwise(f func(x *Node) *Node) func(x *Node) *Node {
	return func(x *Node) *Node { return StopGradient(f(x)) }
}

// arctangent has a gradient; GoMLX v0.28.2 has none of Atan2.
func arctangent(x *Node) *Node {
	return vjp.With(Atan2(x, OnesLike(x)), []*Node{x}, func(v *Node) *Node { return Div(v, OnePlus(Square(x))) })
}
