package classifier

import . "github.com/gomlx/gomlx/core/graph"

// withGradient is y, whose gradients in the inputs it was computed from are given: gradients[i] maps that of y, of y's
// shape, to that of inputs[i]. GoMLX v0.28.2 knows such a thing only for a node of the same shape as its input
// (IdentityWithCustomGradient). So y is chosen, always, from between itself and an element of each input: along the
// other branch, which XLA removes, the gradient finds its way to the inputs, where it is exchanged for the given one.
func withGradient(y *Node, inputs []*Node, gradients ...func(v *Node) *Node) *Node {
	var v *Node // gradient of y, which is known before those of the inputs are asked for
	shape := y.Shape().Clone()
	never := BroadcastToShape(Const(y.Graph(), false), shape)
	y = StopGradient(y)
	for i, x := range inputs {
		x = IdentityWithCustomGradient(x, func(_, _ *Node) *Node { return gradients[i](v) })
		corner := make([]SliceAxisSpec, x.Rank())
		for axis := range corner {
			corner[axis] = AxisElem(0)
		}
		y = Where(never, BroadcastToShape(Reshape(Slice(x, corner...)), shape), y)
	}
	return IdentityWithCustomGradient(y, func(_, of *Node) *Node {
		v = of
		return of
	})
}
