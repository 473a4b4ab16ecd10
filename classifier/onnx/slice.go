package onnx

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
)

// box is a part of a value: along each axis, count elements from start on, step apart.
type box struct{ start, count, step []int }

func fullBox(dims []int) box {
	b := box{start: make([]int, len(dims)), count: slices.Clone(dims), step: make([]int, len(dims))}
	for i := range b.step {
		b.step[i] = 1
	}
	return b
}

// cut returns a box of the first input.
func (c *call) cut(of box) (*value, error) {
	x := c.in[0]
	if x.host != nil {
		if err := c.reserve(of.count); err != nil {
			return nil, err
		}
		a := x.host.pick(of.count, strided(x.dims, of.start, of.count, of.step))
		return &value{dims: a.dims, kind: a.kind, place: nowhere, host: a, uniform: len(a.v) > 0 && a.uniform()}, nil
	}
	if slices.Equal(of.count, x.dims) && !slices.ContainsFunc(of.step, func(s int) bool { return s < 0 }) {
		return x, nil
	}
	if slices.Contains(of.count, 0) {
		return nil, errors.New("the slice has no elements")
	}
	at := x.place
	if at.known() && (of.count[at.axis] != x.dims[at.axis] || of.step[at.axis] != 1) {
		var err error
		if at, err = c.placed(at.keep(at.axis)); err != nil {
			return nil, err
		}
	}
	return &value{dims: of.count, kind: x.kind, place: at, uniform: x.uniform,
		build: func(b *builder) *graph.Node { return boxOf(b.node(x), of) }}, nil
}

// slice plans Slice.
func slice(c *call) ([]*value, error) {
	x := c.in[0]
	from, err := c.ints(1)
	if err != nil {
		return nil, err
	}
	to, err := c.ints(2)
	if err != nil {
		return nil, err
	}
	list := make([]int, len(from))
	for i := range list {
		list[i] = i
	}
	if c.has(3) {
		if list, err = c.ints(3); err != nil {
			return nil, err
		}
	}
	counts := slices.ContainsFunc(
		c.in[1:],
		func(v *value) bool { return v != nil && v.host != nil && v.host.dependsOnBatch() },
	)
	steps := slices.Repeat([]int{1}, len(from))
	if c.has(4) {
		if steps, err = c.ints(4); err != nil {
			return nil, err
		}
	}
	if len(to) != len(from) || len(list) != len(from) || len(steps) != len(from) {
		return nil, errors.New("its bounds are lists of different lengths")
	}
	of := fullBox(x.dims)
	for i, a := range list {
		if a, err = axis(a, x.rank()); err != nil {
			return nil, err
		}
		if steps[i] == 0 {
			return nil, errors.New("its step is 0")
		}
		if c.strict && counts && x.host == nil && a != x.place.axis {
			return nil, errCounts
		}
		of.start[a], of.count[a], of.step[a] = bounds(from[i], to[i], steps[i], x.dims[a])
	}
	v, err := c.cut(of)
	return []*value{v}, err
}

// bounds applies Python's rules for from:to:step along an axis of size elements.
func bounds(from, to, step, size int) (start, count, by int) {
	wrap := func(i, low, high int) int {
		if i < 0 {
			i += size
		}
		return max(low, min(i, high))
	}
	if step > 0 {
		from, to = wrap(from, 0, size), wrap(to, 0, size)
		return from, max(0, (to-from+step-1)/step), step
	}
	from, to = wrap(from, -1, size-1), wrap(to, -1, size-1)
	return max(from, 0), max(0, (from-to-step-1)/-step), step
}

// split plans Split.
func split(c *call) ([]*value, error) {
	x := c.in[0]
	along, err := axis(c.node.int("axis", 0), x.rank())
	if err != nil {
		return nil, err
	}
	var sizes []int
	if c.has(1) {
		if sizes, err = c.fixed(1); err != nil {
			return nil, err
		}
	} else {
		n := c.node.int("num_outputs", len(c.node.out))
		if n < 1 || n > maxList {
			return nil, fmt.Errorf("it splits into %d parts", n)
		}
		each := (x.dims[along] + n - 1) / n
		for left := x.dims[along]; len(sizes) < n; left -= each {
			sizes = append(sizes, max(0, min(each, left)))
		}
	}
	return c.parts(along, sizes)
}

// parts cuts the first input along an axis into parts of the given sizes.
func (c *call) parts(along int, sizes []int) ([]*value, error) {
	x := c.in[0]
	var out []*value
	of, start := fullBox(x.dims), 0
	for _, k := range sizes {
		of.start, of.count = slices.Clone(of.start), slices.Clone(of.count)
		of.start[along], of.count[along] = start, k
		start += k
		if k < 0 || start > x.dims[along] {
			return nil, fmt.Errorf("the sizes %v do not add up to %d", sizes, x.dims[along])
		}
		v, err := c.cut(of)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}
