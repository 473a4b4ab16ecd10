package pickle

import (
	"errors"

	"github.com/nlpodyssey/gopickle/types"
)

// Array is an array of NumPy inside a pickle. Its shape and its data may not fit each other: they are not checked.
type Array struct {
	Shape   []int
	Type    string // as NumPy writes it, without the byte order: "u1", "f4"
	Big     bool   // big-endian
	Fortran bool   // columns first
	Data    []byte // nil where the array holds objects
}

// dtype is NumPy's type of numbers.
type dtype struct {
	code string
	big  bool
}

// NumPy returns the constructor for a name that arrays and bytes consist of; nil for any other name.
func NumPy(module, name string) any {
	switch module + "." + name {
	case "numpy.ndarray", "numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct":
		return Class(func([]any) (any, error) { return &Array{}, nil })
	case "numpy.core.numeric._frombuffer", "numpy._core.numeric._frombuffer":
		return Class(fromBuffer)
	case "numpy.dtype":
		return Class(func(args []any) (any, error) {
			if len(args) == 0 {
				return nil, errors.New("a dtype without a type")
			}
			code, _ := args[0].(string)
			return &dtype{code: code}, nil
		})
	case "_codecs.encode":
		return Class(Latin1)
	}
	return nil
}

// PySetState takes (version, byte order, …).
func (d *dtype) PySetState(state any) error {
	if t, ok := state.(*types.Tuple); ok && t.Len() > 1 {
		d.big = t.Get(1) == ">"
	}
	return nil
}

// PySetState takes (version, shape, dtype, whether columns come first, data).
func (a *Array) PySetState(state any) error {
	t, ok := state.(*types.Tuple)
	if !ok || t.Len() != 5 {
		return errors.New("an array whose state is not a tuple of five")
	}
	a.Fortran, _ = t.Get(3).(bool)
	return a.set(t.Get(4), t.Get(2), t.Get(1))
}

// fromBuffer implements numpy's _frombuffer(data, dtype, shape, order).
func fromBuffer(args []any) (any, error) {
	if len(args) != 4 {
		return nil, errors.New("an array without data, type, shape and order")
	}
	a := &Array{Fortran: args[3] == "F"}
	return a, a.set(args[0], args[1], args[2])
}

func (a *Array) set(data, kind, shape any) error {
	d, ok := kind.(*dtype)
	t, ok2 := shape.(*types.Tuple)
	if !ok || !ok2 {
		return errors.New("an array whose type or shape cannot be read")
	}
	a.Type, a.Big = d.code, d.big
	for _, n := range *t {
		v, ok := n.(int)
		if !ok {
			return errors.New("an array whose shape cannot be read")
		}
		a.Shape = append(a.Shape, v)
	}
	a.Data = Bytes(data)
	return nil
}

// Bytes returns the bytes of a value of any of Python's bytes types, or of a string of Python 2; nil for other values.
func Bytes(v any) []byte {
	switch b := v.(type) {
	case []byte:
		return b
	case *types.ByteArray:
		return *b
	case string:
		return []byte(b)
	}
	return nil
}

// Latin1 implements _codecs.encode(text, "latin1"), which is how bytes are written in old protocols of pickle.
func Latin1(args []any) (any, error) {
	if len(args) == 0 {
		return nil, errors.New("an encoding of nothing")
	}
	text, ok := args[0].(string)
	if !ok {
		return nil, errors.New("an encoding of what is not a text")
	}
	out := make([]byte, 0, len(text))
	for _, r := range text {
		if r > 0xff {
			return nil, errors.New("bytes written as a text that is not Latin-1")
		}
		out = append(out, byte(r))
	}
	return out, nil
}
