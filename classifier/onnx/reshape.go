package onnx

import (
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
)

// reshape plans Reshape.
func reshape(c *call) ([]*value, error) {
	to, err := c.ints(1)
	if err != nil {
		return nil, err
	}
	to = slices.Clone(to)
	x, open := c.in[0], -1
	for i, d := range to {
		switch {
		case d == 0 && c.node.int("allowzero", 0) == 0:
			if i >= x.rank() {
				return nil, fmt.Errorf("it keeps axis %d of %d", i, x.rank())
			}
			to[i] = x.dims[i]
		case d == -1 && open < 0:
			open = i
		case d < 0:
			return nil, fmt.Errorf("the shape %v is impossible", to)
		}
	}
	return c.reshaped(to, open)
}

// reshaped returns the first input in another shape. The axis open, if it is not negative, has the size that is left.
func (c *call) reshaped(to []int, open int) ([]*value, error) {
	x := c.in[0]
	if open >= 0 {
		to[open] = 1
		if err := checkDims(to); err != nil {
			return nil, err
		}
		if p := product(to); p > 0 {
			to[open] = product(x.dims) / p
		}
	}
	if err := checkDims(to); err != nil {
		return nil, err
	}
	if product(to) != product(x.dims) {
		return nil, fmt.Errorf("a shape of %v does not fit into %v", c.symbolic(x.dims), c.symbolic(to))
	}
	if x.host != nil {
		return c.known(x.host.reshaped(to))
	}
	at, err := c.placed(x.place.reshape(c.batch, x.dims, to))
	if err != nil {
		return nil, err
	}
	v := &value{dims: to, kind: x.kind, place: at, uniform: x.uniform}
	v.build = func(b *builder) *graph.Node { return graph.Reshape(b.node(x), to...) }
	if slices.Equal(to, x.dims) {
		v = x
	}
	return []*value{v}, nil
}

// flatten plans Flatten.
func flatten(c *call) ([]*value, error) {
	x := c.in[0]
	a := c.node.int("axis", 1)
	if a < 0 {
		a += x.rank()
	}
	if a < 0 || a > x.rank() {
		return nil, fmt.Errorf("there is no axis %d of %d", a, x.rank())
	}
	return c.reshaped([]int{product(x.dims[:a]), product(x.dims[a:])}, -1)
}

// unsqueeze plans Unsqueeze, whose axes are numbered as in the result.
func unsqueeze(c *call) ([]*value, error) {
	list, err := c.ints(1)
	if err != nil {
		return nil, err
	}
	x := c.in[0]
	at, err := axes(list, x.rank()+len(list))
	if err != nil {
		return nil, err
	}
	to := slices.Clone(x.dims)
	for _, a := range at {
		to = slices.Insert(to, a, 1)
	}
	return c.reshaped(to, -1)
}

// squeeze plans Squeeze.
func squeeze(c *call) ([]*value, error) {
	x := c.in[0]
	var list []int
	if c.has(1) {
		var err error
		if list, err = c.ints(1); err != nil {
			return nil, err
		}
	} else {
		for a, d := range x.dims {
			if d == 1 {
				list = append(list, a)
			}
		}
	}
	at, err := axes(list, x.rank())
	if err != nil {
		return nil, err
	}
	var to []int
	for a, d := range x.dims {
		if !slices.Contains(at, a) {
			to = append(to, d)
		} else if d != 1 {
			return nil, fmt.Errorf("axis %d has %d elements, not 1", a, d)
		}
	}
	return c.reshaped(to, -1)
}

// transpose plans Transpose.
func transpose(c *call) ([]*value, error) {
	x := c.in[0]
	perm := c.node.ints("perm")
	if perm == nil {
		for a := range x.dims {
			perm = append([]int{a}, perm...)
		}
	}
	if sorted, err := axes(perm, x.rank()); err != nil || len(sorted) != x.rank() {
		return nil, fmt.Errorf("%v is not an order of %d axes", perm, x.rank())
	}
	if x.host != nil {
		if err := c.reserve(x.dims); err != nil {
			return nil, err
		}
		dims, at := permuted(x.dims, perm)
		return c.known(x.host.pick(dims, at))
	}
	v := &value{kind: x.kind, place: nowhere, uniform: x.uniform}
	for i, a := range perm {
		v.dims = append(v.dims, x.dims[a])
		if x.place.known() && a == x.place.axis {
			v.place = place{axis: i, inner: x.place.inner}
		}
	}
	v.build = func(b *builder) *graph.Node { return graph.TransposeAllAxes(b.node(x), perm...) }
	return []*value{v}, nil
}

// blocks plans DepthToSpace and SpaceToDepth.
func blocks(toSpace bool) func(c *call) ([]*value, error) {
	return func(c *call) ([]*value, error) {
		x, k := c.in[0], c.node.int("blocksize", 0)
		if _, err := c.float(0); err != nil {
			return nil, err
		}
		if x.rank() != 4 || k < 1 || k > maxList {
			return nil, fmt.Errorf("a block size of %d on %v is impossible", k, x.dims)
		}
		n, ch, h, w := x.dims[0], x.dims[1], x.dims[2], x.dims[3]
		var split, perm, to []int
		switch {
		case !toSpace:
			split = []int{n, ch, h / k, k, w / k, k}
			perm = []int{0, 3, 5, 1, 2, 4}
			to = []int{n, ch * k * k, h / k, w / k}
		case c.node.string("mode", "DCR") == "CRD":
			split = []int{n, ch / (k * k), k, k, h, w}
			perm = []int{0, 1, 4, 2, 5, 3}
			to = []int{n, ch / (k * k), h * k, w * k}
		default:
			split = []int{n, k, k, ch / (k * k), h, w}
			perm = []int{0, 3, 4, 1, 5, 2}
			to = []int{n, ch / (k * k), h * k, w * k}
		}
		if product(split) != product(x.dims) {
			return nil, fmt.Errorf("a block size of %d does not divide %v", k, x.dims)
		}
		at, err := c.placed(x.place.keep(1, 2, 3))
		if err != nil {
			return nil, err
		}
		return []*value{{dims: to, kind: float32s, place: at, build: func(b *builder) *graph.Node {
			return graph.Reshape(graph.TransposeAllAxes(graph.Reshape(b.node(x), split...), perm...), to...)
		}}}, nil
	}
}
