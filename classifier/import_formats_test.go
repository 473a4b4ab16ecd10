package classifier_test

import (
	"archive/zip"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"smoothlab/classifier"

	"github.com/nlpodyssey/safetensors"
)

// saveNPZ writes what numpy.savez would: an .npy for each tensor (numpy/lib/format.py, version 1.0).
func saveNPZ(t testing.TB, d dict) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "weights.npz")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z := zip.NewWriter(f)
	codes := map[string]string{
		"Float":  "<f4",
		"Double": "<f8",
		"Char":   "|i1",
		"Bool":   "|b1",
		"Int":    "<i4",
		"Long":   "<i8",
	}
	for _, e := range d {
		v := e.value.(tensor)
		shape := ""
		for _, n := range v.dims {
			shape += fmt.Sprintf("%d, ", n)
		}
		header := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", codes[v.kind], shape)
		header += strings.Repeat(" ", 63-(10+len(header))%64) + "\n"
		w, err := z.Create(e.key + ".npy")
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(w, "\x93NUMPY\x01\x00", string(binary.LittleEndian.AppendUint16(nil, uint16(len(header)))), header)
		if _, err := w.Write(v.data); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// saveSafetensors writes what safetensors.torch.save_file would.
func saveSafetensors(t testing.TB, d dict) string {
	t.Helper()
	kinds := map[string]safetensors.DType{"Float": safetensors.F32, "Double": safetensors.F64, "Char": safetensors.I8,
		"Bool": safetensors.BOOL, "Int": safetensors.I32, "Long": safetensors.I64}
	views := map[string]safetensors.TensorView{}
	for _, e := range d {
		v := e.value.(tensor)
		var shape []uint64
		for _, n := range v.dims {
			shape = append(shape, uint64(n))
		}
		view, err := safetensors.NewTensorView(kinds[v.kind], shape, v.data)
		if err != nil {
			t.Fatal(err)
		}
		views[e.key] = view
	}
	data, err := safetensors.Serialize(views, map[string]string{"format": "pt"})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "weights.safetensors")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Every format gives the same weights, and in each the same faults are refused with the tensor's name.
func TestImportFormats(t *testing.T) {
	c, net := linear(t, 10, 1)
	for format, save := range map[string]func(testing.TB, dict) string{
		"torch": func(t testing.TB, d dict) string { return saveTorch(t, d) }, "npz": saveNPZ, "safetensors": saveSafetensors,
	} {
		for name, test := range map[string]struct {
			saved dict
			want  string // "" if they are the weights
		}{
			"float32":  {net, ""},
			"float64":  {doubled(net), ""},
			"prefixed": {prefixed("model.", net), ""},
			"NaN":      {with(net, "fc.weight", 7, nan), "fc.weight has NaN (1 of 7840 values)"},
			"infinity": {with(net, "fc.bias", 3, float32(math.Inf(1))), "fc.bias has +Inf (1 of 10 values)"},
			"int8":     {converted(net, "Char"), "fc.weight holds int8, not floating-point numbers"},
			"int32":    {converted(net, "Int"), "fc.weight holds int32"},
			"bool":     {converted(net, "Bool"), "fc.bias holds bool"},
			"layer 1":  {prefixed("1.", net), "layer 0"},
		} {
			got, err := classifier.FromTorch(t.Context(), save(t, test.saved), classifier.Import{Arch: "linear"})
			switch {
			case test.want != "":
				if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
					t.Errorf("%s, %s: %v, want %q", format, name, err, test.want)
				}
			case err != nil:
				t.Errorf("%s, %s: %v", format, name, err)
			case got.Fingerprint() != c.Fingerprint():
				t.Errorf("%s, %s: other weights", format, name)
			}
		}
	}
}
