package classifier_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"smoothlab/classifier"
	"smoothlab/internal/classifiertest"
	"smoothlab/internal/testengine"
)

// exampleLogits returns a network's logits for two images of random pixels.
func exampleLogits(t *testing.T, c *classifier.Classifier) []float32 {
	t.Helper()
	in, r := c.Arch.Input, rand.New(rand.NewPCG(1, 2))
	pixels := make([]float32, 2*in.Size())
	for i := range pixels {
		pixels[i] = r.Float32()
	}
	return classifiertest.Compute(
		t, c, "two logits", classifiertest.Forward(c.Arch), pixels, 2, in.Height, in.Width, in.Channels,
	)
}

// A network that is written as an ONNX file and read again computes the same logits. So the two forms of the built-in
// networks agree; other tests compare the form in the graph with PyTorch.
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
			again := classifiertest.Rewritten(t, c)
			got, want := again.Arch, c.Arch
			if got.Input != want.Input || got.Classes != want.Classes || got.MACs != want.MACs {
				t.Errorf("%v, %d classes, %d multiply-adds; want %v, %d, %d",
					got.Input, got.Classes, got.MACs, want.Input, want.Classes, want.MACs)
			}
			// Single precision in another order of operations: LeNet's votes are computed by convolutions on both
			// sides.
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
