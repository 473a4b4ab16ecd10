package classifier

import (
	"context"
	"math"
	"testing"

	"smoothlab/engine"
	"smoothlab/internal/testengine"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// The linear network is x·wᵀ + b over the pixels in their order, as torch.nn.Linear after a flatten: summed here in
// float64.
func TestLinear(t *testing.T) {
	const n = 2
	a := lookup(t, "linear")
	c := New(a, 7)
	size := a.Input.Size()
	x := make([]float32, n*size)
	for i := range x {
		x[i] = float32(i%13) / 13
	}
	p, err := testengine.Open(t).Program("test linear", func(_ *engine.Program, in []*Node) []*Node {
		return []*Node{a.Logits(a.Weights(in[:2]), in[2], Forward)}
	})
	if err != nil {
		t.Fatal(err)
	}
	var args []any
	for i, param := range a.Params {
		args = append(args, tensors.FromFlatDataAndDimensions(c.Params[i], param.Dims...))
	}
	out, err := p.Call(context.Background(), append(args, tensors.FromFlatDataAndDimensions(x, n, 28, 28, 1))...)
	if err != nil {
		t.Fatal(err)
	}
	got, err := tensors.CopyFlatData[float32](out[0])
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		for k := range a.Classes {
			want := float64(c.Params[1][k])
			for j := range size {
				want += float64(c.Params[0][k*size+j]) * float64(x[i*size+j])
			}
			if d := math.Abs(
				float64(got[i*a.Classes+k]) - want,
			); !(d < 1e-5) { // float32 sums of 784 terms of size 0.02
				t.Errorf("logit %d of image %d is off by %g", k, i, d)
			}
		}
	}
}
