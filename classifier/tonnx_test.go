package classifier_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"smoothlab/classifier"
	"smoothlab/engine"
	"smoothlab/internal/testengine"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// exampleLogits are a network's logits for two images of random pixels.
func exampleLogits(t *testing.T, c *classifier.Classifier) []float32 {
	t.Helper()
	a := c.Arch
	program, err := testengine.Open(t).
		Program("two logits "+a.Name, func(_ *engine.Program, in []*graph.Node) []*graph.Node {
			n := len(a.Params)
			return []*graph.Node{a.Logits(a.Weights(in[:n]), in[n], classifier.Forward)}
		})
	if err != nil {
		t.Fatal(err)
	}
	var args []any
	for i, p := range a.Params {
		args = append(args, tensors.FromFlatDataAndDimensions(c.Params[i], p.Dims...))
	}
	pixels, r := make([]float32, 2*a.Input.Size()), rand.New(rand.NewPCG(1, 2))
	for i := range pixels {
		pixels[i] = r.Float32()
	}
	images := tensors.FromFlatDataAndDimensions(pixels, 2, a.Input.Height, a.Input.Width, a.Input.Channels)
	out, err := program.Call(t.Context(), append(args, images)...)
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Free(out...)
	logits, err := engine.Read[float32](testengine.Open(t), out[0])
	if err != nil {
		t.Fatal(err)
	}
	return logits
}

// A network that is written as an ONNX file and read again computes the same: the two forms of the networks of the list
// are held together by this, and the form in the graph is compared with PyTorch elsewhere.
func TestToONNX(t *testing.T) {
	scaled := fromONNX(t, "tiny.onnx", classifier.ONNX{Mean: []float64{0.1307}, SD: []float64{0.3081}})
	all := []*classifier.Classifier{scaled, fromONNX(t, "tiny.folded.onnx", classifier.ONNX{})}
	for _, a := range classifier.Architectures() {
		if strings.HasSuffix(a.Name, "110") || strings.HasSuffix(a.Name, "50") {
			if !testengine.All() {
				continue
			}
		}
		c := classifier.New(a, 1)
		for i, p := range a.Params { // 0 and 1 would hide mistakes in a batch norm
			r := rand.New(rand.NewPCG(3, uint64(i)))
			for k := range c.Params[i] {
				if p.Role == classifier.Statistic || strings.Contains(p.Name, "bn") {
					c.Params[i][k] = 0.5 + r.Float32()
				}
			}
		}
		all = append(all, c)
	}
	five, err := all[2].Arch.WithClasses(5)
	if err != nil {
		t.Fatal(err)
	}
	all = append(all, classifier.New(five.WithScaling(nil), 1))
	for _, c := range all {
		t.Run(c.Arch.Name, func(t *testing.T) {
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
			got, want := again.Arch, c.Arch
			if got.Input != want.Input || got.Classes != want.Classes || got.MACs != want.MACs {
				t.Errorf("%v, %d classes, %d multiply-adds; want %v, %d, %d",
					got.Input, got.Classes, got.MACs, want.Input, want.Classes, want.MACs)
			}
			// Single precision in another order: LeNet's votes are convolutions here and there.
			if got, want := exampleLogits(t, again), exampleLogits(t, c); !near(got, want, 2e-5) {
				t.Errorf("logits %v, want %v", got, want)
			}
			if _, err := again.ToONNX(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestToONNXOfAnEnsemble(t *testing.T) {
	a := classifier.Architectures()[1]
	both, err := classifier.NewEnsemble([]*classifier.Classifier{classifier.New(a, 1), classifier.New(a, 2)}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := both.ToONNX(); err == nil || !strings.Contains(err.Error(), "cannot be written as an ONNX file") {
		t.Errorf("error %v, want one that says that an ensemble has no file", err)
	}
}
