package onnx

import (
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
)

// reduction plans ReduceMean and the like: f computes it in the graph, h on constants. The axes are an attribute in
// older opsets and an input in newer ones.
func reduction(
	f func(x *graph.Node, axes ...int) *graph.Node,
	h func(x []float64) float64,
) func(c *call) ([]*value, error) {
	return func(c *call) ([]*value, error) {
		x := c.in[0]
		list := c.node.ints("axes")
		if c.has(1) {
			var err error
			if list, err = c.ints(1); err != nil {
				return nil, err
			}
		}
		if len(list) == 0 {
			if c.node.int("noop_with_empty_axes", 0) != 0 {
				return c.reducedNowhere(f, h)
			}
			for a := range x.dims {
				list = append(list, a)
			}
		}
		at, err := axes(list, x.rank())
		if err != nil {
			return nil, err
		}
		if x.host != nil {
			return c.reducedArray(at, h)
		}
		if _, err := c.float(0); err != nil {
			return nil, err
		}
		return c.reduced(at, c.node.int("keepdims", 1) != 0, f)
	}
}

// reducedNowhere plans a reduction over no axes, which still squares, takes logarithms and so on.
func (c *call) reducedNowhere(
	f func(x *graph.Node, axes ...int) *graph.Node,
	h func(x []float64) float64,
) ([]*value, error) {
	x := c.in[0]
	if a := x.host; a != nil {
		r := *a
		r.v = nil
		for _, v := range a.v {
			r.v = append(r.v, h([]float64{v}))
		}
		return c.known(&r)
	}
	if _, err := c.float(0); err != nil {
		return nil, err
	}
	return []*value{{dims: x.dims, kind: float32s, place: x.place, build: func(b *builder) *graph.Node {
		return f(graph.Reshape(b.node(x), append(slices.Clone(x.dims), 1)...), len(x.dims))
	}}}, nil
}

// reduced plans a reduction of the first input over axes.
func (c *call) reduced(over []int, keep bool, f func(x *graph.Node, axes ...int) *graph.Node) ([]*value, error) {
	x := c.in[0]
	at, err := c.placed(x.place.keep(over...))
	if err != nil {
		return nil, err
	}
	v := &value{kind: float32s, place: at}
	for a, d := range x.dims {
		switch {
		case !slices.Contains(over, a):
			v.dims = append(v.dims, d)
		case keep:
			v.dims = append(v.dims, 1)
		}
	}
	if !keep && at.known() {
		if v.place, err = at.without(over...); err != nil {
			return nil, err
		}
	}
	v.build = func(b *builder) *graph.Node { return graph.Reshape(f(b.node(x), over...), v.dims...) }
	return []*value{v}, nil
}

// reducedArray reduces a constant over all of its axes, which exporters only do to compute sizes.
func (c *call) reducedArray(over []int, h func(x []float64) float64) ([]*value, error) {
	a := c.in[0].host
	if len(over) != len(a.dims) || len(a.v) == 0 {
		return nil, fmt.Errorf("of a constant over some of its axes is not supported")
	}
	r := &array{kind: a.kind, v: []float64{h(a.v)}}
	if a.dependsOnBatch() || slices.ContainsFunc(a.dims, c.long) {
		r.sized = []bool{true}
	}
	if c.node.int("keepdims", 1) != 0 {
		r.dims = slices.Repeat([]int{1}, len(a.dims))
	}
	return c.known(r)
}

func sumOf(x []float64) float64 {
	s := 0.0
	for _, v := range x {
		s += v
	}
	return s
}

func meanOf(x []float64) float64 { return sumOf(x) / float64(len(x)) }

func productOf(x []float64) float64 {
	p := 1.0
	for _, v := range x {
		p *= v
	}
	return p
}

// unknown returns NaN, for reductions that exporters do not apply to constants.
func unknown([]float64) float64 { return math.NaN() }

// softmax plans Softmax and LogSoftmax.
func softmax(f func(x *graph.Node, axis int) *graph.Node) func(c *call) ([]*value, error) {
	return func(c *call) ([]*value, error) {
		x, err := c.float(0)
		if err != nil {
			return nil, err
		}
		along, err := axis(c.node.int("axis", -1), x.rank())
		if err != nil {
			return nil, err
		}
		at, err := c.placed(x.place.keep(along))
		if err != nil {
			return nil, err
		}
		return []*value{{dims: x.dims, kind: float32s, place: at,
			build: func(b *builder) *graph.Node { return f(b.node(x), along) }}}, nil
	}
}

// reductionOfConstants plans a reduction that exporters only use to compute sizes.
func reductionOfConstants(h func(x []float64) float64) func(c *call) ([]*value, error) {
	return func(c *call) ([]*value, error) {
		if c.in[0].host == nil {
			return nil, fmt.Errorf("of what the network computes is not supported")
		}
		return reduction(nil, h)(c)
	}
}

// cumSum plans CumSum, as a product with a triangular matrix.
func cumSum(c *call) ([]*value, error) {
	x, err := c.float(0)
	if err != nil {
		return nil, err
	}
	list, err := c.fixed(1)
	if err != nil {
		return nil, err
	}
	if len(list) != 1 {
		return nil, fmt.Errorf("along %d axes is impossible", len(list))
	}
	along, err := axis(list[0], x.rank())
	if err != nil {
		return nil, err
	}
	at, err := c.placed(x.place.keep(along))
	if err != nil {
		return nil, err
	}
	n := x.dims[along]
	if err := c.reserve([]int{n, n}); err != nil {
		return nil, err
	}
	exclusive, reverse := c.node.int("exclusive", 0) != 0, c.node.int("reverse", 0) != 0
	m := make([][]float32, n)
	for i := range m {
		m[i] = make([]float32, n)
		for k := range n {
			if before := k < i != reverse; k != i && before || k == i && !exclusive {
				m[i][k] = 1
			}
		}
	}
	matrices := make([][][]float32, x.rank())
	matrices[along] = m
	return []*value{{dims: x.dims, kind: float32s, place: at,
		build: func(b *builder) *graph.Node { return interpolated(b.node(x), matrices) }}}, nil
}
