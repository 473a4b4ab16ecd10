package onnx

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
)

// gather plans Gather with constant indices.
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
	if isCount(list, x.dims[along]) { // all elements in their order
		return c.reshaped(to, -1)
	}
	at, err := c.placed(gatheredPlace(x, index, list, along, c.batch))
	if err != nil {
		return nil, err
	}
	return []*value{{dims: to, kind: x.kind, place: at,
		build: func(b *builder) *graph.Node { return taken(b.node(x), along, list, to) }}}, nil
}

// isCount reports whether a list counts from 0 to n-1.
func isCount(list []int, n int) bool {
	for i, k := range list {
		if i != k {
			return false
		}
	}
	return len(list) == n
}

// gatheredPlace returns the place of the elements with some indices along an axis. If the images are along that axis,
// the indices must have an axis for the images too, and pick the same elements of each: as_strided and unfold are
// exported like that.
func gatheredPlace(x *value, index *array, list []int, along, batch int) (place, error) {
	p := x.place
	if p.axis != along {
		if index.dependsOnBatch() {
			return nowhere, errCounts
		}
		if p.axis > along {
			p.axis += len(index.dims) - 1
		}
		return p, nil
	}
	for a, d := range index.dims {
		if d == batch && x.dims[along] == batch*p.inner && sameOfEach(index.dims, list, a, p.inner) {
			return place{axis: along + a, inner: 1}, nil
		}
	}
	return p.keep(along)
}

// sameOfEach reports whether indices pick the same elements of each image: along an axis of their shape, each image's
// indices are inner larger than those of the image before.
func sameOfEach(dims, list []int, along, inner int) bool {
	step := product(dims[along+1:])
	for i, k := range list {
		image := i / step % dims[along]
		if k/inner != image || k-image*inner != list[i-image*step] {
			return false
		}
	}
	return true
}

// gathered returns the positions of the elements with the given indices along an axis.
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

// gatherND plans GatherND with constant indices, each of which points into the first axes of the input.
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

// scatterND plans ScatterND with constant indices; exporters make masks and windows of weights with it.
func scatterND(c *call) ([]*value, error) {
	data, updates := c.in[0], c.in[2]
	index, err := c.fixed(1)
	if err != nil {
		return nil, err
	}
	if c.node.string("reduction", "none") != "none" || data.kind != updates.kind || data.kind == list {
		return nil, errors.New("that reduces, or of values of different kinds, is not supported")
	}
	d := c.in[1].dims
	if len(d) == 0 || d[len(d)-1] > data.rank() || d[len(d)-1] < 1 {
		return nil, fmt.Errorf("with indices of shape %v is impossible", d)
	}
	k := d[len(d)-1]
	rows, inner := product(data.dims[:k]), product(data.dims[k:])
	if len(updates.dims) < len(d)-1 || product(updates.dims) != len(index)/k*inner {
		return nil, fmt.Errorf("with %v updates of %v is impossible", updates.dims, data.dims)
	}
	if rows > c.constantsLeft {
		return nil, errTooLarge
	}
	from := make([]int, rows) // where each row comes from: the data, or, after them, the updates
	for i := range from {
		from[i] = i
	}
	for i := range len(index) / k {
		at := 0
		for a, x := range index[i*k : (i+1)*k] {
			if x, err = axis(x, data.dims[a]); err != nil {
				return nil, fmt.Errorf("with an index outside of %v", data.dims)
			}
			at = at*data.dims[a] + x
		}
		from[at] = rows + i
	}
	return c.scattered(from, inner)
}

// scattered returns a value whose rows are taken from the rows of the data and, numbered after them, of the updates.
func (c *call) scattered(from []int, inner int) ([]*value, error) {
	data, updates := c.in[0], c.in[2]
	rows, more := len(from), product(updates.dims)/max(inner, 1)
	if c.constant() {
		if err := c.reserve([]int{rows + more, inner}); err != nil {
			return nil, err
		}
		if c.strict && (data.host.dependsOnBatch() || updates.host.dependsOnBatch()) {
			return nil, errCounts
		}
		both := &array{kind: data.kind, v: slices.Concat(data.host.v, updates.host.v)}
		return c.known(both.pick(data.dims, gathered([]int{rows + more, inner}, 0, from)))
	}
	if data.place.known() || updates.place.known() || data.kind != float32s {
		return nil, errors.New("on what depends on the images is not supported")
	}
	return []*value{{dims: data.dims, kind: float32s, place: nowhere, build: func(b *builder) *graph.Node {
		both := []*graph.Node{graph.Reshape(b.node(data), rows, inner), graph.Reshape(b.node(updates), more, inner)}
		return taken(graph.Concatenate(both, 0), 0, from, data.dims)
	}}}, nil
}
