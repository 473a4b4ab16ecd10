package weights

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Both formats of torch.save hold the same checkpoint (testdata/make.py): views, wrapped parameters, and all types.
func TestReadTorch(t *testing.T) {
	want := map[string]Tensor{
		"module.1.fc.weight": {[]int{2, 3}, "float32", []float32{1, 2, 3, 4, 5, 6}},
		"module.1.turned":    {[]int{3, 2}, "float32", []float32{1, 4, 2, 5, 3, 6}},
		"module.1.tail":      {[]int{2}, "float32", []float32{5, 6}},
		"half": {
			[]int{4},
			"float16",
			[]float32{1.5, -0.25, 65504, 0x1p-24},
		}, // 6e-8 is nearest to the smallest of them
		"brain":  {[]int{2}, "bfloat16", []float32{1, -3}},
		"double": {[]int{}, "float64", []float32{0.1}},
		"count":  {[]int{}, "int64", []float32{7}},
	}
	for _, name := range []string{"state.pt", "state_legacy.pt"} {
		f, err := Read(t.Context(), filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		if f.Arch != "toy" || f.Format != "PyTorch" || len(f.Sets) != 1 || f.Sets[0].Path != "state_dict" ||
			len(f.Sets[0].Tensors) != len(want) {
			t.Fatalf("%s: %+v", name, f)
		}
		for n, w := range want {
			if got := f.Sets[0].Tensors[n]; got.Type != w.Type || !slices.Equal(got.Dims, w.Dims) ||
				!slices.Equal(got.Values, w.Values) {
				t.Errorf("%s: %s is %v, want %v", name, n, got, w)
			}
		}
	}
}

// Files that PyTorch itself wrote, of each type and protocol, in both formats: the test data of gopickle, which holds
// the numbers 1.2, −3.4, 5.6, −7.8, or 1, −2, 3, −4 of whole types, or 1, 10, 100, 255 of bytes.
func TestReadRealFiles(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/nlpodyssey/gopickle").Output()
	if err != nil {
		t.Fatal(err)
	}
	paths, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(out)), "pytorch", "testdata", "tensor_*.pt"))
	if err != nil || len(paths) < 50 {
		t.Fatalf("%d files: %v", len(paths), err)
	}
	for _, path := range paths {
		f, err := Read(t.Context(), path)
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(path), err)
			continue
		}
		want, tolerance := []float32{1.2, -3.4, 5.6, -7.8}, 0.
		switch name := filepath.Base(path); {
		case strings.Contains(name, "bfloat16"):
			tolerance = 0x1p-8 // 8 bits
		case strings.Contains(name, "float16"):
			tolerance = 0x1p-11
		case strings.Contains(name, "uint8"):
			want = []float32{1, 10, 100, 255}
		case strings.Contains(name, "bool"):
			want = []float32{1, 0, 1, 0}
		case strings.Contains(name, "int"):
			want = []float32{1, -2, 3, -4}
		}
		got := f.Sets[0].Tensors["tensor"]
		if len(got.Values) != 4 {
			t.Errorf("%s: %v", filepath.Base(path), got)
			continue
		}
		for i, w := range want {
			if math.Abs(float64(got.Values[i]-w)) > tolerance*math.Abs(float64(w)) {
				t.Errorf("%s: %v, want %v", filepath.Base(path), got.Values, want)
				break
			}
		}
	}
}

// saved packs a pickle as torch.save does.
func saved(t testing.TB, pickle string, storages map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	add := func(name, data string) {
		f, err := w.Create("x/" + name)
		if err == nil {
			_, err = f.Write([]byte(data))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	add("data.pkl", pickle)
	for key, data := range storages {
		add("data/"+key, data)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A pickle is a program; these would run commands, open files, import modules or evaluate text under Python. Each is
// refused, with the name that it refers to, and has no effect. They follow Python's pickle documentation and the usual
// demonstrations.
func TestNoCodeIsExecuted(t *testing.T) {
	trace := filepath.Join(t.TempDir(), "trace")
	for _, attack := range []struct{ pickle, name string }{
		{"cos\nsystem\n(S'touch " + trace + "'\ntR.", "os.system"},
		{"cposix\nsystem\n(S'touch " + trace + "'\ntR.", "posix.system"},
		{"(S'touch " + trace + "'\nios\nsystem\n.", "os.system"},
		{"(cos\nsystem\nS'touch " + trace + "'\no.", "os.system"},
		{"c__builtin__\neval\n(S'open(\"" + trace + "\", \"w\")'\ntR.", "__builtin__.eval"},
		{"\x80\x04\x8c\x08builtins\x8c\x04exec\x93\x8c\x01x\x85R.", "builtins.exec"},
		{"\x80\x04\x8c\x0asubprocess\x8c\x05Popen\x93\x8c\x05touch\x85\x81.", "subprocess.Popen"},
		{"\x80\x02}(X\x0a\x00\x00\x00state_dictcos\nsystem\n(S'touch " + trace + "'\ntRu.", "os.system"},
		{"ctorch\nload\n(S'" + trace + "'\ntR.", "torch.load"},
		{"\x80\x02\x82\x01.", "extension"},
	} {
		for format, data := range map[string][]byte{"zip": saved(t, attack.pickle, nil), "legacy": []byte(legacyHead + attack.pickle), "alone": []byte("\x80\x02" + attack.pickle)} {
			_, err := parse(context.Background(), data)
			if err == nil || !strings.Contains(err.Error(), attack.name) ||
				!strings.Contains(err.Error(), "nothing in it was executed") {
				t.Errorf("%s, %q: %v", format, attack.pickle, err)
			}
		}
	}
	if _, err := os.Stat(trace); err == nil {
		t.Error("a command was executed")
	}
}

// legacyHead begins the file of old: magic number, protocol, facts of the machine.
const legacyHead = "\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.\x80\x02}."

// tensorPickle describes one tensor named w: the size of its storage, an offset, a shape and strides of one axis.
func tensorPickle(count, offset, shape, stride string) string {
	return "}(S'w'\nctorch._utils\n_rebuild_tensor_v2\n((S'storage'\nctorch\nFloatStorage\nS'0'\nS'cpu'\nI" + count + "\ntQI" + offset +
		"\n(I" + shape + "\nt(I" + stride + "\ntNNtRu."
}

// A file that is damaged, or holds no weights, gives an error of one sentence.
func TestReadRefuses(t *testing.T) {
	numbers := map[string]string{"0": "\x00\x00\x80\x3f\x00\x00\x00\x40"}
	good := saved(t, tensorPickle("2", "0", "2", "1"), numbers)
	if f, err := parse(t.Context(), good); err != nil || !slices.Equal(f.Sets[0].Tensors["w"].Values, []float32{1, 2}) {
		t.Fatalf("%v, %v", f, err)
	}
	legacy, err := os.ReadFile("testdata/state_legacy.pt")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		data []byte
		want string
	}{
		"empty":     {nil, "it is empty"},
		"pointer":   {[]byte("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n"), "git lfs pull"},
		"gzip":      {[]byte("\x1f\x8b\x08"), "gunzip it"},
		"HDF5":      {[]byte("\x89HDF\r\n\x1a\n"), "an HDF5 file"},
		"one array": {[]byte("\x93NUMPY\x01\x00"), "numpy.savez(path, **arrays)"},
		"8-bit floats": {[]byte("\x42\x00\x00\x00\x00\x00\x00\x00" +
			`{"fc.weight":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,2]}}` + "ab"), "fc.weight holds numbers of type F8_E4M3"},
		"text":             {[]byte("<!DOCTYPE html>"), "found none of these"},
		"cut zip":          {good[:len(good)/2], "damaged zip"},
		"cut legacy":       {legacy[:len(legacy)-1], "damaged or cut short"},
		"cut pickle":       {legacy[:100], "cut short"},
		"another pickle":   {[]byte("\x80\x02}."), "not one of torch.save"},
		"no dict":          {saved(t, "I5\n.", nil), "no dict of tensors"},
		"no tensors":       {saved(t, "}(S'epoch'\nI5\nu.", nil), "no tensors, only epoch"},
		"other zip":        {zipOf(t, "readme.txt"), "neither a data.pkl"},
		"TorchScript":      {zipOf(t, "m/data.pkl", "m/constants.pkl"), "TorchScript"},
		"long shape":       {saved(t, tensorPickle("2", "0", "3", "1"), numbers), "does not fit"},
		"long stride":      {saved(t, tensorPickle("2", "0", "2", "2"), numbers), "does not fit"},
		"overflow":         {saved(t, tensorPickle("2", "0", "2", "9223372036854775807"), numbers), "does not fit"},
		"offset":           {saved(t, tensorPickle("2", "2", "1", "1"), numbers), "does not fit"},
		"negative":         {saved(t, tensorPickle("2", "-1", "1", "1"), numbers), "does not fit"},
		"negative count":   {saved(t, tensorPickle("-2", "0", "1", "1"), numbers), "cannot be read"},
		"huge count":       {saved(t, tensorPickle("4611686018427387905", "0", "1", "1"), numbers), "cannot be read"},
		"large count":      {saved(t, tensorPickle("2147483648", "0", "1", "1"), numbers), "more than"},
		"short storage":    {saved(t, tensorPickle("3", "0", "1", "1"), numbers), "holds 8 bytes of 12"},
		"long storage":     {saved(t, tensorPickle("1", "0", "1", "1"), numbers), "longer than"},
		"missing storage":  {saved(t, tensorPickle("2", "0", "2", "1"), nil), "is missing"},
		"huge text":        {saved(t, "\x80\x04\x8e\x00\x00\x00\x00\x00\x00\x00\x7f.", nil), "declares a text"},
		"huge frame":       {saved(t, "\x80\x04\x95\x00\x00\x00\x00\x00\x00\x00\x7f.", nil), "cut short"},
		"stack":            {saved(t, "0.", nil), "pickle is damaged"},
		"opcode":           {saved(t, "\xff.", nil), "no opcode 0xff"},
		"key of any":       {saved(t, "}(((lI1\nu.", nil), ""},
		"safetensors text": {[]byte("\x05\x00\x00\x00\x00\x00\x00\x00{abc}"), "damaged safetensors"},
	} {
		_, err := parse(t.Context(), test.data)
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
	if _, err := Read(
		t.Context(),
		t.TempDir(),
	); err == nil ||
		!strings.Contains(err.Error(), "is a directory; name the file in it") {
		t.Errorf("a directory: %v", err)
	}
}

// zipOf is an archive of files without content.
func zipOf(t *testing.T, names ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, n := range names {
		if _, err := w.Create(n); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Every half-precision number against its definition in IEEE 754: sign, 2^(e−15)·(1+f/1024), or 2^−14·f/1024 for e = 0.
func TestHalf(t *testing.T) {
	for b := range 1 << 16 {
		e, f := b>>10&31, float64(b&1023)/1024
		want := math.Pow(2, float64(e-15)) * (1 + f)
		switch {
		case e == 0:
			want = math.Pow(2, -14) * f
		case e == 31 && f == 0:
			want = math.Inf(1)
		case e == 31:
			want = math.NaN()
		}
		if b>>15 == 1 {
			want = -want
		}
		if got := float64(half(uint16(b))); got != want && !(math.IsNaN(got) && math.IsNaN(want)) {
			t.Fatalf("%#04x is %g, want %g", b, got, want)
		}
	}
}

func TestReadInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Read(ctx, filepath.Join("testdata", "state.pt")); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// No bytes make the reader panic or end the process, and tensors have the size of their shapes.
func FuzzParse(f *testing.F) {
	for _, name := range []string{"state.pt", "state_legacy.pt"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("\x08\x00\x00\x00\x00\x00\x00\x00{}      "))
	f.Fuzz(func(t *testing.T, data []byte) { checkParse(t, data) })
}

// FuzzPickle is like FuzzParse, for the pickle inside an archive, whose checksum mutations would never match.
func FuzzPickle(f *testing.F) {
	f.Add("I5\n.")
	f.Add(tensorPickle("2", "0", "2", "1"))
	f.Add("\x80\x04\x8c\x08builtins\x8c\x04exec\x93\x8c\x01x\x85R.")
	f.Fuzz(func(t *testing.T, pickle string) {
		checkParse(t, saved(t, pickle, map[string]string{"0": "\x00\x00\x80\x3f\x00\x00\x00\x40"}))
	})
}

func checkParse(t *testing.T, data []byte) {
	got, err := parse(context.Background(), data)
	if err != nil {
		return
	}
	for _, s := range got.Sets {
		for name, tensor := range s.Tensors {
			n := 1
			for _, d := range tensor.Dims {
				n *= d
			}
			if n != len(tensor.Values) && tensor.Values != nil {
				t.Errorf("%s: %d numbers of shape %v", name, len(tensor.Values), tensor.Dims)
			}
		}
	}
}
