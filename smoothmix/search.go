package smoothmix

import . "github.com/gomlx/gomlx/core/graph"

// Ascend moves each image by alpha along its gradient's direction: z + alpha·g/(‖g‖ + 1e-8), all [B, …]; alpha is a
// scalar node in pixel units (code/train.py:265-267). The 1e-8 shortens the step of very confident images.
func Ascend(z, g, alpha *Node) *Node {
	return Add(z, Mul(alpha, Div(g, AddScalar(norms(g), 1e-8))))
}

// Unit scales each image's gradient to L2 norm 1, however small it is; one that is exactly zero stays: g [B, …]. It is first
// divided by its largest value, whose square would underflow where a prediction is nearly certain.
func Unit(g *Node) *Node {
	axes := make([]int, g.Rank()-1)
	for i := range axes {
		axes[i] = i + 1
	}
	largest := ReduceAndKeep(Abs(g), ReduceMax, axes...)
	g = Div(g, Where(GreaterThan(largest, ZerosLike(largest)), largest, OnesLike(largest)))
	n := norms(g)
	return Div(g, Where(GreaterThan(n, ZerosLike(n)), n, OnesLike(n)))
}

// Project returns z where ‖z−x‖ ≤ radius and else the point at that distance on the way from x, image by image
// (torch.renorm, which divides by norm + 1e-7). z, x [B, …], radius a scalar node.
func Project(z, x, radius *Node) *Node {
	d := Sub(z, x)
	n := norms(d)
	outside := GreaterThan(n, BroadcastToShape(radius, n.Shape()))
	scale := Where(outside, Div(BroadcastToShape(radius, n.Shape()), AddScalar(n, 1e-7)), OnesLike(n))
	return Where(BroadcastToShape(outside, z.Shape()), Add(x, Mul(d, scale)), z)
}

// Box clips to [0,1].
func Box(z *Node) *Node { return ClipScalar(z, 0, 1) }

// norms are the L2 norms of whole images, with axes kept for broadcasting: [B, …] → [B, 1, …].
func norms(x *Node) *Node {
	axes := make([]int, x.Rank()-1)
	for i := range axes {
		axes[i] = i + 1
	}
	return Sqrt(ReduceAndKeep(Square(x), ReduceSum, axes...))
}
