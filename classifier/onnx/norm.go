package onnx

import (
	"errors"
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
)

// errTraining reports a file that was exported in training mode.
var errTraining = errors.New("it was exported in training mode; call net.eval() before the export")

// batchNormalization plans BatchNormalization. It uses the file's statistics, and in training the batch's.
func batchNormalization(c *call) ([]*value, error) {
	if c.node.int("training_mode", 0) != 0 {
		return nil, errTraining
	}
	if err := c.floats(5); err != nil {
		return nil, err
	}
	x := c.in[0]
	if x.rank() < 2 {
		return nil, fmt.Errorf("on a value of %d axes is impossible", x.rank())
	}
	for i := 1; i < 5; i++ {
		if v := c.in[i]; v.rank() != 1 || v.dims[0] != x.dims[1] || v.place.known() {
			return nil, fmt.Errorf("its input %s has the shape %v, not [%d]", c.node.in[i], v.dims, x.dims[1])
		}
	}
	at, err := c.placed(x.place.keep(1))
	if err != nil {
		return nil, err
	}
	n := norm{
		epsilon:  c.node.float("epsilon", 1e-5),
		momentum: c.node.float("momentum", 0.9),
		mean:     c.in[3].weight,
		variance: c.in[4].weight,
	}
	for _, name := range []string{n.mean, n.variance} {
		if name != "" {
			c.stats[name] = true
		}
	}
	return []*value{{dims: x.dims, kind: float32s, place: at, build: func(b *builder) *graph.Node {
		return batchNorm(b, n, b.node(x), b.node(c.in[1]), b.node(c.in[2]), b.node(c.in[3]), b.node(c.in[4]))
	}}}, nil
}

// norm is a batch norm: its settings, and the names of its running statistics, which are empty if these are not
// weights.
type norm struct {
	epsilon, momentum float64
	mean, variance    string
}

// layerNormalization plans LayerNormalization and RMSNormalization, from an axis to the last.
func layerNormalization(centred bool) func(c *call) ([]*value, error) {
	return func(c *call) ([]*value, error) {
		if err := c.floats(3); err != nil {
			return nil, err
		}
		if len(c.node.out) > 1 {
			return nil, errors.New("with more than one output is not supported")
		}
		x := c.in[0]
		if err := c.scaleFits(func(dims []int) bool { return fits(dims, x.dims) }); err != nil {
			return nil, err
		}
		from, err := axis(c.node.int("axis", -1), x.rank())
		if err != nil {
			return nil, err
		}
		var over []int
		for a := from; a < x.rank(); a++ {
			over = append(over, a)
		}
		return c.normalised(x, over, centred, func(y *graph.Node, b *builder) *graph.Node {
			if c.has(1) {
				y = graph.Mul(y, spread(b.node(c.in[1]), x.dims))
			}
			if c.has(2) {
				y = graph.Add(y, spread(b.node(c.in[2]), x.dims))
			}
			return y
		})
	}
}

// normalised plans a normalisation of x over axes, followed by its scale and bias.
func (c *call) normalised(
	x *value,
	over []int,
	centred bool,
	scale func(y *graph.Node, b *builder) *graph.Node,
) ([]*value, error) {
	for _, v := range c.in[1:] {
		if v == nil {
			continue
		}
		if v.place.known() {
			return nil, errors.New("with a scale that the network computes is not supported")
		}
	}
	at, err := c.placed(x.place.keep(over...))
	if err != nil {
		return nil, err
	}
	epsilon := c.node.float("epsilon", 1e-5)
	return []*value{{dims: x.dims, kind: float32s, place: at, build: func(b *builder) *graph.Node {
		return scale(standardised(b.node(x), epsilon, centred, over...), b)
	}}}, nil
}

// scaleFits checks that the scale and bias of a normalisation can be broadcast to x.
func (c *call) scaleFits(want func(dims []int) bool) error {
	for i := 1; i < len(c.in); i++ {
		if c.has(i) && !want(c.in[i].dims) {
			return fmt.Errorf("its input %s of shape %v does not fit %v", c.node.in[i], c.in[i].dims, c.in[0].dims)
		}
	}
	return nil
}

// groupNormalization plans GroupNormalization and InstanceNormalization, which is one group for each channel.
func groupNormalization(instance bool) func(c *call) ([]*value, error) {
	return func(c *call) ([]*value, error) {
		if err := c.floats(3); err != nil {
			return nil, err
		}
		x := c.in[0]
		if x.rank() < 3 {
			return nil, fmt.Errorf("on a value of %d axes is impossible", x.rank())
		}
		ch := x.dims[1]
		groups := c.node.int("num_groups", 0)
		if instance {
			groups = ch
		}
		if groups < 1 || ch%groups != 0 {
			return nil, fmt.Errorf("%d channels in %d groups are impossible", ch, groups)
		}
		if err := c.scaleFits(func(d []int) bool { return len(d) == 1 && d[0] == ch }); err != nil {
			return nil, err
		}
		if _, err := c.placed(x.place.keep(1, 2, 3)); err != nil {
			return nil, err
		}
		at, epsilon := x.place, c.node.float("epsilon", 1e-5)
		return []*value{{dims: x.dims, kind: float32s, place: at, build: func(b *builder) *graph.Node {
			return groupNorm(b.node(x), b.node(c.in[1]), b.node(c.in[2]), groups, epsilon)
		}}}, nil
	}
}

// lrn plans LRN, the local response normalisation across channels.
func lrn(c *call) ([]*value, error) {
	x, err := c.float(0)
	if err != nil {
		return nil, err
	}
	size := c.node.int("size", 0)
	if x.rank() < 2 || size < 1 || size > maxList {
		return nil, fmt.Errorf("over %d channels of %v is impossible", size, x.dims)
	}
	at, err := c.placed(x.place.keep(1))
	if err != nil {
		return nil, err
	}
	alpha, beta, bias := c.node.float("alpha", 1e-4), c.node.float("beta", 0.75), c.node.float("bias", 1)
	return []*value{{dims: x.dims, kind: float32s, place: at, build: func(b *builder) *graph.Node {
		return localResponse(b.node(x), size, alpha, beta, bias)
	}}}, nil
}

// lpNormalization plans LpNormalization.
func lpNormalization(c *call) ([]*value, error) {
	x, err := c.float(0)
	if err != nil {
		return nil, err
	}
	along, err := axis(c.node.int("axis", -1), x.rank())
	if err != nil {
		return nil, err
	}
	p := c.node.int("p", 2)
	if p != 1 && p != 2 {
		return nil, fmt.Errorf("with p=%d is not supported", p)
	}
	at, err := c.placed(x.place.keep(along))
	if err != nil {
		return nil, err
	}
	return []*value{{dims: x.dims, kind: float32s, place: at, build: func(b *builder) *graph.Node {
		f := norm2
		if p == 1 {
			f = norm1
		}
		return normalized(b.node(x), along, f)
	}}}, nil
}
