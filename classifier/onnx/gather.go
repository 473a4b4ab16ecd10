package onnx

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
)

// gather plans Gather, with indices that are known.
func gather(c *call) ([]*value, error) {
	x := c.in[0]
	along, err := axis(c.node.int("axis", 0), x.rank())
	if err != nil {
		return nil, err
	}
	index, err := c.array(1)
	if err != nil {
		return nil, err
	}
	list, err := index.ints()
	if err != nil {
		return nil, err
	}
	if c.strict && x.host == nil && index.dependsOnBatch() {
		return nil, errCounts
	}
	for i, k := range list {
		if list[i], err = axis(k, x.dims[along]); err != nil {
			return nil, fmt.Errorf("its index %d is outside of axis %d of %v", k, along, x.dims)
		}
	}
	to := slices.Concat(x.dims[:along], index.dims, x.dims[along+1:])
	if x.host != nil {
		if err := c.reserve(to); err != nil {
			return nil, err
		}
		return c.known(x.host.pick(to, gathered(x.dims, along, list)))
	}
	at, err := c.placed(x.place.keep(along))
	if err != nil {
		return nil, err
	}
	if at.known() && at.axis > along {
		at.axis += len(index.dims) - 1
	}
	return []*value{{dims: to, kind: x.kind, place: at,
		build: func(b *builder) *graph.Node { return taken(b.node(x), along, list, to) }}}, nil
}

// gathered are the positions of the elements with the given indices along an axis.
func gathered(dims []int, along int, list []int) []int {
	inner, outer := product(dims[along+1:]), product(dims[:along])
	at := make([]int, 0, outer*len(list)*inner)
	for o := range outer {
		for _, k := range list {
			for i := range inner {
				at = append(at, (o*dims[along]+k)*inner+i)
			}
		}
	}
	return at
}

// gatherND plans GatherND, with indices that are known: each points into the first axes of the input.
func gatherND(c *call) ([]*value, error) {
	x, index := c.in[0], c.in[1]
	list, err := c.fixed(1)
	if err != nil {
		return nil, err
	}
	if c.node.int("batch_dims", 0) != 0 || index.rank() < 1 {
		return nil, errors.New("with batch axes is not supported")
	}
	n := len(index.dims) - 1
	k := index.dims[n]
	if k < 1 || k > x.rank() {
		return nil, fmt.Errorf("indices of shape %v into %v are impossible", index.dims, x.dims)
	}
	flat := make([]int, len(list)/k)
	for i := range flat {
		for a, v := range list[i*k : (i+1)*k] {
			if v, err = axis(v, x.dims[a]); err != nil {
				return nil, fmt.Errorf("an index is outside of %v", x.dims)
			}
			flat[i] = flat[i]*x.dims[a] + v
		}
	}
	wide := append([]int{product(x.dims[:k])}, x.dims[k:]...)
	to := append(append([]int(nil), index.dims[:n]...), x.dims[k:]...)
	if err := checkDims(to); err != nil {
		return nil, err
	}
	if x.host != nil {
		if err := c.reserve(to); err != nil {
			return nil, err
		}
		return c.known(x.host.pick(to, gathered(wide, 0, flat)))
	}
	var over []int
	for a := range k {
		over = append(over, a)
	}
	at, err := c.placed(x.place.keep(over...))
	if err != nil {
		return nil, err
	}
	if at.known() {
		at.axis += n - k
	}
	return []*value{{dims: to, kind: x.kind, place: at,
		build: func(b *builder) *graph.Node { return taken(graph.Reshape(b.node(x), wide...), 0, flat, to) }}}, nil
}

// scatterND plans ScatterND on constants: masks are made with it.
func scatterND(c *call) ([]*value, error) {
	if !c.constant() || c.node.string("reduction", "none") != "none" {
		return nil, fmt.Errorf("on what the network computes is not supported")
	}
	data, updates := c.in[0].host, c.in[2].host
	index, err := c.ints(1)
	if err != nil {
		return nil, err
	}
	if err := c.reserve(data.dims); err != nil {
		return nil, err
	}
	d := c.in[1].dims
	if len(d) == 0 || d[len(d)-1] > len(data.dims) || d[len(d)-1] < 1 || data.sized != nil || updates.sized != nil {
		return nil, fmt.Errorf("with indices of shape %v is not supported", d)
	}
	k := d[len(d)-1]
	inner := product(data.dims[k:])
	if len(updates.v) != len(index)/k*inner {
		return nil, fmt.Errorf("with %d updates of %d is impossible", len(updates.v), len(index)/k*inner)
	}
	r := &array{kind: data.kind, dims: data.dims, v: append([]float64(nil), data.v...)}
	for i := range len(index) / k {
		at := 0
		for a, x := range index[i*k : (i+1)*k] {
			if x, err = axis(x, data.dims[a]); err != nil {
				return nil, fmt.Errorf("with an index outside of %v", data.dims)
			}
			at = at*data.dims[a] + x
		}
		copy(r.v[at*inner:(at+1)*inner], updates.v[i*inner:(i+1)*inner])
	}
	return c.known(r)
}
