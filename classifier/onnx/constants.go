package onnx

import (
	"errors"
	"math"
	"slices"
)

// shape plans Shape. In its result, the size of the axis that holds the images depends on the batch.
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
			return c.known(&array{kind: float32s, v: []float64{a.f}})
		case "value_int":
			return c.known(&array{kind: whole, v: []float64{float64(a.i)}})
		case "value_floats":
			return c.known(&array{kind: float32s, dims: []int{len(a.floats)}, v: a.floats})
		case "value_ints":
			v := &array{kind: whole, dims: []int{len(a.ints)}}
			for _, k := range a.ints {
				v.v = append(v.v, float64(k))
			}
			return c.known(v)
		}
	}
	return nil, errors.New("this kind of constant is not supported")
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
	if product(dims) > c.constantsLeft {
		return nil, errTooLarge
	}
	a := &array{kind: float32s, dims: dims, v: make([]float64, product(dims))}
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
	if math.IsNaN(n) || n > float64(c.constantsLeft) {
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
