package npz

import (
	"context"
	"fmt"
	"io"
)

// Tensor is an array that was read into memory, row-major.
type Tensor struct {
	Shape  []int
	Type   string // as NumPy writes it: "<f4"
	Name   string // name of the type, as NumPy prints it: "float32"
	values []float32
}

// Float32 returns the numbers; nil if the array holds strings or objects. Float64 values are rounded.
func (t Tensor) Float32() []float32 { return t.values }

// Read reads all arrays of an .npz file of size bytes, by name. Together they may take limit bytes of memory: more is
// refused before it is allocated. It returns soon after ctx is done. Arrays of strings have no numbers.
func Read(ctx context.Context, r io.ReaderAt, size, limit int64) (map[string]Tensor, error) {
	f, err := Open(r, size)
	if err != nil {
		return nil, err
	}
	tensors := map[string]Tensor{}
	for _, a := range f.Arrays {
		if a.Err != nil {
			return nil, a.Err
		}
		t := Tensor{Shape: a.Shape, Type: a.Type, Name: a.kind.String()}
		if !a.Text() {
			bytes := 4 * int64(a.Len())
			if bytes > limit {
				return nil, fmt.Errorf(
					"array %s: it takes %d bytes of memory, more than the %d that are left for it",
					a.Name,
					bytes,
					limit,
				)
			}
			limit -= bytes
			if t.values, err = a.float32s(ctx); err != nil {
				return nil, err
			}
		}
		tensors[a.Name] = t
	}
	return tensors, nil
}

// float32s reads the numbers, row-major.
func (a *Array) float32s(ctx context.Context) ([]float32, error) {
	values := make([]float32, 0, a.Len())
	err := a.Each(ctx, func(numbers []float64) error {
		for _, v := range numbers {
			values = append(values, float32(v))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if a.Fortran {
		values = RowMajor(values, a.Shape)
	}
	return values, nil
}
