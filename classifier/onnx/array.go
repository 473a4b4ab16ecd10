package onnx

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
)

// kind is the type of a value's elements, as far as a plan distinguishes types.
type kind int

const (
	float32s kind = iota // float32: the numbers that the network computes with
	whole                // whole numbers: sizes and indices, always known before the network runs
	truth                // truth values
	list                 // several values, which only SequenceAt takes apart
)

func (k kind) String() string {
	return [...]string{"float32", "whole numbers", "truth values", "a list of values"}[k]
}

// array is a value that is known before the network runs: a constant, or something computed from constants and sizes.
// Elements are row-major. An int64 beyond ±2⁵³ is inexact; files use such numbers only to say "to the end".
type array struct {
	kind kind
	dims []int
	v    []float64
	// sized marks the elements that depend on the number of images in the batch; nil means that none does.
	sized []bool
}

// maxArrays bounds the elements of all arrays of one plan: Swin's attention masks and indices need some 10⁵.
const maxArrays = 1 << 25

// maxBounds is the limit to which a bound such as "to the end" is clamped before it becomes an int.
const maxBounds = 1 << 40

// scalars returns a one-dimensional array of whole numbers.
func scalars(v ...int) *array {
	a := &array{kind: whole, dims: []int{len(v)}, v: make([]float64, len(v))}
	for i := range v {
		a.v[i] = float64(v[i])
	}
	return a
}

// array decodes a tensor.
func (t *tensor) array() (*array, error) {
	w := t.typ.width()
	switch {
	case t.external:
		return nil, fmt.Errorf("%s is in another file", t.label())
	case w == 0:
		return nil, fmt.Errorf("%s holds %s", t.label(), t.typ)
	case len(t.data) != t.size()*w:
		return nil, fmt.Errorf("%s has no values", t.label())
	}
	a := &array{kind: t.typ.kind(), dims: t.dims, v: make([]float64, t.size())}
	for i := range a.v {
		b := t.data[i*w:]
		switch t.typ {
		case typeFloat:
			a.v[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))
		case typeDouble:
			a.v[i] = math.Float64frombits(binary.LittleEndian.Uint64(b))
		case typeInt32:
			a.v[i] = float64(int32(binary.LittleEndian.Uint32(b)))
		case typeInt64:
			a.v[i] = float64(int64(binary.LittleEndian.Uint64(b)))
		case typeInt8:
			a.v[i] = float64(int8(b[0]))
		default: // uint8 and bool
			a.v[i] = float64(b[0])
		}
	}
	return a, nil
}

func (t elementType) String() string {
	if name, ok := typeNames[t]; ok {
		return name
	}
	return fmt.Sprintf("type %d", int(t))
}

// ints returns the elements as ints, clamped to ±maxBounds.
func (a *array) ints() ([]int, error) {
	v := make([]int, len(a.v))
	for i, x := range a.v {
		if x != math.Trunc(x) || math.IsNaN(x) {
			return nil, fmt.Errorf("%v is not a whole number", x)
		}
		v[i] = int(max(-maxBounds, min(maxBounds, x)))
	}
	return v, nil
}

// dependsOnBatch reports whether an element depends on the number of images.
func (a *array) dependsOnBatch() bool {
	for _, s := range a.sized {
		if s {
			return true
		}
	}
	return false
}

// uniform reports whether all elements are equal.
func (a *array) uniform() bool {
	for _, x := range a.v {
		if x != a.v[0] {
			return false
		}
	}
	return true
}

// pick returns an array of the elements at the given positions.
func (a *array) pick(dims []int, at []int) *array {
	b := &array{kind: a.kind, dims: dims, v: make([]float64, len(at))}
	if a.sized != nil {
		b.sized = make([]bool, len(at))
	}
	for i, k := range at {
		b.v[i] = a.v[k]
		if a.sized != nil {
			b.sized[i] = a.sized[k]
		}
	}
	return b
}

// reshaped returns the array with other dimensions of the same size.
func (a *array) reshaped(dims []int) *array {
	b := *a
	b.dims = dims
	return &b
}

// each applies f to the elements.
func (a *array) each(k kind, f func(x float64) float64) *array {
	b := &array{kind: k, dims: a.dims, v: make([]float64, len(a.v)), sized: a.sized}
	for i, x := range a.v {
		b.v[i] = f(x)
	}
	return b
}

// zip applies f to arrays broadcast against each other.
func zip(k kind, f func(x []float64) float64, arrays ...*array) (*array, error) {
	all := make([][]int, len(arrays))
	for i, a := range arrays {
		all[i] = a.dims
	}
	dims, err := broadcastDims(all...)
	if err != nil {
		return nil, err
	}
	b := &array{kind: k, dims: dims, v: make([]float64, product(dims))}
	wide := make([]*array, len(arrays))
	for i, a := range arrays {
		wide[i] = a.pick(dims, expanded(a.dims, dims))
		if wide[i].sized != nil && b.sized == nil {
			b.sized = make([]bool, len(b.v))
		}
	}
	x := make([]float64, len(arrays))
	for i := range b.v {
		for k, a := range wide {
			x[k] = a.v[i]
			if a.sized != nil && a.sized[i] {
				b.sized[i] = true
			}
		}
		b.v[i] = f(x)
	}
	return b, nil
}

// broadcastDims returns the shape to which the given shapes are broadcast, right-aligned.
func broadcastDims(all ...[]int) ([]int, error) {
	rank := 0
	for _, d := range all {
		rank = max(rank, len(d))
	}
	dims := make([]int, rank)
	for i := range dims {
		dims[i] = 1
		for _, d := range all {
			k := i - rank + len(d)
			switch {
			case k < 0 || d[k] == 1 || d[k] == dims[i]:
			case dims[i] == 1:
				dims[i] = d[k]
			default:
				return nil, fmt.Errorf("the shapes %v do not fit each other", all)
			}
		}
	}
	if err := checkDims(dims); err != nil {
		return nil, err
	}
	return dims, nil
}

// fits reports whether a shape can be broadcast to another.
func fits(dims, to []int) bool {
	d, err := broadcastDims(dims, to)
	return err == nil && slices.Equal(d, to)
}

// checkDims returns an error for a shape that no network has.
func checkDims(dims []int) error {
	size := 1
	if len(dims) > maxRank {
		return fmt.Errorf("a shape of %d axes is more than %d", len(dims), maxRank)
	}
	for _, d := range dims {
		if d < 0 || d > maxElements || size > maxSize/max(d, 1) {
			return fmt.Errorf("the shape %v is impossible", dims)
		}
		size *= max(d, 1)
	}
	return nil
}

// maxSize bounds the elements of a value of the network, for a whole batch.
const maxSize = 1 << 40

// expanded returns, for each element of the shape to, the position in the shape from of the element that broadcasting
// puts there.
func expanded(from, to []int) []int {
	at := make([]int, product(to))
	step, stride := 1, 1
	for axis := len(to) - 1; axis >= 0; axis-- {
		k := axis - len(to) + len(from)
		if k >= 0 && from[k] != 1 {
			for i := range at {
				at[i] += i / step % to[axis] * stride
			}
			stride *= from[k]
		}
		step *= to[axis]
	}
	return at
}

// strided returns the row-major positions of a box in an array: along each axis, count elements from start on, step
// apart.
func strided(dims, start, count, step []int) []int {
	at := []int{0}
	for axis, d := range dims {
		next := make([]int, 0, len(at)*count[axis])
		for _, base := range at {
			for k := range count[axis] {
				next = append(next, base*d+start[axis]+k*step[axis])
			}
		}
		at = next
	}
	return at
}

// permuted returns the positions of an array's elements in the order of a transposition, and the transposed shape.
func permuted(dims, perm []int) (to, at []int) {
	strides := make([]int, len(dims))
	step := 1
	for axis := len(dims) - 1; axis >= 0; axis-- {
		strides[axis] = step
		step *= dims[axis]
	}
	at = []int{0}
	for _, p := range perm {
		to = append(to, dims[p])
		next := make([]int, 0, len(at)*dims[p])
		for _, base := range at {
			for k := range dims[p] {
				next = append(next, base+k*strides[p])
			}
		}
		at = next
	}
	return to, at
}

// errTooLarge reports constants that would take more memory than any network needs.
var errTooLarge = errors.New("its constants are too large")
