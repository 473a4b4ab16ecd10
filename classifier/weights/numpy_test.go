package weights

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Arrays as NumPy itself pickles them (testdata/make_numpy.py), in the three ways of its protocols, rows and columns
// first.
func TestReadArrays(t *testing.T) {
	want := map[string]Tensor{
		"rows":    {[]int{2, 3}, "float32", []float32{1, 2, 3, 4, 5, 6}},
		"columns": {[]int{2, 3}, "float32", []float32{1, 2, 3, 4, 5, 6}},
		"double":  {[]int{2}, "float64", []float32{0.1, -200}},
		"half":    {[]int{1}, "float16", []float32{1.5}},
		"count":   {[]int{2}, "int64", []float32{7, -1}},
		"byte":    {[]int{2}, "uint8", []float32{0, 255}},
		"flag":    {[]int{2}, "bool", []float32{1, 0}},
		"none":    {[]int{0, 3}, "float32", nil},
		"scalar":  {[]int{}, "float32", []float32{2.5}},
	}
	for _, protocol := range []int{2, 4, 5} {
		f, err := Read(t.Context(), fmt.Sprintf("testdata/numpy_%d.pkl", protocol))
		if err != nil {
			t.Fatal(err)
		}
		if len(f.Sets) != 1 || f.Sets[0].Path != "state_dict" || len(f.Sets[0].Tensors) != len(want) {
			t.Fatalf("protocol %d: %+v", protocol, f.Sets)
		}
		for name, w := range want {
			got := f.Sets[0].Tensors[name]
			if got.Type != w.Type || !slices.Equal(got.Dims, w.Dims) || !slices.Equal(got.Values, w.Values) {
				t.Errorf("protocol %d: %s is %v, want %v", protocol, name, got, w)
			}
		}
	}
}

// arrayPickle is a dict of one array in the text opcodes of protocol 0: its shape, type, byte order and bytes.
func arrayPickle(shape, code, order, data string) string {
	return "}S'w'\ncnumpy\nndarray\n(tR(I1\n(" + shape + "tcnumpy\ndtype\n(S'" + code + "'\nI00\nI01\ntR(I3\nS'" + order + "'\ntbI00\nS'" + data + "'\ntbs."
}

// Arrays whose parts do not fit together are refused; arrays of anything but numbers are left out.
func TestHostileArraysInPickles(t *testing.T) {
	for name, test := range map[string]struct{ pickle, want string }{
		"text for bytes": {arrayPickle("I1\n", "f4", "<", "abcd"), "no tensors"},
		"no state":       {"}S'w'\ncnumpy\nndarray\n(tRs.", "no tensors"},
		"odd state":      {"}S'w'\ncnumpy\nndarray\n(tR(I1\ntbs.", "not a tuple of five"},
		"short":          {bytesPickle("(I3\nt", "abcdefgh"), "shape [3] and type float32 with 8 bytes"},
		"negative":       {bytesPickle("(I-2\nt", "abcdefgh"), "shape [-2]"},
		"huge":           {bytesPickle("(I4294967296\nI4294967296\nt", "abcdefgh"), "shape [4294967296 4294967296]"},
		"not a shape":    {bytesPickle("I2\n", "abcdefgh"), "shape cannot be read"},
		"not a type":     {strings.Replace(bytesPickle("(I2\nt", "abcdefgh"), "cnumpy\ndtype\n(S'f4'\ntR", "N", 1), "type cannot be read"},
		"big-endian":     {strings.Replace(bytesPickle("(I2\nt", "abcdefgh"), "tR", "tR(I3\nS'>'\ntb", 1), "big-endian"},
		"too few":        {"}S'w'\ncnumpy.core.numeric\n_frombuffer\n(N" + "tRs.", "without data"},
		"not Latin-1":    {"c_codecs\nencode\n(X\x03\x00\x00\x00\u1234tR.", "not Latin-1"},
		"encoded number": {"c_codecs\nencode\n(I1\ntR.", "not a text"},
		"encoded none":   {"c_codecs\nencode\n(tR.", "of nothing"},
	} {
		_, err := parse(t.Context(), saved(t, test.pickle, nil))
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
	f, err := parse(t.Context(), saved(t, bytesPickle("(I2\nt", "\x00\x00\x80\x3f\x00\x00\x00\x40"), nil))
	if err != nil || !slices.Equal(f.Sets[0].Tensors["w"].Values, []float32{1, 2}) {
		t.Errorf("%v, %v", f, err)
	}
}

// bytesPickle is a dict of one float32 array made by _frombuffer.
func bytesPickle(shape, data string) string {
	return "}S'w'\ncnumpy._core.numeric\n_frombuffer\n(C" + string(
		rune(len(data)),
	) + data + "cnumpy\ndtype\n(S'f4'\ntR" + shape + "S'C'\ntRs."
}

// Weights are found at any reasonable depth, also in lists, and once each. Deeper and circular references are left out.
func TestSetsOfWeights(t *testing.T) {
	w := strings.TrimSuffix(tensorPickle("1", "0", "1", "1"), ".")
	number := map[string]string{"0": "\x00\x00\x80\x3f"}
	for name, test := range map[string]struct {
		pickle string
		want   []string // paths
	}{
		"one":            {w + ".", []string{""}},
		"under a":        {"}S'a'\n" + w + "s.", []string{"a"}},
		"both":           {"}S'a'\n" + w + "sS'b'\n" + w + "s.", []string{"a", "b"}},
		"the same twice": {"}S'a'\n" + w + "p1\nsS'b'\ng1\ns.", []string{"a"}},
		"a list":         {"}S'a'\n]" + w + "aN" + "a" + w + "as.", []string{"a.0", "a.2"}},
		"a tuple":        {"}S'a'\n(" + w + "ts.", []string{"a.0"}},
		"a circle":       {"}p1\nS'a'\ng1\nsS'b'\n" + w + "s.", []string{"b"}},
		"a defaultdict":  {"ccollections\ndefaultdict\n(tRS'a'\n" + w + "s.", []string{"a"}},
		"a number key":   {"}I0\n" + w + "sS'b'\n" + w + "s.", []string{"b"}},
		"inner and own":  {strings.TrimSuffix(w, "u") + "uS'a'\n" + w + "s.", []string{"", "a"}},
		"beside objects": {"}S'cfg'\ncargparse\nNamespace\n(tR}S'x'\nI1\nsbsS'at'\ncpathlib\nPosixPath\n(S'a'\ntRsS'b'\n" + w + "s.", []string{"b"}},
		"an OrderedDict": {"ccollections\nOrderedDict\n(tRS'a'\n" + w + "s.", []string{"a"}},
		"deep":           {strings.Repeat("}S'a'\n", 16) + w + strings.Repeat("s", 16) + ".", []string{strings.Repeat("a.", 15) + "a"}},
	} {
		f, err := parse(t.Context(), saved(t, test.pickle, number))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var paths []string
		for _, s := range f.Sets {
			paths = append(paths, s.Path)
		}
		if !slices.Equal(paths, test.want) {
			t.Errorf("%s: %q, want %q", name, paths, test.want)
		}
	}
	_, err := parse(t.Context(), saved(t, strings.Repeat("}S'a'\n", 20)+w+strings.Repeat("s", 20)+".", number))
	if err == nil || !strings.Contains(err.Error(), "no tensors, only a") {
		t.Errorf("too deep: %v", err)
	}
}
