// Package classifiertest computes with classifiers in tests, and passes them through files.
package classifiertest

import (
	"os"
	"path/filepath"
	"testing"

	"smoothlab/classifier"
	"smoothlab/classifier/weights"
	"smoothlab/engine"
	"smoothlab/internal/testengine"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// Forward computes the logits of images [N, H, W, C]; pass it to [Compute].
func Forward(a *classifier.Architecture) func(w classifier.Weights, x *graph.Node) *graph.Node {
	return func(w classifier.Weights, x *graph.Node) *graph.Node { return a.Logits(w, x, classifier.Forward) }
}

// Compute runs a graph on the classifier's weights and x, an array with the dimensions dims. name is the name of the
// graph: it is compiled once per name and network.
func Compute(
	t testing.TB,
	c *classifier.Classifier,
	name string,
	build func(w classifier.Weights, x *graph.Node) *graph.Node,
	x []float32,
	dims ...int,
) []float32 {
	t.Helper()
	a, e := c.Arch, testengine.Open(t)
	program, err := e.Program(name+" "+a.Name, func(_ *engine.Program, in []*graph.Node) []*graph.Node {
		n := len(a.Params)
		return []*graph.Node{build(a.Weights(in[:n]), in[n])}
	})
	if err != nil {
		t.Fatal(err)
	}
	var args []any
	for i, p := range a.Params {
		args = append(args, tensors.FromFlatDataAndDimensions(c.Params[i], p.Dims...))
	}
	out, err := program.Call(t.Context(), append(args, tensors.FromFlatDataAndDimensions(x, dims...))...)
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Free(out...)
	y, err := engine.Read[float32](e, out[0])
	if err != nil {
		t.Fatal(err)
	}
	return y
}

// Rewritten returns the classifier that is read from the ONNX file that c is written to.
func Rewritten(t testing.TB, c *classifier.Classifier) *classifier.Classifier {
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

// Values returns the numbers of a tensor in a file of weights.
func Values(t testing.TB, path, name string) []float32 {
	t.Helper()
	f, err := weights.Read(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range f.Sets {
		if x, ok := s.Tensors[name]; ok {
			return x.Values
		}
	}
	t.Fatalf("%s has no %s", path, name)
	return nil
}
