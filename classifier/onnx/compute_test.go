package onnx

import (
	"testing"

	"smoothlab/engine"
	"smoothlab/internal/testengine"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// computed returns the values that a graph, compiled under that name, computes from args.
func computed(
	t *testing.T,
	name string,
	args []any,
	build func(in []*graph.Node) []*graph.Node,
) (all [][]float32) {
	t.Helper()
	program, err := testengine.Open(t).Program(name, func(_ *engine.Program, in []*graph.Node) []*graph.Node {
		return build(in)
	})
	if err != nil {
		t.Fatal(err)
	}
	out, err := program.Call(t.Context(), args...)
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Free(out...)
	for _, y := range out {
		v, err := tensors.CopyFlatData[float32](y)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, v)
	}
	return all
}
