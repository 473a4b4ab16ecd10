package onnx

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
)

// shape plans Shape. Of the sizes that it gives, those along the images' axis depend on the batch.
func shape(c *call) ([]*value, error) {
	x := c.in[0]
	from, to := c.node.int("start", 0), c.node.int("end", x.rank())
	clamp := func(i int) int {
		if i < 0 {
			i += x.rank()
		}
		return max(0, min(i, x.rank()))
	}
	from, to = clamp(from), clamp(to)
	a := scalars(x.dims[from:max(from, to)]...)
	a.sized = make([]bool, len(a.v))
	for i := range a.sized {
		a.sized[i] = x.place.known() && x.place.axis == from+i || c.long(x.dims[from+i])
	}
	return c.known(a)
}

// size plans Size.
func size(c *call) ([]*value, error) {
	a := scalars(product(c.in[0].dims)).reshaped(nil)
	a.sized = []bool{c.in[0].place.known() || slices.ContainsFunc(c.in[0].dims, c.long)}
	return c.known(a)
}

// constant plans Constant.
func constant(c *call) ([]*value, error) {
	for name, a := range c.node.attrs {
		switch name {
		case "value":
			if a.t == nil {
				return nil, errors.New("it has no value")
			}
			v, err := a.t.array()
			if err != nil {
				return nil, err
			}
			return c.known(v)
		case "value_float":
			return c.known(&array{kind: real, v: []float64{a.f}})
		case "value_int":
			return c.known(&array{kind: whole, v: []float64{float64(a.i)}})
		case "value_floats":
			return c.known(&array{kind: real, dims: []int{len(a.floats)}, v: a.floats})
		case "value_ints":
			v := &array{kind: whole, dims: []int{len(a.ints)}}
			for _, k := range a.ints {
				v.v = append(v.v, float64(k))
			}
			return c.known(v)
		}
	}
	return nil, errors.New("its kind of constant is not supported")
}

// constantOfShape plans ConstantOfShape.
func constantOfShape(c *call) ([]*value, error) {
	dims, err := c.ints(0)
	if err == nil {
		err = checkDims(dims)
	}
	if err != nil {
		return nil, err
	}
	if product(dims) > c.left {
		return nil, errTooLarge
	}
	a := &array{kind: real, dims: dims, v: make([]float64, product(dims))}
	if t := c.node.attrs["value"].t; t != nil {
		one, err := t.array()
		if err != nil || len(one.v) != 1 {
			return nil, errors.Join(errors.New("its value is not one number"), err)
		}
		a.kind = one.kind
		for i := range a.v {
			a.v[i] = one.v[0]
		}
	}
	return c.known(a)
}

// sequence plans Range.
func sequence(c *call) ([]*value, error) {
	var v [3]float64
	sized := false
	for i := range v {
		a, err := c.array(i)
		if err != nil {
			return nil, err
		}
		if len(a.v) != 1 {
			return nil, errors.New("its bounds are not single numbers")
		}
		v[i], sized = a.v[0], sized || a.dependsOnBatch()
	}
	n := math.Ceil((v[1] - v[0]) / v[2])
	if math.IsNaN(n) || n > float64(c.left) {
		return nil, errTooLarge
	}
	a := &array{kind: c.in[0].kind, dims: []int{int(max(n, 0))}, v: make([]float64, int(max(n, 0)))}
	for i := range a.v {
		a.v[i] = v[0] + float64(i)*v[2]
	}
	if sized { // as many elements as images
		a.sized = make([]bool, len(a.v))
		for i := range a.sized {
			a.sized[i] = true
		}
	}
	return c.known(a)
}

// reshape plans Reshape.
func reshape(c *call) ([]*value, error) {
	to, err := c.ints(1)
	if err != nil {
		return nil, err
	}
	to = slices.Clone(to)
	x, open := c.in[0], -1
	for i, d := range to {
		switch {
		case d == 0 && c.node.int("allowzero", 0) == 0:
			if i >= x.rank() {
				return nil, fmt.Errorf("it keeps axis %d of %d", i, x.rank())
			}
			to[i] = x.dims[i]
		case d == -1 && open < 0:
			open = i
		case d < 0:
			return nil, fmt.Errorf("the shape %v is impossible", to)
		}
	}
	return c.reshaped(to, open)
}

// reshaped is the first input in another shape, whose axis open, if there is one, takes what is left.
func (c *call) reshaped(to []int, open int) ([]*value, error) {
	x := c.in[0]
	if open >= 0 {
		to[open] = 1
		if err := checkDims(to); err != nil {
			return nil, err
		}
		if p := product(to); p > 0 {
			to[open] = product(x.dims) / p
		}
	}
	if err := checkDims(to); err != nil {
		return nil, err
	}
	if product(to) != product(x.dims) {
		return nil, fmt.Errorf("a shape of %v does not fit into %v", c.symbolic(x.dims), c.symbolic(to))
	}
	if x.host != nil {
		return c.known(x.host.reshaped(to))
	}
	at, err := c.placed(x.place.reshape(c.batch, x.dims, to))
	if err != nil {
		return nil, err
	}
	v := &value{dims: to, kind: x.kind, place: at, uniform: x.uniform}
	v.build = func(b *builder) *graph.Node { return graph.Reshape(b.node(x), to...) }
	if slices.Equal(to, x.dims) {
		v = x
	}
	return []*value{v}, nil
}

// flatten plans Flatten.
func flatten(c *call) ([]*value, error) {
	x := c.in[0]
	a := c.node.int("axis", 1)
	if a < 0 {
		a += x.rank()
	}
	if a < 0 || a > x.rank() {
		return nil, fmt.Errorf("there is no axis %d of %d", a, x.rank())
	}
	return c.reshaped([]int{product(x.dims[:a]), product(x.dims[a:])}, -1)
}

// unsqueeze plans Unsqueeze, whose axes count in the result.
func unsqueeze(c *call) ([]*value, error) {
	list, err := c.ints(1)
	if err != nil {
		return nil, err
	}
	x := c.in[0]
	at, err := axes(list, x.rank()+len(list))
	if err != nil {
		return nil, err
	}
	to := slices.Clone(x.dims)
	for _, a := range at {
		to = slices.Insert(to, a, 1)
	}
	return c.reshaped(to, -1)
}

// squeeze plans Squeeze.
func squeeze(c *call) ([]*value, error) {
	x := c.in[0]
	var list []int
	if c.has(1) {
		var err error
		if list, err = c.ints(1); err != nil {
			return nil, err
		}
	} else {
		for a, d := range x.dims {
			if d == 1 {
				list = append(list, a)
			}
		}
	}
	at, err := axes(list, x.rank())
	if err != nil {
		return nil, err
	}
	var to []int
	for a, d := range x.dims {
		if !slices.Contains(at, a) {
			to = append(to, d)
		} else if d != 1 {
			return nil, fmt.Errorf("axis %d has %d elements, not 1", a, d)
		}
	}
	return c.reshaped(to, -1)
}

// transpose plans Transpose.
func transpose(c *call) ([]*value, error) {
	x := c.in[0]
	perm := c.node.ints("perm")
	if perm == nil {
		for a := range x.dims {
			perm = append([]int{a}, perm...)
		}
	}
	if sorted, err := axes(perm, x.rank()); err != nil || len(sorted) != x.rank() {
		return nil, fmt.Errorf("%v is not an order of %d axes", perm, x.rank())
	}
	if x.host != nil {
		if err := c.reserve(x.dims); err != nil {
			return nil, err
		}
		dims, at := permuted(x.dims, perm)
		return c.known(x.host.pick(dims, at))
	}
	v := &value{kind: x.kind, place: nowhere, uniform: x.uniform}
	for i, a := range perm {
		v.dims = append(v.dims, x.dims[a])
		if x.place.known() && a == x.place.axis {
			v.place = place{axis: i, inner: x.place.inner}
		}
	}
	v.build = func(b *builder) *graph.Node { return graph.TransposeAllDims(b.node(x), perm...) }
	return []*value{v}, nil
}

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
	return []*value{{dims: to, kind: real, place: at, build: func(b *builder) *graph.Node {
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

// box is a part of a value: along each axis, count elements from start on in steps.
type box struct{ start, count, step []int }

func fullBox(dims []int) box {
	b := box{start: make([]int, len(dims)), count: slices.Clone(dims), step: make([]int, len(dims))}
	for i := range b.step {
		b.step[i] = 1
	}
	return b
}

// cut is a box of the first input.
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
		return nil, errors.New("nothing is left")
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
	counts := slices.ContainsFunc(c.in[1:], func(v *value) bool { return v != nil && v.host != nil && v.host.dependsOnBatch() })
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

// bounds are Python's rules for from:to:step along an axis of size elements.
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
			return nil, fmt.Errorf("the sizes %v are not those of a split of %d", sizes, x.dims[along])
		}
		v, err := c.cut(of)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

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

// spreadOver is the place of a value that was repeated for each image: along an axis of size 1 that has become as long as the
// batch, or a multiple of it.
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
		if times[a] < 1 {
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

// padded widens the first input; negative amounts cut.
func (c *call) padded(lo, hi []int, fill float64, mode string) ([]*value, error) {
	x := c.in[0]
	to, at := slices.Clone(x.dims), x.place
	var err error
	for a := range to {
		if lo[a] == 0 && hi[a] == 0 {
			continue
		}
		if to[a] += lo[a] + hi[a]; to[a] < 1 {
			return nil, errors.New("nothing is left")
		}
		if at, err = c.placed(at.keep(a)); err != nil {
			return nil, err
		}
		if limit := map[string]int{"reflect": x.dims[a] - 1, "wrap": x.dims[a]}[mode]; mode != "constant" && mode != "edge" &&
			max(lo[a], hi[a]) > limit {
			return nil, fmt.Errorf("the mode %s reaches no further than %d elements", mode, limit)
		}
	}
	if err := checkDims(to); err != nil {
		return nil, err
	}
	return []*value{{dims: to, kind: real, place: at,
		build: func(b *builder) *graph.Node { return padded(b.node(x), lo, hi, fill, mode) }}}, nil
}

// blocks plans DepthToSpace and SpaceToDepth.
func blocks(toSpace bool) func(c *call) ([]*value, error) {
	return func(c *call) ([]*value, error) {
		x, k := c.in[0], c.node.int("blocksize", 0)
		if _, err := c.float(0); err != nil {
			return nil, err
		}
		if x.rank() != 4 || k < 1 || k > maxList {
			return nil, fmt.Errorf("a block size of %d on %v is impossible", k, x.dims)
		}
		n, ch, h, w := x.dims[0], x.dims[1], x.dims[2], x.dims[3]
		var split, perm, to []int
		switch {
		case !toSpace:
			split, perm, to = []int{n, ch, h / k, k, w / k, k}, []int{0, 3, 5, 1, 2, 4}, []int{n, ch * k * k, h / k, w / k}
		case c.node.string("mode", "DCR") == "CRD":
			split, perm, to = []int{n, ch / (k * k), k, k, h, w}, []int{0, 1, 4, 2, 5, 3}, []int{n, ch / (k * k), h * k, w * k}
		default:
			split, perm, to = []int{n, k, k, ch / (k * k), h, w}, []int{0, 3, 4, 1, 5, 2}, []int{n, ch / (k * k), h * k, w * k}
		}
		if product(split) != product(x.dims) {
			return nil, fmt.Errorf("a block size of %d does not divide %v", k, x.dims)
		}
		at, err := c.placed(x.place.keep(1, 2, 3))
		if err != nil {
			return nil, err
		}
		return []*value{{dims: to, kind: real, place: at, build: func(b *builder) *graph.Node {
			return graph.Reshape(graph.TransposeAllDims(graph.Reshape(b.node(x), split...), perm...), to...)
		}}}, nil
	}
}
