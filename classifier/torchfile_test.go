package classifier_test

import (
	"archive/zip"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// tensor is a tensor as torch.save writes it: the kind of its storage, its shape, and its bytes.
type tensor struct {
	kind string
	dims []int
	data []byte
}

// floats is a tensor of float32.
func floats(v []float32, dims ...int) tensor {
	var b []byte
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return tensor{"Float", dims, b}
}

// array is a tensor of float32 as NumPy's array in the same file.
type array struct{ tensor }

// dict is a dict with strings as keys, and list is a list.
type (
	item struct {
		key   string
		value any
	}
	dict []item
	list []any
)

// saveTorch writes what torch.save would: an archive of a pickle, in the text opcodes of protocol 0, and the storages.
func saveTorch(t testing.TB, value any) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "weights.pt")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	var storages [][]byte
	put := func(name string, data []byte) {
		w, err := z.Create("archive/" + name)
		if err == nil {
			_, err = w.Write(data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	put("data.pkl", []byte(pickled(t, value, &storages)+"."))
	for i, data := range storages {
		put(fmt.Sprint("data/", i), data)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// sizes has the bytes of a number, by the kind of its storage.
var sizes = map[string]int{"Float": 4, "Double": 8, "Half": 2, "Char": 1, "Byte": 1, "Bool": 1, "Int": 4, "Long": 8}

func pickled(t testing.TB, value any, storages *[][]byte) string {
	switch v := value.(type) {
	case dict:
		s := "}"
		for _, e := range v {
			s += "S'" + e.key + "'\n" + pickled(t, e.value, storages) + "s"
		}
		return s
	case list:
		s := "]"
		for _, e := range v {
			s += pickled(t, e, storages) + "a"
		}
		return s
	case int:
		return fmt.Sprintf("I%d\n", v)
	case string:
		return "S'" + v + "'\n"
	case tensor:
		shape, strides, n := "", "", 1
		for i := len(v.dims) - 1; i >= 0; i-- {
			shape, strides = fmt.Sprintf("I%d\n", v.dims[i])+shape, fmt.Sprintf("I%d\n", n)+strides
			n *= v.dims[i]
		}
		if n*sizes[v.kind] != len(v.data) {
			t.Fatalf("%d bytes for %v numbers of %s", len(v.data), v.dims, v.kind)
		}
		*storages = append(*storages, v.data)
		return fmt.Sprintf(
			"ctorch._utils\n_rebuild_tensor_v2\n((S'storage'\nctorch\n%sStorage\nS'%d'\nS'cpu'\nI%d\ntQI0\n(%st(%stI00\nNtR",
			v.kind,
			len(*storages)-1,
			n,
			shape,
			strides,
		)
	case array: // as protocol 2 has it: bytes by way of a text in Latin-1
		shape := ""
		for _, d := range v.dims {
			shape += fmt.Sprintf("I%d\n", d)
		}
		text := make([]rune, len(v.data))
		for i, b := range v.data {
			text[i] = rune(b)
		}
		utf8 := string(text)
		long := "X" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(utf8)))) + utf8
		return "cnumpy._core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR(I1\n(" + shape + "tcnumpy\ndtype\n(S'f4'\nI00\nI01\ntR" +
			"(I3\nS'<'\nNNNI-1\nI-1\nI0\ntbI00\nc_codecs\nencode\n(" + long + "S'latin1'\ntRtb"
	}
	t.Fatalf("%T cannot be pickled here", value)
	return ""
}

// prefixed puts a prefix before the keys of a dict.
func prefixed(prefix string, d dict) dict {
	var out dict
	for _, e := range d {
		out = append(out, item{prefix + e.key, e.value})
	}
	return out
}

// joined merges dicts.
func joined(all ...dict) dict {
	var out dict
	for _, d := range all {
		out = append(out, d...)
	}
	return out
}
