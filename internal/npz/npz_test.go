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

func read(data []byte) (map[string]npz.Tensor, error) {
	return npz.Read(context.Background(), bytes.NewReader(data), int64(len(data)), 1<<30)
}

// Headers as on NumPy's format page (numpy.lib.format): valid ones are read, others give an error of one sentence.
func TestRead(t *testing.T) {
	one := func(descr, shape string) string {
		return "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }"
	}
	for _, test := range []struct {
		header string
		data   []byte
		want   []float32
	}{
		{one("<f4", "(2,)"), []byte{0, 0, 128, 63, 0, 0, 0, 64}, []float32{1, 2}},
		{one(">f4", "(1,)"), []byte{63, 128, 0, 0}, []float32{1}},
		{one("<f8", "()"), []byte{0, 0, 0, 0, 0, 0, 0xf0, 0x3f}, []float32{1}},
		{one("<f2", "(4,)"), []byte{0, 0x3c, 0, 0xc0, 0xff, 0x7b, 1, 0}, []float32{1, -2, 65504, 0x1p-24}}, // IEEE 754 binary16
		{one(">i2", "(2, 1)"), []byte{0, 1, 1, 0}, []float32{1, 256}},
		{one("<i2", "(1,)"), []byte{0xff, 0xff}, []float32{-1}},
		{one("|i1", "(2,)"), []byte{0x80, 0x7f}, []float32{-128, 127}},
		{one("<i4", "(1,)"), []byte{0xfe, 0xff, 0xff, 0xff}, []float32{-2}},
		{one("<u2", "(1,)"), []byte{0xff, 0xff}, []float32{65535}},
		{one("<i8", "(1,)"), []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, []float32{-1}},
		{one("|u1", "(1, 2)"), []byte{1, 2}, []float32{1, 2}},
		{one("|b1", "(2,)"), []byte{1, 0}, []float32{1, 0}},
		{one("|u1", "(0, 2)"), nil, []float32{}},
		{"{\"shape\": (2L,), 'fortran_order': False, 'descr': '|u1'}", []byte{3, 4}, []float32{3, 4}},
		// columns first: the matrix 1 2 3, 4 5 6
		{"{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }", []byte{1, 4, 2, 5, 3, 6}, []float32{1, 2, 3, 4, 5, 6}},
	} {
		tensors, err := read(file(t, test.header, test.data))
		if got := tensors["a"].Float32(); err != nil || !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, %v; want %v", test.header, got, err, test.want)
		}
	}
	for _, test := range []struct {
		header string
		data   []byte
		want   string // of the error
	}{
		{one("<f4", "(1000000000,)"), make([]byte, 8), "8 bytes cannot be"},
		{one("<f4", "(4294967296, 4294967296)"), nil, "0 bytes cannot be"},
		{one("<f4", "(1,)"), make([]byte, 8), "8 bytes cannot be"},
		{one("|O", "(1,)"), []byte("\x80\x04N."), "it holds Python objects, not numbers"},
		{one("<c8", "(1,)"), make([]byte, 8), `it holds values of type "<c8", not numbers`},
		{one("<f16", "(1,)"), make([]byte, 16), "not numbers"},
		{"{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (1,), }", make([]byte, 4), "it holds records, not numbers"},
		{one("<i3", "(1,)"), make([]byte, 3), "not numbers"},
		{one("<f4", "(1"), make([]byte, 4), "header cannot be read"},
		{"{'descr': '<f4', 'shape': (1,), }", make([]byte, 4), "header cannot be read"},
		{"{}", nil, "header cannot be read"},
		{"{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", make([]byte, 4), "header cannot be read"},
	} {
		if _, err := read(
			file(t, test.header, test.data),
		); err == nil || !strings.Contains(err.Error(), "array a: ") ||
			!strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", test.header, err, test.want)
		}
	}
}

// Strings are read as text, not as numbers.
func TestStrings(t *testing.T) {
	for header, data := range map[string]string{
		"{'descr': '<U2', 'fortran_order': False, 'shape': (2,), }": "c\x00\x00\x00a\x00\x00\x00\xe4\x00\x00\x00\x00\x00\x00\x00",
		"{'descr': '>U2', 'fortran_order': False, 'shape': (2,), }": "\x00\x00\x00c\x00\x00\x00a\x00\x00\x00\xe4\x00\x00\x00\x00",
		"{'descr': '|S2', 'fortran_order': False, 'shape': (2,), }": "ca\xc3\xa4",
	} {
		packed := file(t, header, []byte(data))
		f, err := npz.Open(bytes.NewReader(packed), int64(len(packed)))
		if err != nil {
			t.Fatal(err)
		}
		got, err := f.Array("a").Strings(t.Context())
		if err != nil || !slices.Equal(got, []string{"ca", "ä"}) {
			t.Errorf("%s: %q, %v", header, got, err)
		}
		if err := f.Array("a").
			Each(t.Context(), func([]float64) error { return nil }); err == nil ||
			!strings.Contains(err.Error(), "strings, not numbers") {
			t.Errorf("%s as numbers: %v", header, err)
		}
	}
}

// A shape is checked against the length of the file, and too large an array is refused before memory is allocated.
func TestBounds(t *testing.T) {
	header := "{'descr': '|u1', 'fortran_order': False, 'shape': (3000000000,), }\n"
	start := "\x93NUMPY\x01\x00" + string([]byte{byte(len(header)), 0}) + header
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	raw, err := w.CreateRaw(
		&zip.FileHeader{
			Name:               "a.npy",
			Method:             zip.Deflate,
			CompressedSize64:   8,
			UncompressedSize64: uint64(len(start)) + 3_000_000_000,
		},
	)
	if err != nil {
		t.Fatal(err)
	}
	raw.Write(make([]byte, 8))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := read(b.Bytes()); err == nil || !strings.Contains(err.Error(), "the archive declares") {
		t.Errorf("3 GB in 8 bytes: %v", err)
	}
	ones := file(t, "{'descr': '|u1', 'fortran_order': False, 'shape': (100,), }", make([]byte, 100))
	if _, err := npz.Read(
		t.Context(),
		bytes.NewReader(ones),
		int64(len(ones)),
		399,
	); err == nil ||
		!strings.Contains(err.Error(), "takes 400 bytes of memory, more than the 399") {
		t.Errorf("no room: %v", err)
	}
	for i := range ones { // a damaged byte gives an error, or the same numbers
		damaged := bytes.Clone(ones)
		damaged[i] ^= 0x10
		if tensors, err := read(
			damaged,
		); err == nil && tensors["a"].Float32() != nil &&
			slices.Max(tensors["a"].Float32()) != 0 {
			t.Errorf("damage of byte %d was not noticed", i)
		}
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

// For any bytes the reader does not panic, and arrays have the size of their shapes.
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
