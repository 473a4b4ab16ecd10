package onnx

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
)

// value is a named value of a plan: a constant, a weight, or something that the network computes.
type value struct {
	dims  []int
	kind  kind
	place place
	host  *array // its elements, if they are known before the network runs
	// weight is the weight's name if the value is an unchanged weight, else "".
	weight string
	// uniform is set if all elements of the value are known to be equal.
	uniform bool
	// pixels is set if the value is the images, or the images after a normalisation.
	pixels bool
	parts  []*value                     // of a list
	build  func(b *builder) *graph.Node // nil for a constant
}

func (v *value) rank() int { return len(v.dims) }

// plan is the network for batches of one size: every shape, every constant, and how each value is computed. Every fault
// of a file is found while its plan is made, so that building the graph cannot fail.
type plan struct {
	net    *Network
	batch  int
	strict bool // whether images are followed through the network, and mixing them is refused

	values        map[string]*value
	output        *value
	macs          int             // multiply-adds of the whole batch
	constants     map[string]bool // weights whose values the plan needed
	stats         map[string]bool // weights that are running statistics of batch norms
	inputs        map[string]bool // weights that normalise the images
	normalizes    bool            // the images are shifted or scaled before anything else
	constantsLeft int             // number of elements that further constants may have
}

// newPlan plans the network for a batch.
func newPlan(net *Network, batch int, strict bool) (*plan, error) {
	p := &plan{net: net, batch: batch, strict: strict, values: map[string]*value{}, constants: map[string]bool{},
		stats: map[string]bool{}, inputs: map[string]bool{}, constantsLeft: maxArrays}
	p.start()
	if err := p.planNodes(); err != nil {
		return nil, err
	}
	return p, p.checkOutput()
}

// planNodes plans all operations, in order.
func (p *plan) planNodes() error {
	for _, n := range p.net.nodes {
		out, err := p.node(n)
		var mixes *mixesError
		if errors.As(err, &mixes) {
			return fmt.Errorf("%s %w", n.at(), err)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", n.at(), err)
		}
		for i, v := range out {
			if i < len(n.out) && n.out[i] != "" {
				p.values[n.out[i]] = v
			}
		}
	}
	p.output = p.values[p.net.output]
	return nil
}

// start adds the images, weights and constants of the file to the values.
func (p *plan) start() {
	in := p.net.Input
	images := &value{dims: p.net.fileShape(p.batch), place: place{0, 1}, pixels: true}
	images.build = func(b *builder) *graph.Node { return toFile(b.images, in, images.dims) }
	p.values[p.net.input] = images
	for _, t := range p.net.inits {
		v := &value{dims: t.dims, kind: t.typ.kind(), place: nowhere}
		if p.net.isWeight(t) {
			v.weight = t.name
			v.build = func(b *builder) *graph.Node { return b.weight(t.name) }
		} else if a := p.net.arrays[t.name]; a != nil {
			v.host = a
		}
		p.values[t.name] = v
	}
}

// checkOutput checks the logits' shape and place.
func (p *plan) checkOutput() error {
	v := p.output
	switch {
	case v == nil:
		return errors.New("no operation computes its output")
	case v.kind != float32s || v.host != nil:
		return errors.New("its output does not depend on the images")
	case len(v.dims) != 2:
		return fmt.Errorf("its output has the shape %v; a classifier's is [batch, classes]", p.symbolic(v.dims))
	case v.dims[0] != p.batch || v.dims[1] < 1:
		return fmt.Errorf("its output has the shape %v, which is not [batch, classes]", p.symbolic(v.dims))
	case p.strict && v.place != place{0, 1}:
		return fmt.Errorf("it %w", &mixesError{"the rows of its output are not the images"})
	}
	return nil
}

// symbolic formats a shape with the word batch in place of the batch size.
func (p *plan) symbolic(dims []int) []string {
	s := make([]string, len(dims))
	for i, d := range dims {
		s[i] = fmt.Sprint(d)
		if d == p.batch && p.strict {
			s[i] = "batch"
		}
	}
	return s
}

// node plans one operation.
func (p *plan) node(n *node) ([]*value, error) {
	o := operations[n.op]
	c := &call{plan: p, node: n}
	for _, name := range n.in {
		if name == "" {
			c.in = append(c.in, nil)
			continue
		}
		v := p.values[name]
		if v == nil {
			return nil, fmt.Errorf("no operation computes its input %s", name)
		}
		if v.kind == list && n.op != "SequenceAt" && n.op != "Identity" {
			return nil, fmt.Errorf("its input %s is %s", name, v.kind)
		}
		c.in = append(c.in, v)
	}
	out, err := o.plan(c)
	if err != nil {
		return nil, err
	}
	for _, v := range out {
		if err := checkDims(v.dims); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// reserve accounts for the elements of a constant before they are computed.
func (p *plan) reserve(dims []int) error {
	if err := checkDims(dims); err != nil {
		return err
	}
	if n := product(dims); n > p.constantsLeft {
		return errTooLarge
	} else {
		p.constantsLeft -= n
	}
	return nil
}

// placed returns a place, and drops an error about it if images are not followed.
func (p *plan) placed(at place, err error) (place, error) {
	if err != nil && !p.strict {
		return nowhere, nil
	}
	return at, err
}

// call is an operation that is being planned, with its inputs.
type call struct {
	*plan
	node *node
	in   []*value
}

// has reports whether input i is given.
func (c *call) has(i int) bool { return i < len(c.in) && c.in[i] != nil }

// constant reports whether all inputs are known before the network runs.
func (c *call) constant() bool {
	return !slices.ContainsFunc(c.in, func(v *value) bool { return v != nil && v.host == nil })
}

// array returns the value of an input that must be known before the network runs.
func (c *call) array(i int) (*array, error) {
	v := c.in[i]
	if v.host != nil {
		return v.host, nil
	}
	if v.weight != "" {
		c.constants[v.weight] = true
		return c.net.array(v.weight)
	}
	return nil, fmt.Errorf("its input %s must be a constant, but the network computes it", c.node.in[i])
}

// ints returns the elements of an input that must be known before the network runs.
func (c *call) ints(i int) ([]int, error) {
	a, err := c.array(i)
	if err != nil {
		return nil, err
	}
	return a.ints()
}

// errCounts reports a result that depends on the number of images in the batch.
var errCounts = &mixesError{"it computes with the number of images"}

// fixed is like ints, for an input that must not depend on the number of images.
func (c *call) fixed(i int) ([]int, error) { //nolint:unparam // inputs are addressed by number
	a, err := c.array(i)
	if err != nil {
		return nil, err
	}
	if a.dependsOnBatch() && c.strict {
		return nil, errCounts
	}
	return a.ints()
}

// long reports whether an axis of a constant is as long as the batch, or a multiple of it.
func (p *plan) long(size int) bool { return p.strict && size > 0 && size%p.batch == 0 }

// number returns the single element of an input that must be known before the network runs, or a default if the input
// is not given.
func (c *call) number(i int, or float64) (float64, error) {
	if !c.has(i) {
		return or, nil
	}
	a, err := c.array(i)
	if err != nil {
		return 0, err
	}
	if len(a.v) != 1 {
		return 0, fmt.Errorf("its input %s has %d elements, not 1", c.node.in[i], len(a.v))
	}
	if c.strict && a.dependsOnBatch() {
		return 0, errCounts
	}
	return a.v[0], nil
}

// float returns an input, which must be float32.
func (c *call) float(i int) (*value, error) {
	v := c.in[i]
	if v.kind != float32s {
		return nil, fmt.Errorf("its input %s holds %s, not float32", c.node.in[i], v.kind)
	}
	if c.strict && v.host != nil && v.host.dependsOnBatch() {
		return nil, errCounts
	}
	return v, nil
}

// floats checks the first n inputs.
func (c *call) floats(n int) error {
	for i := range min(n, len(c.in)) {
		if c.in[i] != nil {
			if _, err := c.float(i); err != nil {
				return err
			}
		}
	}
	return nil
}

// axis returns an axis counted from 0; a negative one is counted from the end, as in Python.
func axis(a, rank int) (int, error) {
	if a < 0 {
		a += rank
	}
	if a < 0 || a >= rank {
		return 0, fmt.Errorf("there is no axis %d of %d", a, rank)
	}
	return a, nil
}

// axes returns axes counted from 0, in increasing order; they must differ.
func axes(list []int, rank int) ([]int, error) {
	var all []int
	for _, a := range list {
		a, err := axis(a, rank)
		if err != nil {
			return nil, err
		}
		if slices.Contains(all, a) {
			return nil, fmt.Errorf("axis %d is named twice", a)
		}
		all = append(all, a)
	}
	slices.Sort(all)
	return all, nil
}

func (n *node) int(name string, or int) int {
	if a, ok := n.attrs[name]; ok {
		return int(max(-maxBounds, min(maxBounds, a.i)))
	}
	return or
}

func (n *node) float(name string, or float64) float64 {
	if a, ok := n.attrs[name]; ok {
		return a.f
	}
	return or
}

func (n *node) string(name, or string) string {
	if a, ok := n.attrs[name]; ok {
		return a.s
	}
	return or
}

func (n *node) ints(name string, or ...int) []int {
	a, ok := n.attrs[name]
	if !ok {
		return or
	}
	v := make([]int, len(a.ints))
	for i, k := range a.ints {
		v[i] = int(max(-maxBounds, min(maxBounds, k)))
	}
	return v
}
