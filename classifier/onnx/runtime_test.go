package onnx

import (
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// Operations with rare attributes, and on more elements than a vector register holds, have the values that ONNX Runtime
// computes (testdata/runtime.py), to 2e-5 of the largest, the tolerance for PyTorch's values.
func TestOperationsHaveRuntimesValues(t *testing.T) {
	cases := casesIn(t, "runtime.safetensors")
	var args []any
	for _, o := range cases {
		args = append(args, tensors.FromFlatDataAndDimensions(o.values["x"], o.dims["x"]...))
	}
	out := computed(t, "runtime", args, func(in []*graph.Node) (out []*graph.Node) {
		for i, o := range cases {
			p, _ := o.planned(t, o.dims["x"][0], true)
			b := &builder{images: in[i], nodes: map[*value]*graph.Node{}, moved: map[string]*graph.Node{}}
			out = append(out, b.node(p.output))
		}
		return out
	})
	for i, o := range cases {
		t.Run(o.name, func(t *testing.T) { o.compare(t, map[string][]float32{o.name + "/y": out[i]}) })
	}
}
