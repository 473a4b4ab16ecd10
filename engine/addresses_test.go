package engine_test

import (
	"testing"

	"smoothlab/engine"
	"smoothlab/internal/testengine"

	. "github.com/gomlx/gomlx/core/graph"
)

// The result is computed from the given values, not from earlier values at the same address.
func TestKeepAddresses(t *testing.T) {
	e := testengine.Open(t)
	const inner, columns = 500, 800
	p, err := e.Program(unique(t, e), func(_ *engine.Program, in []*Node) []*Node {
		return []*Node{Dot(in[0], in[1]).Product()}
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.KeepAddresses(true); err != nil {
		t.Fatal(err)
	}
	defer e.KeepAddresses(false)
	x, w := make([][]float32, 256), make([][]float32, inner)
	for i := range x {
		x[i] = make([]float32, inner)
		for k := range x[i] {
			x[i][k] = 1
		}
	}
	for round := range 3 {
		for i := range w {
			w[i] = make([]float32, columns)
			for k := range w[i] {
				w[i][k] = float32(round + k)
			}
		}
		for i, got := range call(t, p, x, w) {
			if want := float32(inner * (round + i%columns)); got != want {
				t.Fatalf("call %d: element %d is %g, want %g", round+1, i, got, want)
			}
		}
	}
}
