package npz_test

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"

	"smoothlab/internal/npz"
)

// The header of an array as NumPy's format page has it: magic bytes, version 1.0, length, a dict, padded to 64 bytes.
func TestWriteHeader(t *testing.T) {
	var b bytes.Buffer
	if err := npz.Write(&b, []npz.Values{{Name: "a", Shape: []int{3}, Values: []uint8{1, 2, 3}}}); err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(b.Bytes(), []byte("\x93NUMPY"))
	npy := b.Bytes()[at:]
	want := "\x93NUMPY\x01\x00\x76\x00{'descr': '|u1', 'fortran_order': False, 'shape': (3,), }" +
		strings.Repeat(" ", 60) + "\n\x01\x02\x03"
	if !bytes.HasPrefix(npy, []byte(want)) {
		t.Errorf("%q, want %q", npy[:min(len(npy), len(want))], want)
	}
}

// What is written is read again.
func TestWriteRead(t *testing.T) {
	arrays := []npz.Values{
		{Name: "int", Shape: []int{2}, Values: []int{-1, math.MaxInt}},
		{Name: "uint", Shape: []int{1, 1}, Values: []uint64{7}},
		{Name: "float", Shape: []int{1, 2}, Values: []float64{0.1, math.Inf(1)}},
		{Name: "short", Shape: nil, Values: []float32{0.5}},
		{Name: "bool", Shape: []int{2}, Values: []bool{true, false}},
		{Name: "none", Shape: []int{0, 3}, Values: []float64{}},
	}
	var b bytes.Buffer
	text := []string{"", "ß中🙂", "longest one"}
	if err := npz.Write(&b, append(arrays, npz.Values{Name: "text", Shape: []int{3}, Values: text})); err != nil {
		t.Fatal(err)
	}
	f, err := npz.Open(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	want := [][]float64{{-1, math.MaxInt}, {7}, {0.1, math.Inf(1)}, {0.5}, {1, 0}, nil}
	for i, a := range arrays {
		read := f.Array(a.Name)
		var got []float64
		err := read.Each(t.Context(), func(x []float64) error { got = append(got, x...); return nil })
		if err != nil || !slices.Equal(got, want[i]) || !slices.Equal(read.Shape, append([]int{}, a.Shape...)) {
			t.Errorf("%s of shape %v is read as %v of shape %v: %v", a.Name, a.Shape, got, read.Shape, err)
		}
	}
	if got, err := f.Array("text").Strings(t.Context()); err != nil || !slices.Equal(got, text) {
		t.Errorf("text %q, %v", got, err)
	}
}

func TestWriteRefuses(t *testing.T) {
	for _, a := range []npz.Values{
		{Name: "a", Shape: []int{2}, Values: []int{1}},
		{Name: "a", Shape: []int{1}, Values: []complex128{1}},
	} {
		if err := npz.Write(new(bytes.Buffer), []npz.Values{a}); err == nil || !strings.Contains(err.Error(), "array a: ") {
			t.Errorf("%v: %v", a, err)
		}
	}
}
