package pjrt

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"smoothlab/internal/programs"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// gradient returns the bits of a convolutional network's gradient, which is a program of many kinds of operations.
func gradient(t *testing.T, backend compute.Backend) []uint32 {
	t.Helper()
	exec, err := graph.NewExec(backend, func(x, w *graph.Node) *graph.Node {
		y := graph.MaxPool(graph.Convolve(x, w).PadSame().Done()).Window(2).Done()
		y = graph.Reshape(graph.Tanh(y), 8, -1)
		y = graph.Softmax(graph.Dot(y, graph.Transpose(y, 0, 1)).Product(), -1)
		return graph.Gradient(graph.ReduceAllSum(graph.Mul(y, graph.Log(y))), w)[0]
	})
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	x, w := ramp(8, 12, 12, 3), ramp(3, 3, 3, 16)
	defer x.FinalizeAll()
	defer w.FinalizeAll()
	out, err := exec.Call1(x, w)
	if err != nil {
		t.Fatal(err)
	}
	defer out.FinalizeAll()
	var bits []uint32
	for _, v := range tensors.MustCopyFlatData[float32](out) {
		bits = append(bits, math.Float32bits(v))
	}
	return bits
}

// ramp returns a tensor of numbers between -1 and 1.
func ramp(dims ...int) *tensors.Tensor {
	t := tensors.FromShape(shapes.Make(dtypes.Float32, dims...))
	tensors.MustMutableFlatData(t, func(flat []float32) {
		for i := range flat {
			flat[i] = float32(math.Sin(float64(i * i)))
		}
	})
	return t
}

// opened computes the gradient in a new backend, and returns it with the counts of the programs.
func opened(t *testing.T, dir string) (bits []uint32, counts [3]int, p Plugin) {
	t.Helper()
	backend, p, err := Open(t.Context(), Options{Device: CPU, Programs: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer backend.Finalize()
	bits = gradient(t, backend)
	counts[0], counts[1], counts[2] = p.Programs.Counts()
	return bits, counts, p
}

// A second session compiles nothing and computes the same bits; programs that are damaged on disk are compiled again.
func TestProgramsAreKept(t *testing.T) {
	const all = 2 // the probe of the plugin, and the gradient
	dir := filepath.Join(t.TempDir(), "programs")
	want, counts, plugin := opened(t, "")
	if counts != [3]int{} || plugin.NotKept != nil {
		t.Fatalf("without a directory: %v, %v", counts, plugin.NotKept)
	}
	check := func(what string, compiled, loaded, refused int) {
		t.Helper()
		bits, counts, plugin := opened(t, dir)
		if counts != [3]int{compiled, loaded, refused} || plugin.NotKept != nil {
			t.Errorf("%s: compiled, loaded, refused %v (%v)", what, counts, plugin.NotKept)
		}
		if !slices.Equal(bits, want) {
			t.Errorf("%s: the gradient has other bits", what)
		}
	}
	check("first", all, 0, 0)
	check("second", 0, all, 0)
	files, err := filepath.Glob(filepath.Join(dir, "*.program"))
	if err != nil || len(files) != all+1 { // and the plugin's digest
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		if err := os.Truncate(file, 150); err != nil {
			t.Fatal(err)
		}
	}
	check("cut off", all, 0, all)
	check("mended", 0, all, 0)

	// The store's checks accept these bytes, but no compiler wrote them.
	store, err := programs.Open(dir, ProgramsLimit)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		var key programs.Key
		if err := key.UnmarshalText([]byte(strings.TrimSuffix(filepath.Base(file), ".program"))); err != nil {
			t.Fatal(err)
		}
		if err := store.Put(key, []byte(strings.Repeat("nonsense", 100))); err != nil {
			t.Fatal(err)
		}
	}
	check("nonsense", all, 0, all)
	check("mended again", 0, all, 0)

	// With other flags the program has another key.
	t.Setenv("XLA_TEST_SETTING", "1")
	check("other settings", all, 0, 0)
}

// If programs cannot be kept, everything else works, and the plugin states the reason.
func TestProgramsAreNotKept(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if _, counts, plugin := opened(t, dir); counts != [3]int{} || plugin.NotKept == nil ||
		!strings.Contains(plugin.NotKept.Error(), "can be written by other users") {
		t.Errorf("%v, %v", counts, plugin.NotKept)
	}
	for _, c := range []struct {
		api    string
		device Device
		flags  string
		word   string
	}{
		{"0.115", CPU, "", ""},
		{"0.200", CPU, " --xla_cpu_use_xnnpack=false", ""},
		{"0.81", CPU, "", "from PJRT API 0.115 on"},
		{"1.0", CPU, "", "from PJRT API 0.115 on"},
		{"0.115", CUDA, "", "device cuda"},
		{"0.115", CPU, "--xla_dump_to=/tmp/x", "dumps"},
		{"0.115", CPU, "/tmp/flags", "file of flags"},
	} {
		err := keepable(Plugin{API: c.api, Device: c.device}, c.flags)
		if (err == nil) != (c.word == "") || err != nil && !strings.Contains(err.Error(), c.word) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// The key depends on every part, and no two lists of parts have the same key.
func TestProgramKeys(t *testing.T) {
	p := &Programs{facts: digest("a plugin")}
	seen := map[[32]byte]string{}
	for name, key := range map[string][32]byte{
		"one":           p.Key("mlir", []byte("program"), []byte("options")),
		"other format":  p.Key("hlo", []byte("program"), []byte("options")),
		"other program": p.Key("mlir", []byte("programs"), []byte("options")),
		"other options": p.Key("mlir", []byte("program"), []byte("option")),
		"moved letter":  p.Key("mlir", []byte("sprogram"), []byte("option")),
		"other facts":   (&Programs{facts: digest("another")}).Key("mlir", []byte("program"), []byte("options")),
		"cut elsewhere": digest("a plugin", "x"),
		"joined":        digest("a pluginx"),
	} {
		if seen[key] != "" {
			t.Errorf("%s and %s have one key", name, seen[key])
		}
		seen[key] = name
	}
	got := settings([]string{"XLA_FLAGS=b", "HOME=/", "NPROC=2", "TF_X=1", "PATH=/bin", "XLA_A=1"})
	if want := []string{"NPROC=2", "TF_X=1", "XLA_A=1", "XLA_FLAGS=b"}; !slices.Equal(got, want) {
		t.Errorf("settings %q, want %q", got, want)
	}
	for value, want := range map[string]string{"off": "", "/x": "/x", "": "smoothlab/programs"} {
		t.Setenv(ProgramsVariable, value)
		if got := ProgramsDir(); got != want && (value != "" || !strings.HasSuffix(got, want)) {
			t.Errorf("%s=%s: %q, want %q", ProgramsVariable, value, got, want)
		}
	}
}
