// Package npz reads the arrays of NumPy's .npz files. Nothing in a file is executed: arrays of Python objects are refused.
package npz

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"strings"

	"github.com/sbinet/npyio/npy"
)

// Array is one array.
type Array struct {
	Shape  []int
	Values any // a slice of the array's numbers, row-major, such as []float32 or []uint8
}

// Float32 are the numbers as float32; nil if they are no numbers. Float64 values are rounded.
func (a Array) Float32() []float32 {
	v := reflect.ValueOf(a.Values)
	if v.Kind() != reflect.Slice {
		return nil
	}
	if same, ok := a.Values.([]float32); ok {
		return same
	}
	to := reflect.TypeFor[float32]()
	if k := v.Type().Elem().Kind(); k == reflect.Bool || k == reflect.String || !v.Type().Elem().ConvertibleTo(to) {
		return nil
	}
	out := make([]float32, v.Len())
	for i := range out {
		out[i] = float32(v.Index(i).Convert(to).Float())
	}
	return out
}

// Size is the product of a shape, or −1 where that is no size of an array in memory.
func Size(shape []int) int {
	n := 1
	for _, d := range shape {
		if d < 0 || d > 0 && n > math.MaxInt32*64/d {
			return -1
		}
		n *= d
	}
	return n
}

// Read reads all arrays of an .npz file of so many bytes, by name. Memory grows with what the file holds, not with what it
// declares; unpacked, all arrays together may have so many bytes at most. It ends soon after ctx does.
func Read(ctx context.Context, r io.ReaderAt, size, most int64) (map[string]Array, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("no .npz file: %w", err)
	}
	arrays := map[string]Array{}
	for _, f := range z.File {
		name, isArray := strings.CutSuffix(f.Name, ".npy")
		if !isArray {
			continue
		}
		data, err := unpack(ctx, f, most)
		if err != nil {
			return nil, fmt.Errorf("array %s: %w", name, err)
		}
		most -= int64(len(data))
		if arrays[name], err = parse(data); err != nil {
			return nil, fmt.Errorf("array %s: %w", name, err)
		}
	}
	return arrays, nil
}

// unpack reads a member of the archive, of at most so many bytes, and checks its CRC.
func unpack(ctx context.Context, f *zip.File, most int64) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var b bytes.Buffer
	for {
		if err := ctx.Err(); err != nil {
			return nil, context.Cause(ctx)
		}
		_, err := io.CopyN(&b, r, 1<<20)
		switch {
		case int64(b.Len()) > most:
			return nil, fmt.Errorf("it is larger than the %d bytes that are left for it", most)
		case errors.Is(err, io.EOF):
			return b.Bytes(), nil
		case err != nil:
			return nil, err
		}
	}
}

// parse reads one array.
func parse(data []byte) (a Array, err error) {
	defer func() { // the library indexes headers without looking
		if r := recover(); r != nil {
			a, err = Array{}, fmt.Errorf("damaged: %v", r)
		}
	}()
	if len(data) >= 12 && data[6] == 2 && int64(binary.LittleEndian.Uint32(data[8:])) > int64(len(data)) {
		return a, errors.New("damaged: its header is longer than the array")
	}
	b := bytes.NewReader(data)
	r, err := npy.NewReader(b)
	if err != nil {
		return a, err
	}
	d := r.Header.Descr
	kind := npy.TypeFrom(d.Type)
	if kind == nil || kind.Kind() == reflect.String || kind.Kind() == reflect.Complex64 || kind.Kind() == reflect.Complex128 {
		return a, fmt.Errorf("it holds %q, not numbers", d.Type)
	}
	n := Size(d.Shape)
	if d.Fortran && len(d.Shape) > 1 {
		return a, errors.New("its columns stand first (Fortran order): save numpy.ascontiguousarray of it")
	}
	if n < 0 || int64(n)*int64(kind.Size()) != int64(b.Len()) {
		return a, fmt.Errorf("damaged: %d bytes cannot be %v numbers of type %s", b.Len(), d.Shape, d.Type)
	}
	v := reflect.New(reflect.SliceOf(kind))
	v.Elem().Set(reflect.MakeSlice(reflect.SliceOf(kind), n, n))
	if n > 0 {
		if err := r.Read(v.Interface()); err != nil {
			return a, err
		}
	}
	return Array{Shape: d.Shape, Values: v.Elem().Interface()}, nil
}
