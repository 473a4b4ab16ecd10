package onnx

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"
)

// attention plans Attention (opset 23) for queries, keys and values [batch, heads, length, features] without a cache.
func attention(c *call) ([]*value, error) {
	if err := c.floats(3); err != nil {
		return nil, err
	}
	q, k, v := c.in[0], c.in[1], c.in[2]
	if q.rank() != 4 || k.rank() != 4 || v.rank() != 4 {
		return nil, fmt.Errorf("of values of %d axes is not supported, only of [batch, heads, length, features]", q.rank())
	}
	if q.dims[0] != k.dims[0] || q.dims[0] != v.dims[0] || q.dims[1] != k.dims[1] || k.dims[1] != v.dims[1] ||
		q.dims[3] != k.dims[3] || k.dims[2] != v.dims[2] || c.node.int("is_causal", 0) != 0 || len(c.node.out) > 1 {
		return nil, fmt.Errorf("of shapes %v, %v and %v is not supported", q.dims, k.dims, v.dims)
	}
	to := []int{q.dims[0], q.dims[1], q.dims[2], v.dims[3]}
	at, err := c.placed(attentionPlace(q, k, v))
	if err != nil {
		return nil, err
	}
	scores := []int{q.dims[0], q.dims[1], q.dims[2], k.dims[2]}
	if c.has(3) {
		m := c.in[3]
		if !fits(m.dims, scores) || m.kind == whole || m.place.known() {
			return nil, fmt.Errorf("a mask of shape %v is not supported", m.dims)
		}
	}
	c.multiply(scores, q.dims[3])
	c.multiply(to, k.dims[2])
	scale := c.node.float("scale", 0)
	if scale == 0 {
		scale = 1 / math.Sqrt(float64(q.dims[3]))
	}
	if scale < 0 {
		return nil, fmt.Errorf("with a scale of %v is not supported", scale)
	}
	return []*value{{dims: to, kind: real, place: at, build: func(b *builder) *graph.Node {
		var mask *graph.Node
		if c.has(3) {
			mask = b.node(c.in[3])
		}
		return attended(b.node(q), b.node(k), b.node(v), mask, scale)
	}}}, nil
}

// attentionPlace is the place of an attention's result: where its inputs, the same all, keep the images.
func attentionPlace(q, k, v *value) (place, error) {
	if q.place != k.place || q.place != v.place || q.place.axis > 1 {
		return nowhere, &errMixes{"attention pairs each image with others"}
	}
	return q.place, nil
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
