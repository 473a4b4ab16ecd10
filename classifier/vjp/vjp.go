// Package vjp gives a graph node custom gradients.
package vjp

import . "github.com/gomlx/gomlx/core/graph"

// With returns y with the given gradients with respect to its inputs: gradients[i] maps the gradient of y, of y's
// shape, to that of inputs[i].
//
// GoMLX v0.28.2 supports this only for a node of the same shape as its input (IdentityWithCustomGradient). So the
// result selects between y, always, and an element of each input. Gradients reach the inputs through the branch that is
// never selected, which XLA removes, and are replaced there by the given ones.
func With(y *Node, inputs []*Node, gradients ...func(v *Node) *Node) *Node {
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
