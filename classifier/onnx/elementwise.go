package onnx

import (
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
)

// pointwise plans an operation on each element of one input: f computes it in the graph, h on constants.
func pointwise(
	f func(n *node, x *graph.Node) *graph.Node,
	h func(n *node, x float64) float64,
) func(c *call) ([]*value, error) {
	return func(c *call) ([]*value, error) {
		x := c.in[0]
		if x.host != nil {
			return c.known(x.host.each(x.kind, func(v float64) float64 { return h(c.node, v) }))
		}
		if _, err := c.float(0); err != nil {
			return nil, err
		}
		return []*value{c.like(x, func(b *builder) *graph.Node { return f(c.node, b.node(x)) })}, nil
	}
}

// like returns a value of the shape of x, with the images in the same place.
func (c *call) like(x *value, build func(b *builder) *graph.Node) *value {
	return &value{dims: x.dims, kind: float32s, place: x.place, uniform: x.uniform, build: build}
}

// known returns a constant as the result.
func (c *call) known(a *array) ([]*value, error) {
	if err := c.reserve(a.dims); err != nil {
		return nil, err
	}
	return []*value{{dims: a.dims, kind: a.kind, place: nowhere, host: a, uniform: len(a.v) > 0 && a.uniform()}}, nil
}

// broadcasting plans an operation on each element of inputs that are broadcast against each other: f computes it in the
// graph, h on constants. out is the kind of the result; if it is negative, the result has the kind of the last input.
func broadcasting(
	out kind,
	f func(x ...*graph.Node) *graph.Node,
	h func(k kind, x []float64) float64,
) func(c *call) ([]*value, error) {
	return func(c *call) ([]*value, error) {
		k := out
		if k < 0 {
			k = c.in[len(c.in)-1].kind
		}
		if c.constant() {
			return c.zip(k, h)
		}
		dims, at, err := c.broadcast()
		if err != nil {
			return nil, err
		}
		v := &value{dims: dims, kind: k, place: at, pixels: c.normalises()}
		v.build = func(b *builder) *graph.Node {
			all := make([]*graph.Node, len(c.in))
			for i, x := range c.in {
				all[i] = aligned(b.node(x), len(dims))
			}
			return f(all...)
		}
		return []*value{v}, nil
	}
}

// normalises reports whether the result is the images, only shifted or scaled, and records the weights that do it.
func (c *call) normalises() bool {
	images := 0
	for _, v := range c.in {
		switch {
		case v.pixels:
			images++
		case v.place.known():
			return false
		}
	}
	if images != 1 || len(c.in) != 2 || !slices.Contains([]string{"Add", "Sub", "Mul", "Div"}, c.node.op) {
		return false
	}
	c.normalizes = true
	for _, v := range c.in {
		if v.weight != "" {
			c.inputs[v.weight] = true
		}
	}
	return true
}

// zip computes a constant result.
func (c *call) zip(k kind, h func(k kind, x []float64) float64) ([]*value, error) {
	var all []*array
	var dims [][]int
	for _, v := range c.in {
		all, dims = append(all, v.host), append(dims, v.dims)
	}
	d, err := broadcastDims(dims...)
	if err == nil {
		err = c.reserve(d)
	}
	if err != nil {
		return nil, err
	}
	a, err := zip(k, func(x []float64) float64 { return h(k, x) }, all...)
	if err != nil {
		return nil, err
	}
	return c.known(a)
}

// broadcast returns the shape and place of a result of all inputs, which must be float32 or truth values.
func (c *call) broadcast() ([]int, place, error) {
	var dims [][]int
	for i, v := range c.in {
		if v.kind == whole {
			return nil, nowhere, fmt.Errorf(
				"its input %s holds whole numbers, which is only supported on constants",
				c.node.in[i],
			)
		}
		if c.strict && v.host != nil && v.host.dependsOnBatch() {
			return nil, nowhere, errCounts
		}
		dims = append(dims, v.dims)
	}
	d, err := broadcastDims(dims...)
	if err != nil {
		return nil, nowhere, err
	}
	at, err := c.placed(together(d, c.in...))
	return d, at, err
}

// clip plans Clip, whose bounds are inputs.
func clip(c *call) ([]*value, error) {
	lo, err := c.number(1, math.Inf(-1))
	if err != nil {
		return nil, err
	}
	hi, err := c.number(2, math.Inf(1))
	if err != nil {
		return nil, err
	}
	x := c.in[0]
	if x.host != nil {
		return c.known(x.host.each(x.kind, func(v float64) float64 { return max(lo, min(hi, v)) }))
	}
	if _, err := c.float(0); err != nil {
		return nil, err
	}
	return []*value{c.like(x, func(b *builder) *graph.Node { return clipped(b.node(x), lo, hi) })}, nil
}

// pow plans Pow. The exponent is usually a constant, for which the derivative is exact.
func pow(c *call) ([]*value, error) {
	x, e := c.in[0], c.in[1]
	if e.host != nil && len(e.host.v) == 1 && x.host == nil && len(e.dims) <= len(x.dims) {
		if _, err := c.float(0); err != nil {
			return nil, err
		}
		if c.strict && e.host.dependsOnBatch() {
			return nil, errCounts
		}
		return []*value{c.like(x, func(b *builder) *graph.Node { return power(b.node(x), e.host.v[0]) })}, nil
	}
	return broadcasting(float32s, powers, func(k kind, x []float64) float64 { return math.Pow(x[0], x[1]) })(c)
}

// pRelu plans PRelu, whose slope is broadcast against the input.
func pRelu(c *call) ([]*value, error) {
	return broadcasting(float32s, leaky, func(_ kind, x []float64) float64 {
		if x[0] < 0 {
			return x[0] * x[1]
		}
		return x[0]
	})(c)
}

// where plans Where.
func where(c *call) ([]*value, error) {
	if c.in[0].kind != truth {
		return nil, fmt.Errorf("its condition %s holds %s", c.node.in[0], c.in[0].kind)
	}
	return broadcasting(-1, choose, func(_ kind, x []float64) float64 {
		if x[0] != 0 {
			return x[1]
		}
		return x[2]
	})(c)
}

// same plans operations whose result is their first input: Identity, and Dropout, which does nothing outside of
// training.
func same(c *call) ([]*value, error) { return []*value{c.in[0]}, nil }

// dropout plans Dropout as it is outside of training.
func dropout(c *call) ([]*value, error) {
	if c.has(2) {
		a, err := c.array(2)
		if err != nil {
			return nil, err
		}
		if len(a.v) != 1 || a.v[0] != 0 {
			return nil, errTraining
		}
	}
	return same(c)
}

// cast plans Cast. What the network computes stays float32; a cast of constants only changes their kind.
func cast(c *call) ([]*value, error) {
	to := elementType(c.node.int("to", 0))
	if to == typeFloat16 || to == typeBfloat16 || to.width() == 0 {
		return nil, fmt.Errorf("to %s is not supported", to)
	}
	return c.cast(to.kind())
}

// castLike plans CastLike.
func castLike(c *call) ([]*value, error) { return c.cast(c.in[1].kind) }

func (c *call) cast(to kind) ([]*value, error) {
	x := c.in[0]
	if x.host != nil {
		return c.known(x.host.each(to, func(v float64) float64 {
			switch {
			case to == truth && v != 0:
				return 1
			case to == whole:
				return math.Trunc(v)
			}
			return v
		}))
	}
	switch {
	case x.kind == to:
		return same(c)
	case x.kind == truth && to == float32s:
		return []*value{c.like(x, func(b *builder) *graph.Node { return toFloat(b.node(x)) })}, nil
	}
	return nil, fmt.Errorf("from %s to %s is not supported inside of a network", x.kind, to)
}

// not plans Not.
func not(c *call) ([]*value, error) {
	x := c.in[0]
	if x.kind != truth {
		return nil, fmt.Errorf("its input holds %s", x.kind)
	}
	if x.host != nil {
		return c.known(x.host.each(truth, func(v float64) float64 { return 1 - v }))
	}
	v := c.like(x, func(b *builder) *graph.Node { return graph.LogicalNot(b.node(x)) })
	v.kind = truth
	return []*value{v}, nil
}

// divide divides as the kind does: whole numbers towards zero.
func divide(k kind, x []float64) float64 {
	if k == whole {
		if x[1] == 0 {
			return 0
		}
		return math.Trunc(x[0] / x[1])
	}
	return x[0] / x[1]
}

// modulo returns Python's remainder, which has the sign of the divisor.
func modulo(_ kind, x []float64) float64 {
	if x[1] == 0 {
		return 0
	}
	return x[0] - x[1]*math.Floor(x[0]/x[1])
}

// mod plans Mod, which exporters only use to compute sizes.
func mod(c *call) ([]*value, error) {
	if !c.constant() {
		return nil, fmt.Errorf("on what the network computes is not supported")
	}
	if c.node.int("fmod", 0) != 0 {
		return c.zip(c.in[0].kind, func(_ kind, x []float64) float64 { return math.Mod(x[0], x[1]) })
	}
	return c.zip(c.in[0].kind, modulo)
}

// indicator returns 1 for true and 0 for false.
func indicator(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// isNaN plans IsNaN.
func isNaN(c *call) ([]*value, error) {
	x, err := c.float(0)
	if err != nil {
		return nil, err
	}
	if x.host != nil {
		return c.known(x.host.each(truth, func(v float64) float64 { return indicator(v != v) }))
	}
	v := c.like(x, func(b *builder) *graph.Node { return graph.IsNaN(b.node(x)) })
	v.kind = truth
	return []*value{v}, nil
}
