package classifier

import (
	"fmt"
	"testing"

	"smoothlab/engine"
	"smoothlab/internal/testengine"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// The faster form of an attack computes what the plain form does: the same logits, and gradients with respect to points
// and parameters that differ only by the order of sums.
func TestAttackIsLogits(t *testing.T) {
	tried := 0
	for _, a := range Architectures() {
		if a.Attack == nil {
			continue
		}
		tried++
		t.Run(a.Name, func(t *testing.T) {
			const m, n = 3, 2
			long, short := attacked(t, a, m, n, false), attacked(t, a, m, n, true)
			for k := range long {
				worst, largest := furthest(short[k], long[k])
				if !(worst <= 2e-6*largest) || largest == 0 || k == 0 && worst > 0 {
					t.Errorf("output %d: largest difference %g of values up to %g", k, worst, largest)
				}
			}
		})
	}
	if tried == 0 {
		t.Error("no network has a short way: delete Architecture.Attack")
	}
}

// attacked returns the logits at m noisy copies of n points, and the gradients of the sum of their squares with respect
// to the points and the parameters.
func attacked(t *testing.T, a *Architecture, m, n int, short bool) [][]float32 {
	t.Helper()
	p, err := testengine.Open(t).
		Program(fmt.Sprintf("%s %v", t.Name(), short), func(_ *engine.Program, in []*Node) []*Node {
			w, z, noise := a.Weights(in[:len(a.Params)]), in[len(a.Params)], in[len(a.Params)+1]
			x := Reshape(Add(InsertAxes(z, 0), noise), m*n, a.Input.Height, a.Input.Width, a.Input.Channels)
			logits := a.Logits(w, x, Attack)
			if short {
				logits = a.AttackLogits(w, x, z)
			}
			return append(
				[]*Node{logits},
				Gradient(ReduceAllSum(Square(logits)), append([]*Node{z}, in[:len(a.Params)]...)...)...)
		})
	if err != nil {
		t.Fatal(err)
	}
	args := arguments(t, n)
	noise := arguments(t, m*n)[len(args)-1].(*tensors.Tensor)
	if err := noise.Shape().CheckDims(m*n, a.Input.Height, a.Input.Width, a.Input.Channels); err != nil {
		t.Fatal(err)
	}
	flat := tensors.MustCopyFlatData[float32](noise)
	out, err := p.Call(
		t.Context(),
		append(args, tensors.FromFlatDataAndDimensions(flat, m, n, a.Input.Height, a.Input.Width, a.Input.Channels))...)
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Free(out...)
	var values [][]float32
	for _, o := range out {
		values = append(values, tensors.MustCopyFlatData[float32](o))
	}
	return values
}
