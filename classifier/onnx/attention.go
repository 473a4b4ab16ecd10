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
		return nil, fmt.Errorf(
			"of values of %d axes is not supported, only of [batch, heads, length, features]",
			q.rank(),
		)
	}
	if q.dims[0] != k.dims[0] || q.dims[0] != v.dims[0] || q.dims[1] != k.dims[1] || k.dims[1] != v.dims[1] ||
		q.dims[3] != k.dims[3] || k.dims[2] != v.dims[2] {
		return nil, fmt.Errorf("of shapes %v, %v and %v is not supported", q.dims, k.dims, v.dims)
	}
	if c.node.int("is_causal", 0) != 0 {
		return nil, fmt.Errorf("with is_causal is not supported: export the mask, of 0 and −Inf, as its input")
	}
	if len(c.node.out) > 1 {
		return nil, fmt.Errorf("with more than one output is not supported")
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
	return []*value{{dims: to, kind: float32s, place: at, build: func(b *builder) *graph.Node {
		var mask *graph.Node
		if c.has(3) {
			mask = b.node(c.in[3])
		}
		return attended(b.node(q), b.node(k), b.node(v), mask, scale)
	}}}, nil
}

// attentionPlace returns the place of an attention's result, which is the place that all its inputs must share.
func attentionPlace(q, k, v *value) (place, error) {
	if q.place != k.place || q.place != v.place || q.place.axis > 1 {
		return nowhere, &mixesError{"attention pairs each image with others"}
	}
	return q.place, nil
}
