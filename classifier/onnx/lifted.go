package onnx

import (
	"maps"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
)

// lifted extends an operation on images to sequences [N, C, L], which it treats as images of height 1.
func lifted(plan func(c *call) ([]*value, error)) func(c *call) ([]*value, error) {
	return func(c *call) ([]*value, error) {
		if c.in[0].rank() != 3 {
			return plan(c)
		}
		n := *c.node
		n.attrs = maps.Clone(n.attrs)
		for name, other := range map[string]int64{
			"kernel_shape": 1, "strides": 1, "dilations": 1, "pads": 0, "output_padding": 0,
		} {
			a, ok := n.attrs[name]
			switch {
			case !ok:
				continue
			case name == "pads" && len(a.ints) == 2:
				a.ints = []int64{other, a.ints[0], other, a.ints[1]}
			case len(a.ints) == 1:
				a.ints = []int64{other, a.ints[0]}
			}
			n.attrs[name] = a
		}
		wide := &call{plan: c.plan, node: &n, in: slices.Clone(c.in)}
		wide.in[0] = tall(c.in[0])
		if len(c.in) > 1 && c.in[1] != nil && c.in[1].rank() == 3 { // a kernel
			wide.in[1] = tall(c.in[1])
		}
		out, err := plan(wide)
		for i, v := range out {
			out[i] = reshapedTo(v, append(slices.Clone(v.dims[:2]), v.dims[3]))
		}
		return out, err
	}
}

// tall returns a sequence as an image of height 1.
func tall(v *value) *value { return reshapedTo(v, slices.Insert(slices.Clone(v.dims), 2, 1)) }

// reshapedTo returns a value in a shape that differs only in axes of size 1 after the second axis.
func reshapedTo(v *value, dims []int) *value {
	w := *v
	w.dims, w.weight = dims, ""
	if v.host != nil {
		w.host = v.host.reshaped(dims)
		return &w
	}
	if w.place.axis >= 2 { // refused wherever it matters
		w.place.axis = len(dims) - 1
	}
	w.build = func(b *builder) *graph.Node { return graph.Reshape(b.node(v), dims...) }
	return &w
}
