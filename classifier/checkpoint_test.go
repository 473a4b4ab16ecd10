package classifier

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"maps"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/nlpodyssey/safetensors"
)

// sample returns a checkpoint with all parts: weights, some with bits that arithmetic would change, momentum and
// training.
func sample(t testing.TB) *Checkpoint {
	t.Helper()
	a := lookup(t, "lenet")
	c := New(a, 7)
	for i, bits := range []uint32{0x80000000, 1, 0x7f7fffff} { // -0, the least denormal, the largest
		c.Params[0][i] = math.Float32frombits(bits)
	}
	c.Facts = Facts{
		Pixels:  &Brightness{0.1307, 0.3081},
		Dataset: "mnist",
		Classes: []string{"zero", "ein\"s", "2", "3", "4", "5", "6", "7", "8", "9"},
		Sigma:   0.1,
		Method:  "smoothmix(eta=5)",
		Seed:    math.MaxUint64,
	}
	return &Checkpoint{
		Classifier: c,
		Buffers: map[string][][]float32{
			"momentum":   New(a, 8).Params,
			"exp_avg":    New(a, 9).Params,
			"exp_avg_sq": New(a, 10).Params,
		},
		Current:  New(a, 11).Params,
		Training: json.RawMessage(`{"update": 3, "text": "a<b>\u00e9\n"}`),
	}
}

func lookup(t testing.TB, name string) *Architecture {
	t.Helper()
	a, err := Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func encoded(t testing.TB, c *Checkpoint) []byte {
	t.Helper()
	data, err := c.encode()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// same compares bit for bit.
func same(t testing.TB, got, want *Checkpoint) {
	t.Helper()
	if got.Arch.Name != want.Arch.Name {
		t.Errorf("architecture %s, want %s", got.Arch.Name, want.Arch.Name)
	}
	if !sameBits(got.Params, want.Params) {
		t.Error("the weights differ")
	}
	if len(got.Buffers) != len(want.Buffers) {
		t.Errorf("%d buffers, want %d", len(got.Buffers), len(want.Buffers))
	}
	for name := range want.Buffers {
		if !sameBits(got.Buffers[name], want.Buffers[name]) {
			t.Errorf("buffer %s differs", name)
		}
	}
	if (got.Current == nil) != (want.Current == nil) || !sameBits(got.Current, want.Current) {
		t.Error("the current weights differ")
	}
	if !reflect.DeepEqual(got.Facts, want.Facts) {
		t.Errorf("facts %+v, want %+v", got.Facts, want.Facts)
	}
	if (got.Training == nil) != (want.Training == nil) || string(got.Training) != string(want.Training) {
		t.Errorf("training state %q, want %q", got.Training, want.Training)
	}
}

func sameBits(a, b [][]float32) bool {
	return slices.EqualFunc(a, b, func(v, w []float32) bool {
		return slices.EqualFunc(v, w, func(x, y float32) bool { return math.Float32bits(x) == math.Float32bits(y) })
	})
}

func TestRoundTrip(t *testing.T) {
	for name, strip := range map[string]func(c *Checkpoint){
		"everything":   func(*Checkpoint) {},
		"weights only": func(c *Checkpoint) { c.Buffers, c.Current, c.Training = nil, nil, nil },
		"no training":  func(c *Checkpoint) { c.Training = nil },
		"no buffers":   func(c *Checkpoint) { c.Buffers = nil },
		"one buffer":   func(c *Checkpoint) { c.Buffers = map[string][][]float32{"momentum": c.Buffers["momentum"]} },
		"no average":   func(c *Checkpoint) { c.Current = nil },
		"no facts":     func(c *Checkpoint) { c.Facts = Facts{} },
	} {
		t.Run(name, func(t *testing.T) {
			want, path := sample(t), filepath.Join(t.TempDir(), "c.safetensors")
			strip(want)
			for range 2 { // the second time over a file that is there
				if err := want.Save(path); err != nil {
					t.Fatal(err)
				}
			}
			got, err := Load(path)
			if err != nil {
				t.Fatal(err)
			}
			same(t, got, want)
			data, err := os.ReadFile(path)
			if err != nil || !bytes.Equal(data, encoded(t, got)) {
				t.Errorf("what was loaded is not saved as the same bytes (%v)", err)
			}
			if files, _ := os.ReadDir(filepath.Dir(path)); len(files) != 1 {
				t.Errorf("%d files where one was saved", len(files))
			}
		})
	}
}

// A network with batch norm keeps its running statistics, which have no momentum, and its counters, which are whole
// numbers of 64 bits as in PyTorch's files.
func TestStatisticsRoundTrip(t *testing.T) {
	a := lookup(t, "resnet20")
	c := New(a, 7)
	for i, p := range a.Params {
		switch p.Role {
		case Statistic:
			c.Params[i][1] = 0x1p-126
		case Counter:
			c.Params[i][0] = 1<<24 - float32(i)
		}
	}
	want := &Checkpoint{Classifier: c, Training: json.RawMessage("{}")}
	var buffers [][]float32
	for _, i := range a.Trained() {
		buffers = append(buffers, New(a, 8).Params[i])
	}
	want.Buffers = map[string][][]float32{"momentum": buffers}
	data := encoded(t, want)
	got, err := Read(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, want)
	st, meta, err := parse(data)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(
		a.Params,
	) + len(
		a.Trained(),
	); st.Len() != n ||
		meta["scaling"] != "(x - [0.4914 0.4822 0.4465]) / [0.2023 0.1994 0.201]" {
		t.Errorf("%d tensors, want %d; scaling %q", st.Len(), n, meta["scaling"])
	}
	for i, p := range a.Params {
		v, _ := st.Tensor(p.Name)
		if p.Role == Counter &&
			(v.DType() != safetensors.I64 || len(v.Shape()) != 0 ||
				binary.LittleEndian.Uint64(v.Data()) != uint64(1<<24-i)) {
			t.Errorf("%s is %v %v % x", p.Name, v.DType(), v.Shape(), v.Data())
		}
		if _, ok := st.Tensor("momentum." + p.Name); ok != (p.Role == Trained) {
			t.Errorf("%s has a momentum: %t", p.Name, ok)
		}
	}
}

// The file is what safetensors' documentation says: a 64-bit length, a JSON header with PyTorch's names and shapes, and
// the values one after another, here read without the library.
func TestFileFormat(t *testing.T) {
	c := sample(t)
	data := encoded(t, c)
	n := binary.LittleEndian.Uint64(data)
	if (8+n)%8 != 0 {
		t.Errorf("the values begin at byte %d, which is not aligned to 8", 8+n)
	}
	var header map[string]json.RawMessage
	if err := json.Unmarshal(data[8:8+n], &header); err != nil {
		t.Fatal(err)
	}
	var meta map[string]string
	if err := json.Unmarshal(header["__metadata__"], &meta); err != nil || meta["arch"] != "lenet" {
		t.Errorf("metadata %v (%v)", meta, err)
	}
	delete(header, "__metadata__")
	// The names of torch's state_dict of code/archs/lenet.py, and the shapes of docs/algorithms.md §3.
	want := map[string][]int{
		"conv1.weight": {20, 1, 5, 5},
		"conv1.bias":   {20},
		"conv2.weight": {50, 20, 5, 5},
		"conv2.bias":   {50},
		"fc1.weight":   {500, 800},
		"fc1.bias":     {500},
		"fc2.weight":   {10, 500},
		"fc2.bias":     {10},
	}
	for i, p := range c.Arch.Params {
		for name, values := range map[string][]float32{
			p.Name:                 c.Params[i],
			"momentum." + p.Name:   c.Buffers["momentum"][i],
			"exp_avg." + p.Name:    c.Buffers["exp_avg"][i],
			"exp_avg_sq." + p.Name: c.Buffers["exp_avg_sq"][i],
			"current." + p.Name:    c.Current[i],
		} {
			var info struct {
				DType   string `json:"dtype"`
				Shape   []int
				Offsets [2]uint64 `json:"data_offsets"`
			}
			if err := json.Unmarshal(header[name], &info); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if info.DType != "F32" || !slices.Equal(info.Shape, want[p.Name]) {
				t.Errorf("%s is %s %v, want F32 %v", name, info.DType, info.Shape, want[p.Name])
			}
			raw := data[8+n+info.Offsets[0] : 8+n+info.Offsets[1]]
			for k, v := range values {
				if binary.LittleEndian.Uint32(raw[4*k:]) != math.Float32bits(v) {
					t.Fatalf("%s[%d] is not %g", name, k, v)
				}
			}
			delete(header, name)
		}
	}
	if len(want) != len(c.Arch.Params) || len(header) != 0 {
		t.Errorf("%d parameters, and these tensors besides: %v", len(c.Arch.Params), slices.Collect(maps.Keys(header)))
	}
}

// One failure of each kind; every error is one sentence that contains the given words.
func TestUnreadable(t *testing.T) {
	lenet := func(change func(map[string]safetensors.TensorView, map[string]string)) []byte {
		st, meta, err := parse(encoded(t, sample(t)))
		if err != nil {
			t.Fatal(err)
		}
		tensors := map[string]safetensors.TensorView{}
		for _, v := range st.Tensors() {
			tensors[v.Name] = v.TensorView
		}
		change(tensors, meta)
		data, err := safetensors.Serialize(tensors, meta)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	meta := func(key, value string) []byte {
		return lenet(func(_ map[string]safetensors.TensorView, m map[string]string) { m[key] = value })
	}
	for _, c := range []struct {
		name  string
		data  []byte
		not   bool // not a checkpoint, as opposed to a bad one
		wants []string
	}{
		{"empty", nil, true, nil},
		{"text", []byte("lenet weights of my thesis, see attachment\n"), true, nil},
		{"JSON", []byte(`{"name":{"a": 1}, "and": "more of it"}`), true, nil},
		{"zip", append([]byte("PK\x03\x04"), make([]byte, 100)...), true, nil},
		{"foreign safetensors", lenet(func(_ map[string]safetensors.TensorView, m map[string]string) { clear(m) }), true, []string{"format"}},
		{"huge header", append(binary.LittleEndian.AppendUint64(nil, 1<<62), '{'), true, nil},
		{"large header", append(binary.LittleEndian.AppendUint64(nil, 1<<29), '{'), false, []string{"9 bytes"}},
		{"later version", meta("version", "3"), false, []string{`"3"`, "reads versions 1 and 2"}},
		{"near name", meta("arch", "lenett"), false, []string{`"lenett"`, `did you mean "lenet"`}},
		{"other network", meta("arch", "resnet1202"), false, []string{`"resnet1202"`, "known: lenet"}},
		{"facts", meta("facts", "{"), false, []string{"facts"}},
		{"training", meta("training", "{"), false, []string{"training"}},
		{"everything is wrong at once", lenet(func(m map[string]safetensors.TensorView, _ map[string]string) {
			delete(m, "conv1.bias")
			m["fc1.bias"] = view(t, safetensors.F64, []uint64{500}, 4000)
			m["fc2.weight"] = view(t, safetensors.F32, []uint64{500, 10}, 20000)
		}), false, []string{"lenet", "conv1.bias is missing", "fc1.bias is F64, not F32", "fc2.weight is [500 10], not [10 500]"}},
		{"half of the momentum", lenet(func(m map[string]safetensors.TensorView, _ map[string]string) { delete(m, "momentum.fc2.bias") }), false,
			[]string{"momentum.fc2.bias is missing"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "c.safetensors")
			if err := os.WriteFile(path, c.data, 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := Load(path)
			checkSentence(t, err, append(c.wants, path)...)
			if errors.Is(err, ErrNotCheckpoint) != c.not {
				t.Errorf("%v: marked as no checkpoint: %t, want %t", err, !c.not, c.not)
			}
		})
	}
}

func view(t *testing.T, d safetensors.DType, shape []uint64, bytes int) safetensors.TensorView {
	t.Helper()
	v, err := safetensors.NewTensorView(d, shape, make([]byte, bytes))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func checkSentence(t testing.TB, err error, wants ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("%q is not one line", err)
	}
	for _, w := range wants {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q does not say %q", err, w)
		}
	}
}

// A file cut anywhere is an error: at every byte of the header, and on both sides of every tensor's end.
func TestTruncated(t *testing.T) {
	data := encoded(t, sample(t))
	n := int(8 + binary.LittleEndian.Uint64(data))
	var cuts []int
	for at := range n + 9 {
		cuts = append(cuts, at)
	}
	st, _, err := parse(data)
	if err != nil {
		t.Fatal(err)
	}
	end := n
	for _, v := range st.Tensors() { // in the order of the file
		end += len(v.TensorView.Data())
		cuts = append(cuts, end-1, end, end+1)
	}
	for _, at := range cuts {
		if at >= len(data) {
			continue
		}
		if _, err := Read(bytes.NewReader(data[:at])); err == nil {
			t.Fatalf("%d of %d bytes pass for a checkpoint", at, len(data))
		} else if at >= 9 && errors.Is(err, ErrNotCheckpoint) {
			t.Fatalf("cut at byte %d of %d: %v; want damaged", at, len(data), err)
		}
	}
	if _, err := Read(bytes.NewReader(append(data, 0))); err == nil {
		t.Error("a file with a byte too many passes for a checkpoint")
	}
}

// A changed byte of the header is an error, or changes the metadata only: weights never come out wrong.
func TestCorruptedHeader(t *testing.T) {
	want := sample(t)
	want.Buffers, want.Current = nil, nil
	data := encoded(t, want)
	for at := range int(8 + binary.LittleEndian.Uint64(data)) {
		for _, flip := range []byte{0x01, 0x90} {
			data[at] ^= flip
			if st, meta, err := parse(data); err == nil {
				if c, err := fromTensors(st, meta); err == nil && !sameBits(c.Params, want.Params) {
					t.Fatalf("byte %d changed by %#x: other weights, and no error", at, flip)
				}
			}
			data[at] ^= flip
		}
	}
}

// FuzzLoad builds a file of a header and a number of zero bytes, too few of them to be a LeNet: whole files make
// fuzzing a hundred times slower, and TestCorruptedHeader has them. Every outcome is a sentence.
func FuzzLoad(f *testing.F) {
	data := encoded(f, sample(f))
	n := 8 + binary.LittleEndian.Uint64(data)
	f.Add(data[8:n], uint32(5), false)
	f.Add(data[:n], uint32(0), true)
	f.Add(
		[]byte(`{"__metadata__":{"format":"smoothlab checkpoint","version":"1","arch":"lenet","facts":"{}"}}`),
		uint32(0),
		false,
	)
	f.Add(
		[]byte(
			`{"a":{"dtype":"F32","shape":[0,18446744073709551615],"data_offsets":[0,0]},"b":null,"__metadata__":null}`,
		),
		uint32(0),
		false,
	)
	f.Add(
		[]byte(`{"a":{"dtype":"U8","shape":[18446744073709551615],"data_offsets":[0,18446744073709551615]}}`),
		uint32(0),
		false,
	)
	f.Add([]byte(`null`), uint32(3), false)
	f.Add([]byte{}, uint32(0), true)
	f.Fuzz(func(t *testing.T, header []byte, zeros uint32, raw bool) {
		var file []byte
		if !raw {
			file = binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
		}
		file = append(append(file, header...), make([]byte, zeros%(1<<10))...)
		_, err := Read(bytes.NewReader(file))
		checkSentence(t, err)
	})
}

// A declared length costs no memory before there are bytes to fill it: the file below says 100 MB and has 64 kB.
func TestDeclaredLengthIsNotAllocated(t *testing.T) {
	file := append(binary.LittleEndian.AppendUint64(nil, 100_000_000), bytes.Repeat([]byte{'{'}, 1<<16)...)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := Read(bytes.NewReader(file)); err == nil {
		t.Error("no error")
	}
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > 1<<20 {
		t.Errorf("reading 64 kB allocated %d bytes", got)
	}
}
