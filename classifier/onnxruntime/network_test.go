package onnxruntime_test

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"smoothlab/classifier"
	"smoothlab/classifier/onnx"
	"smoothlab/classifier/onnxruntime"
	"smoothlab/internal/onnxruntimetest"

	"github.com/nlpodyssey/safetensors"
)

// load puts a classifier into ONNX Runtime.
func load(t testing.TB, c *classifier.Classifier) *onnxruntime.Network {
	t.Helper()
	file, err := c.ToONNX()
	if err != nil {
		t.Fatal(err)
	}
	n, err := onnxruntimetest.Open(t).Load(t.Context(), file, onnx.Shape(c.Arch.Input), c.Arch.Classes)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	return n
}

// values reads a tensor of a .safetensors file.
func values(t *testing.T, path, name string) []float32 {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	st, err := safetensors.Deserialize(b)
	if err != nil {
		t.Fatal(err)
	}
	view, ok := st.Tensor(name)
	if !ok {
		t.Fatalf("%s has no %s", path, name)
	}
	v := make([]float32, len(view.Data())/4)
	for i := range v {
		v[i] = math.Float32frombits(binary.LittleEndian.Uint32(view.Data()[4*i:]))
	}
	return v
}

// The logits are those that PyTorch computed (onnx/testdata/tiny.py), to 1e-5, with the normalization in the file or
// in front of it.
func TestClassify(t *testing.T) {
	dir := filepath.Join("..", "onnx", "testdata")
	x, want := values(t, filepath.Join(dir, "tiny.safetensors"), "x"), values(t, filepath.Join(dir, "tiny.safetensors"), "logits")
	for file, how := range map[string]classifier.ONNX{
		"tiny.onnx":        {},
		"tiny.folded.onnx": {Mean: []float64{0.1307}, SD: []float64{0.3081}},
	} {
		c, err := classifier.FromONNX(t.Context(), filepath.Join(dir, file), how)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []*classifier.Classifier{c, rewritten(t, c)} {
			got, err := load(t, c).Classify(t.Context(), x)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.EqualFunc(got, want, func(a, b float32) bool { return math.Abs(float64(a)-float64(b)) <= 1e-5 }) {
				t.Errorf("%s: logits %v, want %v", file, got, want)
			}
		}
	}
}

// rewritten is a classifier that was written as an ONNX file and read again: its values have the names of such files.
func rewritten(t *testing.T, c *classifier.Classifier) *classifier.Classifier {
	t.Helper()
	file, err := c.ToONNX()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "net.onnx")
	if err := os.WriteFile(path, file, 0o644); err != nil {
		t.Fatal(err)
	}
	again, err := classifier.FromONNX(t.Context(), path, classifier.ONNX{})
	if err != nil {
		t.Fatal(err)
	}
	return again
}

// A vote depends on one image: not on its row, nor on the size of the batch.
func TestRowsAreIndependent(t *testing.T) {
	for _, a := range classifier.Architectures()[:3] { // the small ones
		n, size := load(t, classifier.New(a, 1)), a.Input.Size()
		pixels, r := make([]float32, 100*size), rand.New(rand.NewPCG(1, 2))
		for i := range pixels {
			pixels[i] = r.Float32() + float32(r.NormFloat64())/2
		}
		logits := func(images []float32) []float32 {
			l, err := n.Classify(t.Context(), images)
			if err != nil {
				t.Fatal(err)
			}
			return l
		}
		all := logits(pixels)
		turned := logits(slices.Concat(pixels[size:], pixels[:size]))
		if !slices.Equal(all, slices.Concat(turned[99*a.Classes:], turned[:99*a.Classes])) {
			t.Errorf("%s: logits depend on the row", a.Name)
		}
		for _, batch := range []int{1, 3, 8, 52} {
			if !slices.Equal(logits(pixels[:batch*size]), all[:batch*a.Classes]) {
				t.Errorf("%s: logits in a batch of %d differ from those in one of 100", a.Name, batch)
			}
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	l := onnxruntimetest.Open(t)
	if _, err := l.Load(t.Context(), []byte("no network"), onnx.Shape{Height: 1, Width: 1, Channels: 1}, 2); err == nil ||
		!strings.Contains(err.Error(), "refuses the network") {
		t.Errorf("error %v, want that the network is refused", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Load(ctx, nil, onnx.Shape{}, 2); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
	// A process has one library.
	t.Setenv(onnxruntime.Variable, copied(t, l.Path))
	if _, err := onnxruntime.Open(t.Context(), onnxruntime.Options{}); err == nil ||
		!strings.Contains(err.Error(), "cannot load") {
		t.Errorf("error %v, want that a second library is refused", err)
	}
}

// copied is another file with the bytes of path.
func copied(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "libonnxruntime.so")
	if err := os.WriteFile(other, b, 0o644); err != nil {
		t.Fatal(err)
	}
	return other
}

func TestClassifyRefuses(t *testing.T) {
	a := classifier.Architectures()[1] // linear
	n := load(t, classifier.New(a, 1))
	for _, size := range []int{0, 1, a.Input.Size() + 1} {
		if _, err := n.Classify(t.Context(), make([]float32, size)); err == nil ||
			!strings.Contains(err.Error(), "is not of images") {
			t.Errorf("%d values: error %v", size, err)
		}
	}
	if err := n.Close(); err != nil {
		t.Error(err)
	}
	if _, err := n.Classify(t.Context(), make([]float32, a.Input.Size())); err == nil ||
		!strings.Contains(err.Error(), "closed") {
		t.Errorf("after Close: error %v", err)
	}
}

// An interrupt ends a batch that would take long, and the network computes on afterwards.
func TestClassifyInterrupted(t *testing.T) {
	a, err := classifier.Lookup("resnet110")
	if err != nil {
		t.Fatal(err)
	}
	n := load(t, classifier.New(a, 1))
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	// 2,000 images take some 1e12 operations.
	if _, err := n.Classify(ctx, make([]float32, 2000*a.Input.Size())); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
	if _, err := n.Classify(t.Context(), make([]float32, a.Input.Size())); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}
