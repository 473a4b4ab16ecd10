package stepgraph_test

import (
	"smoothlab/baseline"
	"smoothlab/internal/stepgraph"
	"smoothlab/internal/steptest"
	"testing"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// Two optimizer steps on the Gaussian loss, with momentum and weight decay.
func TestGoldenSGDTwoSteps(t *testing.T) {
	steptest.With(t, "sgd_two_steps", func(g *steptest.Golden) {
		m := &baseline.Gaussian{Sigma: 1} // the file's noise is already scaled
		out := g.Run(func(params, in []*Node) []*Node {
			constant := func(name string) *Node { return ConstAsDType(in[0].Graph(), dtypes.Float32, g.Number(name)) }
			w, v := params, make([]*Node, len(params))
			for i := range v {
				v[i] = ZerosLike(params[i])
			}
			for k := range in[2].Shape().Dimensions[0] {
				st := g.Step(m, w, in[0], in[1], Slice(in[2], AxisRange(k, k+1)), nil, 1)
				_, _, grads := st.LossAndGradients(w)
				next := make([]*Node, len(w))
				for i := range w {
					next[i], v[i] = stepgraph.SGD(
						w[i],
						v[i],
						grads[i],
						constant("lr"),
						constant("momentum"),
						constant("weight_decay"),
					)
				}
				w = next
			}
			return w
		}, "x", "y", "noise")
		for i, p := range g.Arch.Params {
			before, after := tensors.MustCopyFlatData[float32](g.Params[i].(*tensors.Tensor)), g.Values("after."+p.Name)
			g.Relative(
				"what two steps changed in "+p.Name,
				steptest.Minus(out[i], before),
				steptest.Minus(after, before),
			)
		}
	})
}
