package onnx

import (
	"errors"
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
)

// splitToSequence plans SplitToSequence, whose result only SequenceAt can take apart.
func splitToSequence(c *call) ([]*value, error) {
	if c.node.int("keepdims", 1) == 0 && !c.has(1) {
		return nil, errors.New("without the axis that it splits is not supported")
	}
	x := c.in[0]
	along, err := axis(c.node.int("axis", 0), x.rank())
	if err != nil {
		return nil, err
	}
	var sizes []int
	each := 1
	if c.has(1) {
		if sizes, err = c.fixed(1); err != nil {
			return nil, err
		}
		if len(c.in[1].dims) == 0 { // one size for all, the last may be smaller
			each, sizes = sizes[0], nil
		}
	}
	if each < 1 {
		return nil, fmt.Errorf("into parts of %d is impossible", each)
	}
	if sizes == nil {
		for left := x.dims[along]; left > 0; left -= each {
			sizes = append(sizes, min(each, left))
		}
	}
	parts, err := c.parts(along, sizes)
	if err != nil {
		return nil, err
	}
	return []*value{{kind: list, place: nowhere, parts: parts}}, nil
}

// sequenceAt plans SequenceAt.
func sequenceAt(c *call) ([]*value, error) {
	if c.in[0].kind != list {
		return nil, errors.New("its input is not a list of values")
	}
	at, err := c.fixed(1)
	if err != nil {
		return nil, err
	}
	if len(at) != 1 {
		return nil, errors.New("its position is not one number")
	}
	i, err := axis(at[0], len(c.in[0].parts))
	if err != nil {
		return nil, fmt.Errorf("position %d of %d values", at[0], len(c.in[0].parts))
	}
	return []*value{c.in[0].parts[i]}, nil
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

// isNaN plans IsNaN.
func isNaN(c *call) ([]*value, error) {
	x, err := c.float(0)
	if err != nil {
		return nil, err
	}
	if x.host != nil {
		return c.known(x.host.each(truth, func(v float64) float64 { return is(v != v) }))
	}
	v := c.like(x, func(b *builder) *graph.Node { return graph.IsNaN(b.node(x)) })
	v.kind = truth
	return []*value{v}, nil
}
