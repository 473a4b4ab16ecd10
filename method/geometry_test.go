package method_test

import (
	"math"
	"smoothlab/engine"
	"smoothlab/internal/steptest"
	"smoothlab/internal/testengine"
	"smoothlab/method"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// Project against its definition, inside, outside, at the centre and with radius 0.
func TestProject(t *testing.T) {
	p, err := testengine.Open(t).Program(steptest.Unique(t.Name()), func(_ *engine.Program, in []*Node) []*Node {
		return []*Node{method.Project(in[0], in[1], in[2])}
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		radius float32
		want   [][]float32
	}{
		{5, [][]float32{{3, 4}, {1, 1}, {3, 4}}},
		{1, [][]float32{{0.6, 0.8}, {1, 1}, {1.8, 2.4}}}, // the third starts from (1.2, 1.6)
		{0, [][]float32{{0, 0}, {1, 1}, {1.2, 1.6}}},
	} {
		out, err := p.Call(
			t.Context(),
			[][]float32{{3, 4}, {1, 1}, {3, 4}},
			[][]float32{{0, 0}, {1, 1}, {1.2, 1.6}},
			c.radius,
		)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range tensors.MustCopyFlatData[float32](out[0]) {
			if d := math.Abs(float64(v - c.want[i/2][i%2])); d > 1e-6 { // the 1e-7 of renorm
				t.Errorf("radius %g: value %d is %g, want %g", c.radius, i, v, c.want[i/2][i%2])
			}
		}
	}
}
