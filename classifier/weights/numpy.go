package weights

import (
	"errors"
	"fmt"

	"smoothlab/internal/npz"
	"smoothlab/internal/pickle"

	"github.com/nlpodyssey/gopickle/types"
)

// ndarray is an array of NumPy inside a pickle, without a view until its state is set.
type ndarray struct{ view *view }

// dtype is NumPy's type of numbers.
type dtype struct {
	code string // such as f4
	big  bool   // big-endian
}

// numpyKinds are the types by NumPy's codes.
var numpyKinds = map[string]kind{
	"f4": float32s,
	"f8": float64s,
	"f2": float16s,
	"i8": int64s,
	"i4": int32s,
	"i2": int16s,
	"i1": int8s,
	"u1": bytes8,
	"b1": bools,
}

// numpyClass returns the constructor for a name in NumPy's pickles; nil for any other name.
func numpyClass(name string) any {
	switch name {
	case "numpy.ndarray":
		return pickle.Class(func([]any) (any, error) { return &ndarray{}, nil })
	case "numpy.dtype":
		return pickle.Class(newDType)
	case "numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct":
		return pickle.Class(func([]any) (any, error) { return &ndarray{}, nil })
	case "numpy.core.numeric._frombuffer", "numpy._core.numeric._frombuffer":
		return pickle.Class(fromBuffer)
	case "_codecs.encode":
		return pickle.Class(pickle.Latin1)
	case "__builtin__.bytes", "builtins.bytes": // old protocols write empty bytes so
		return pickle.Class(func(args []any) (any, error) {
			if len(args) > 0 {
				return inert{}, nil
			}
			return []byte{}, nil
		})
	}
	return nil
}

// newDType implements numpy.dtype(code, align, copy).
func newDType(args []any) (any, error) {
	if len(args) == 0 {
		return nil, errors.New("a dtype without a type")
	}
	code, ok := args[0].(string)
	if !ok {
		return inert{}, nil
	}
	return &dtype{code: code}, nil
}

// PySetState takes (version, byte order, …).
func (d *dtype) PySetState(state any) error {
	if t, ok := state.(*types.Tuple); ok && t.Len() > 1 {
		d.big = t.Get(1) == ">"
	}
	return nil
}

// PySetState takes (version, shape, dtype, whether the order is Fortran's, data).
func (a *ndarray) PySetState(state any) error {
	t, ok := state.(*types.Tuple)
	if !ok || t.Len() != 5 {
		return errors.New("an array whose state is not a tuple of five")
	}
	fortran, _ := t.Get(3).(bool)
	return a.set(t.Get(4), t.Get(2), t.Get(1), fortran)
}

// fromBuffer implements numpy's _frombuffer(data, dtype, shape, order).
func fromBuffer(args []any) (any, error) {
	if len(args) != 4 {
		return nil, errors.New("an array without data, type, shape and order")
	}
	a := &ndarray{}
	return a, a.set(args[0], args[1], args[2], args[3] == "F")
}

// set makes the array a view of its numbers.
func (a *ndarray) set(data, kind, dims any, fortran bool) error {
	d, ok := kind.(*dtype)
	if !ok {
		return errors.New("an array whose type cannot be read")
	}
	shape, err := numbers(dims)
	if err != nil {
		return errors.New("an array whose shape cannot be read")
	}
	k, known := numpyKinds[d.code]
	bytes, isBytes := raw(data)
	switch {
	case !known || !isBytes:
		a.view = nil // objects, dates and texts are not weights
		return nil
	case d.big && k.size > 1:
		return fmt.Errorf("an array of big-endian %s: save it in little-endian order", k.name)
	}
	n := npz.Size(shape)
	if n < 0 || n > len(bytes) || n*k.size != len(bytes) {
		return fmt.Errorf("an array of shape %v and type %s with %d bytes", shape, k.name, len(bytes))
	}
	strides, step := make([]int, len(shape)), 1
	for i := range shape {
		axis := i
		if !fortran {
			axis = len(shape) - 1 - i
		}
		strides[axis] = step
		step *= shape[axis]
	}
	a.view = &view{of: &storage{kind: k, count: n, data: bytes, inline: true}, shape: shape, strides: strides}
	return nil
}

// raw returns the bytes of a value of any of Python's bytes types.
func raw(v any) ([]byte, bool) {
	switch b := v.(type) {
	case []byte:
		return b, true
	case *types.ByteArray:
		return *b, true
	}
	return nil, false
}
