package onnx

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
)

// concat plans Concat.
func concat(c *call) ([]*value, error) {
	x := c.in[0]
	along, err := axis(c.node.int("axis", 0), x.rank())
	if err != nil {
		return nil, err
	}
	to := slices.Clone(x.dims)
	for _, v := range c.in[1:] {
		if v.rank() != x.rank() || v.kind != x.kind {
			return nil, fmt.Errorf("its inputs of shapes %v and %v do not fit", x.dims, v.dims)
		}
		for a, d := range v.dims {
			if a == along {
				to[a] += d
			} else if d != to[a] {
				return nil, fmt.Errorf("its inputs of shapes %v and %v do not fit", x.dims, v.dims)
			}
		}
	}
	if c.constant() {
		return c.concatArrays(to, along)
	}
	if err := c.floats(len(c.in)); err != nil {
		return nil, err
	}
	at, err := c.placed(together(to, c.in...))
	if err == nil {
		at, err = c.placed(at.keep(along))
	}
	if err != nil {
		return nil, err
	}
	return []*value{{dims: to, kind: float32s, place: at, build: func(b *builder) *graph.Node {
		all := make([]*graph.Node, len(c.in))
		for i, v := range c.in {
			all[i] = b.node(v)
		}
		return graph.Concatenate(all, along)
	}}}, nil
}

func (c *call) concatArrays(to []int, along int) ([]*value, error) {
	if err := c.reserve(to); err != nil {
		return nil, err
	}
	a := &array{kind: c.in[0].kind, dims: to}
	outer := product(to[:along])
	for i := range outer {
		for _, v := range c.in {
			n := len(v.host.v) / max(outer, 1)
			a.v = append(a.v, v.host.v[i*n:(i+1)*n]...)
			sized := v.host.sized
			if sized == nil {
				sized = make([]bool, len(v.host.v))
			}
			a.sized = append(a.sized, sized[i*n:(i+1)*n]...)
		}
	}
	return c.known(a)
}

// expand plans Expand.
func expand(c *call) ([]*value, error) {
	x := c.in[0]
	to, err := c.ints(1)
	if err != nil {
		return nil, err
	}
	dims, err := broadcastDims(x.dims, to)
	if err != nil {
		return nil, err
	}
	if x.host != nil {
		if err := c.reserve(dims); err != nil {
			return nil, err
		}
		return c.known(x.host.pick(dims, expanded(x.dims, dims)))
	}
	v := &value{dims: dims, kind: x.kind, place: x.place.within(x.rank(), len(dims)), uniform: x.uniform}
	if !v.place.known() {
		v.place = c.spreadOver(x.dims, dims)
	}
	v.build = func(b *builder) *graph.Node { return spread(b.node(x), dims) }
	if slices.Equal(dims, x.dims) {
		v = x
	}
	return []*value{v}, nil
}

// spreadOver returns the place of a value that was repeated for each image: the axis of size 1 that has become as long
// as the batch, or a multiple of it.
func (p *plan) spreadOver(from, to []int) place {
	for axis, d := range to {
		k := axis - len(to) + len(from)
		if p.strict && d%p.batch == 0 && (k < 0 || from[k] == 1) {
			return place{axis: axis, inner: d / p.batch}
		}
	}
	return nowhere
}

// tile plans Tile.
func tile(c *call) ([]*value, error) {
	x := c.in[0]
	times, err := c.ints(1)
	if err != nil {
		return nil, err
	}
	if len(times) != x.rank() {
		return nil, fmt.Errorf("%d repeats for %d axes", len(times), x.rank())
	}
	var wide, once, to []int // each axis as two, of which the first is repeated
	for a, d := range x.dims {
		if times[a] < 1 || times[a] > maxElements {
			return nil, fmt.Errorf("it repeats axis %d %d times", a, times[a])
		}
		wide, once, to = append(wide, times[a], d), append(once, 1, d), append(to, times[a]*d)
	}
	if err := checkDims(to); err != nil {
		return nil, err
	}
	if x.host != nil {
		if err := c.reserve(to); err != nil {
			return nil, err
		}
		return c.known(x.host.pick(to, expanded(once, wide)))
	}
	at := x.place
	if at.known() && times[at.axis] > 1 {
		if at, err = c.placed(at.keep(at.axis)); err != nil {
			return nil, err
		}
	} else if !at.known() {
		at = c.spreadOver(x.dims, to)
	}
	return []*value{{dims: to, kind: x.kind, place: at, build: func(b *builder) *graph.Node {
		return graph.Reshape(graph.BroadcastToDims(graph.Reshape(b.node(x), once...), wide...), to...)
	}}}, nil
}

// pad plans Pad in its modes constant, edge, reflect and wrap.
func pad(c *call) ([]*value, error) {
	x := c.in[0]
	amounts, err := c.fixed(1)
	if err != nil {
		return nil, err
	}
	fill, err := c.number(2, 0)
	if err != nil {
		return nil, err
	}
	list := make([]int, x.rank())
	for i := range list {
		list[i] = i
	}
	if c.has(3) {
		if list, err = c.ints(3); err != nil {
			return nil, err
		}
	}
	if len(amounts) != 2*len(list) {
		return nil, fmt.Errorf("%d amounts for %d axes", len(amounts), len(list))
	}
	if _, err := c.float(0); err != nil {
		return nil, err
	}
	lo, hi := make([]int, x.rank()), make([]int, x.rank())
	for i, a := range list {
		if a, err = axis(a, x.rank()); err != nil {
			return nil, err
		}
		lo[a], hi[a] = amounts[i], amounts[i+len(list)]
	}
	return c.padded(lo, hi, fill, c.node.string("mode", "constant"))
}

// padded adds elements around the first input; negative amounts remove elements.
func (c *call) padded(lo, hi []int, fill float64, mode string) ([]*value, error) {
	x := c.in[0]
	to, at := slices.Clone(x.dims), x.place
	var err error
	for a := range to {
		if lo[a] == 0 && hi[a] == 0 {
			continue
		}
		if to[a] += lo[a] + hi[a]; to[a] < 1 {
			return nil, errors.New("it removes all elements")
		}
		if at, err = c.placed(at.keep(a)); err != nil {
			return nil, err
		}
		if limit := map[string]int{"reflect": x.dims[a] - 1, "wrap": x.dims[a]}[mode]; mode != "constant" &&
			mode != "edge" &&
			max(lo[a], hi[a]) > limit {
			return nil, fmt.Errorf("the mode %s can pad at most %d elements here", mode, limit)
		}
	}
	if err := checkDims(to); err != nil {
		return nil, err
	}
	return []*value{{dims: to, kind: float32s, place: at,
		build: func(b *builder) *graph.Node { return padded(b.node(x), lo, hi, fill, mode) }}}, nil
}
