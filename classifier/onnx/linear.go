package onnx

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/core/graph"
)

// matMul plans MatMul: the last two axes are multiplied, those before them are broadcast.
func matMul(c *call) ([]*value, error) {
	if err := c.floats(2); err != nil {
		return nil, err
	}
	x, y := c.in[0], c.in[1]
	if x.rank() < 1 || y.rank() < 1 {
		return nil, fmt.Errorf("of a single number is impossible")
	}
	xd, yd := x.dims, y.dims
	xp, yp := x.place, y.place
	if x.rank() == 1 {
		xd, xp = []int{1, xd[0]}, xp.within(1, 2)
	}
	if y.rank() == 1 {
		yd = []int{yd[0], 1}
	}
	n, m := len(xd), len(yd)
	if xd[n-1] != yd[m-2] {
		return nil, fmt.Errorf("shapes %v and %v do not fit each other", x.dims, y.dims)
	}
	before, err := broadcastDims(xd[:n-2], yd[:m-2])
	if err != nil {
		return nil, err
	}
	full := append(slices.Clone(before), xd[n-2], yd[m-1])
	at, err := c.placed(multiplied(full, xd, yd, xp, yp))
	if err != nil {
		return nil, err
	}
	to := slices.Clone(before)
	if x.rank() > 1 {
		to = append(to, xd[n-2])
	} else if at.known() && at.axis >= len(before) {
		at.axis--
	}
	if y.rank() > 1 {
		to = append(to, yd[m-1])
	}
	c.multiply(full, xd[n-1])
	return []*value{{dims: to, kind: float32s, place: at, build: func(b *builder) *graph.Node {
		return graph.Reshape(product2(graph.Reshape(b.node(x), xd...), graph.Reshape(b.node(y), yd...), before), to...)
	}}}, nil
}

// multiplied returns the place of a product of matrices; full is the shape of the product.
func multiplied(full, xd, yd []int, xp, yp place) (place, error) {
	inner := &mixesError{"a product sums over them"}
	n, m, r := len(xd), len(yd), len(full)
	if xp.known() && xp.axis == n-1 || yp.known() && yp.axis == m-2 {
		return nowhere, inner
	}
	switch {
	case xp.known() && yp.known():
		if xp.axis == n-2 || yp.axis == m-1 || xp.within(n, r) != yp.within(m, r) {
			return nowhere, &mixesError{"a product pairs each image with others"}
		}
		return xp.within(n, r), nil
	case xp.known():
		if k := xp.axis - n + m; xp.axis < n-2 && k >= 0 && yd[k] != 1 {
			return nowhere, &mixesError{"a product with a constant tells them apart"}
		}
		return xp.within(n, r), nil
	case yp.known():
		if k := yp.axis - m + n; yp.axis < m-2 && k >= 0 && xd[k] != 1 {
			return nowhere, &mixesError{"a product with a constant tells them apart"}
		}
		return yp.within(m, r), nil
	}
	return nowhere, nil
}

// gemm plans Gemm: alpha·x·y + beta·z of matrices.
func gemm(c *call) ([]*value, error) {
	if err := c.floats(3); err != nil {
		return nil, err
	}
	x, y := c.in[0], c.in[1]
	if x.rank() != 2 || y.rank() != 2 {
		return nil, fmt.Errorf("shapes %v and %v are not matrices", x.dims, y.dims)
	}
	turned := func(v *value, name string) ([]int, place, bool) {
		if c.node.int(name, 0) == 0 {
			return v.dims, v.place, false
		}
		p := v.place
		if p.known() {
			p.axis = 1 - p.axis
		}
		return []int{v.dims[1], v.dims[0]}, p, true
	}
	xd, xp, tx := turned(x, "transA")
	yd, yp, ty := turned(y, "transB")
	if xd[1] != yd[0] {
		return nil, fmt.Errorf("shapes %v and %v do not fit each other", x.dims, y.dims)
	}
	v := &value{dims: []int{xd[0], yd[1]}, kind: float32s}
	var err error
	if v.place, err = c.placed(multiplied(v.dims, xd, yd, xp, yp)); err != nil {
		return nil, err
	}
	if c.has(2) {
		if d, err := broadcastDims(v.dims, c.in[2].dims); err != nil || !slices.Equal(d, v.dims) {
			return nil, fmt.Errorf("a bias of shape %v does not fit %v", c.in[2].dims, c.symbolic(v.dims))
		}
		if v.place, err = c.placed(together(v.dims, v, c.in[2])); err != nil {
			return nil, err
		}
	}
	c.multiply(v.dims, xd[1])
	alpha, beta := c.node.float("alpha", 1), c.node.float("beta", 1)
	v.build = func(b *builder) *graph.Node {
		r := matrices(b.node(x), b.node(y), tx, ty, alpha)
		if c.has(2) && beta != 0 {
			r = graph.Add(r, spread(scaled(b.node(c.in[2]), beta), r.Shape().Dimensions))
		}
		return r
	}
	return []*value{v}, nil
}

// einsum plans Einsum of two inputs.
func einsum(c *call) ([]*value, error) {
	equation := strings.ReplaceAll(c.node.string("equation", ""), " ", "")
	from, to, stated := strings.Cut(equation, "->")
	terms := strings.Split(from, ",")
	if err := c.floats(2); err != nil {
		return nil, err
	}
	if !stated || len(terms) != 2 || len(c.in) != 2 || strings.ContainsFunc(equation, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != ',' && r != '-' && r != '>'
	}) {
		return nil, fmt.Errorf("of the equation %q is not supported, only of two inputs without dots", equation)
	}
	size := map[rune]int{}
	for i, t := range terms {
		if len(t) != c.in[i].rank() {
			return nil, fmt.Errorf("the equation %q does not fit the shape %v", equation, c.in[i].dims)
		}
		for k, letter := range t {
			d := c.in[i].dims[k]
			if old, ok := size[letter]; ok && old != d || strings.Count(t, string(letter)) > 1 {
				return nil, fmt.Errorf("the equation %q does not fit the shapes", equation)
			}
			size[letter] = d
		}
	}
	return c.einsum(equation, terms, to, size)
}

func (c *call) einsum(equation string, terms []string, to string, size map[rune]int) ([]*value, error) {
	v := &value{kind: float32s, place: nowhere}
	each := 1
	for _, letter := range to {
		if strings.Count(to, string(letter)) > 1 || size[letter] == 0 {
			return nil, fmt.Errorf("the equation %q makes no result", equation)
		}
		v.dims = append(v.dims, size[letter])
	}
	for letter, d := range size {
		if !strings.ContainsRune(to, letter) {
			each *= d
		}
	}
	if err := checkDims(v.dims); err != nil {
		return nil, err
	}
	for i, t := range terms {
		x := c.in[i]
		if !x.place.known() || !c.strict {
			continue
		}
		letter := rune(t[x.place.axis])
		k := strings.IndexRune(to, letter)
		at := place{axis: k, inner: x.place.inner}
		other := strings.IndexRune(terms[1-i], letter)
		if k < 0 || v.place.known() && v.place != at || other >= 0 && !c.in[1-i].place.known() {
			return nil, &mixesError{"the equation " + equation}
		}
		v.place = at
	}
	if c.strict && c.in[0].place.known() && c.in[1].place.known() &&
		terms[0][c.in[0].place.axis] != terms[1][c.in[1].place.axis] {
		return nil, &mixesError{"the equation " + equation}
	}
	c.multiply(v.dims, each)
	v.build = func(b *builder) *graph.Node { return graph.Einsum(equation, b.node(c.in[0]), b.node(c.in[1])) }
	return []*value{v}, nil
}
