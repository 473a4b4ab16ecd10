package npz_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"smoothlab/internal/npz"
)

// file is an .npz file of one array whose header and data are given.
func file(t testing.TB, header string, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.Create("a.npy")
	if err != nil {
		t.Fatal(err)
	}
	header += "\n"
	f.Write([]byte("\x93NUMPY\x01\x00"))
	f.Write([]byte{byte(len(header)), byte(len(header) >> 8)})
	f.Write([]byte(header))
	f.Write(data)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func read(data []byte) (map[string]npz.Array, error) {
	return npz.Read(context.Background(), bytes.NewReader(data), int64(len(data)), 1<<30)
}

// Headers as NumPy's format page has them (numpy.lib.format): what is good is read, what is not is one sentence.
func TestRead(t *testing.T) {
	for _, test := range []struct {
		header string
		data   []byte
		want   string // of the error
	}{
		{"{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", []byte{0, 0, 128, 63, 0, 0, 0, 64}, ""},
		{"{'descr': '>i2', 'fortran_order': False, 'shape': (2, 1), }", []byte{0, 1, 0, 2}, ""},
		{"{'descr': '|u1', 'fortran_order': False, 'shape': (1, 2), }", []byte{1, 2}, ""},
		{"{'descr': '|b1', 'fortran_order': False, 'shape': (1,), }", []byte{1}, ""},
		{"{'descr': '<f8', 'fortran_order': False, 'shape': (), }", make([]byte, 8), ""},
		{"{'descr': '<f4', 'fortran_order': True, 'shape': (1, 2), }", make([]byte, 8), "Fortran"},
		{"{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000,), }", make([]byte, 8), "8 bytes cannot be"},
		{"{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }", nil, "0 bytes cannot be"},
		{"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", []byte("\x80\x04N."), "not numbers"},
		{"{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", make([]byte, 8), "not numbers"},
		{"{'descr': '<U5', 'fortran_order': False, 'shape': (1,), }", make([]byte, 20), "not numbers"},
		{"{}", nil, "array a:"},
	} {
		arrays, err := read(file(t, test.header, test.data))
		switch {
		case test.want == "" && err != nil, test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%s: %v, want %q", test.header, err, test.want)
		case err == nil && len(arrays) != 1:
			t.Errorf("%s: %v", test.header, arrays)
		}
	}
	arrays, err := read(file(t, "{'descr': '>i2', 'fortran_order': False, 'shape': (2, 1), }", []byte{0, 1, 1, 0}))
	if err != nil {
		t.Fatal(err)
	}
	if a := arrays["a"]; !slices.Equal(a.Float32(), []float32{1, 256}) || !slices.Equal(a.Shape, []int{2, 1}) {
		t.Errorf("%v %v", a.Shape, a.Values)
	}
}

func TestReadInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	data := file(t, "{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }", []byte{1, 2})
	if _, err := npz.Read(ctx, bytes.NewReader(data), int64(len(data)), 1<<30); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// No bytes make the reader panic, and arrays have the size of their shapes.
func FuzzRead(f *testing.F) {
	f.Add("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", []byte{0, 0, 128, 63, 0, 0, 0, 64})
	f.Add("{'descr': '|u1', 'fortran_order': False, 'shape': (1, 2), }", []byte{1, 2})
	f.Add("{'descr': '<f4', 'shape': (2,), 'fortran_order': False}", []byte{})
	f.Fuzz(func(t *testing.T, header string, data []byte) {
		if len(header) > 60_000 {
			return
		}
		arrays, err := read(file(t, header, data))
		if err != nil {
			return
		}
		for _, a := range arrays {
			if v := a.Float32(); v != nil && len(v) != npz.Size(a.Shape) {
				t.Errorf("%d numbers of shape %v", len(v), a.Shape)
			}
		}
	})
}
