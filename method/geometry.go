package method

import . "github.com/gomlx/gomlx/core/graph"

// Project returns z where ‖z−x‖ ≤ radius, and otherwise the point at that distance on the line from x to z, for each
// image (torch.renorm, which divides by norm + 1e-7). z, x [B, …], radius a scalar node.
func Project(z, x, radius *Node) *Node {
	d := Sub(z, x)
	n := Norms(d)
	outside := GreaterThan(n, BroadcastToShape(radius, n.Shape()))
	scale := Where(outside, Div(BroadcastToShape(radius, n.Shape()), AddScalar(n, 1e-7)), OnesLike(n))
	return Where(BroadcastToShape(outside, z.Shape()), Add(x, Mul(d, scale)), z)
}

// Box clips to [0,1].
func Box(z *Node) *Node { return ClipScalar(z, 0, 1) }

// Norms returns the L2 norms of whole images, with axes kept for broadcasting: [B, …] → [B, 1, …].
func Norms(x *Node) *Node {
	axes := make([]int, x.Rank()-1)
	for i := range axes {
		axes[i] = i + 1
	}
	return Sqrt(ReduceAndKeep(Square(x), ReduceSum, axes...))
}

// Normalize divides each image by its L2 norm; an image that is exactly zero stays: [B, …] → [B, …]. The norm of values
// below 1e-19 underflows to zero in float32.
func Normalize(g *Node) *Node {
	n := Norms(g)
	return Div(g, Where(GreaterThan(n, ZerosLike(n)), n, OnesLike(n)))
}

// PerImage gives a value per image the axes of x, for broadcasting: v [B], x [B, …] → [B, 1, …].
func PerImage(v, x *Node) *Node {
	dims := make([]int, x.Rank())
	for i := range dims {
		dims[i] = 1
	}
	dims[0] = x.Shape().Dimensions[0]
	return Reshape(v, dims...)
}
