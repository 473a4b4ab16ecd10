package onnxruntime_test

import (
	"context"
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
	"smoothlab/internal/classifiertest"
	"smoothlab/internal/onnxruntimetest"
)

// The logits agree with PyTorch's (onnx/testdata/tiny.py) to 1e-5, with the normalization in the file or in front of
// it.
func TestClassify(t *testing.T) {
	dir := filepath.Join("..", "onnx", "testdata")
	file := filepath.Join(dir, "tiny.safetensors")
	x, want := classifiertest.Values(t, file, "x"), classifiertest.Values(t, file, "logits")
	for file, how := range map[string]classifier.ONNX{
		"tiny.onnx":        {},
		"tiny.folded.onnx": {Mean: []float64{0.1307}, SD: []float64{0.3081}},
	} {
		c, err := classifier.FromONNX(t.Context(), filepath.Join(dir, file), how)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []*classifier.Classifier{c, classifiertest.Rewritten(t, c)} {
			got, err := onnxruntimetest.Load(t, c).Classify(t.Context(), x)
			if err != nil {
				t.Fatal(err)
			}
			near := func(a, b float32) bool { return math.Abs(float64(a)-float64(b)) <= 1e-5 }
			if !slices.EqualFunc(got, want, near) {
				t.Errorf("%s: logits %v, want %v", file, got, want)
			}
		}
	}
}

// A vote depends on one image: not on its row, nor on the size of the batch.
func TestRowsAreIndependent(t *testing.T) {
	for _, a := range classifier.Architectures()[:3] { // the small ones
		n, size := onnxruntimetest.Load(t, classifier.New(a, 1)), a.Input.Size()
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
	pixel := onnx.Shape{Height: 1, Width: 1, Channels: 1}
	if _, err := l.Load(t.Context(), []byte("no network"), pixel, 2); err == nil ||
		!strings.Contains(err.Error(), "refuses the network") {
		t.Errorf("error %v, want that the network is refused", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Load(ctx, nil, onnx.Shape{}, 2); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
	// A process can load only one library.
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
	n := onnxruntimetest.Load(t, classifier.New(a, 1))
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

// An interrupt ends a long batch, and the network still works afterwards.
func TestClassifyInterrupted(t *testing.T) {
	a, err := classifier.Lookup("resnet110")
	if err != nil {
		t.Fatal(err)
	}
	n := onnxruntimetest.Load(t, classifier.New(a, 1))
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
