package smoothmix

import (
	"math"
	"smoothlab/engine"
	"smoothlab/internal/stepgraph"
	"smoothlab/internal/steptest"
	"smoothlab/internal/testengine"
	"smoothlab/method"
	"strings"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

func TestSmoothMixCheck(t *testing.T) {
	m := New()
	m.MixStep = 4
	if err := m.Check(); err == nil || !strings.Contains(err.Error(), "mix_step must be smaller than steps (4)") {
		t.Error(err)
	}
	m.Sigma, m.MixStep = 0, 0
	if err := m.Check(); err == nil || err.Error() != "smoothmix: sigma must be greater than 0, got 0" {
		t.Error(err)
	}
}

// The search moves at every step, raises the smoothed loss, and stays in the box and, with maxnorm, in the ball.
func TestSearch(t *testing.T) {
	for _, maxnorm := range []float64{0, 1.2} {
		m := &SmoothMix{Sigma: 0.5, M: 2, Steps: 4, Alpha: 0.8, Eta: 1, MaxNorm: maxnorm}
		out := steptest.NewLab(t, m, 0.5).Run(m, func(st *method.Step, _ []*Node) []*Node {
			path := st.Path(st.X)
			var losses, moves, away []*Node
			for i, z := range path {
				losses = append(losses, ReduceAllMean(LossAt(st, z)))
				away = append(away, ReduceAllMax(method.Norms(Sub(z, st.X))))
				if i > 0 {
					moves = append(moves, Neg(ReduceAllMax(Neg(method.Norms(Sub(z, path[i-1]))))))
				}
			}
			all := Stack(path, 0)
			return []*Node{
				Stack(losses, 0),
				Stack(moves, 0),
				Stack(away, 0),
				Stack([]*Node{Neg(ReduceAllMax(Neg(all))), ReduceAllMax(all)}, 0),
			}
		})
		losses, moves, away, box := out[0], out[1], out[2], out[3]
		for i := 1; i < len(losses); i++ {
			if !(losses[i] > losses[i-1]) {
				t.Errorf("maxnorm %g: smoothed loss %v does not rise at step %d", maxnorm, losses, i)
			}
			if limit := 0.8 * float64(i); float64(away[i]) > limit+1e-5 {
				t.Errorf("after %d steps an image is %g away, the reach is %g", i, away[i], limit)
			}
		}
		if maxnorm > 0 && float64(away[4]) > maxnorm+1e-5 {
			t.Errorf("an image is %g away, maxnorm is %g", away[4], maxnorm)
		}
		// Without Detach's Identity the second and later steps do not move.
		for i, v := range moves {
			if maxnorm == 0 && v < 0.1 {
				t.Errorf("step %d moves some image by only %g", i+1, v)
			}
		}
		if box[0] < 0 || box[1] > 1 {
			t.Errorf("the path leaves [0,1]: %v", box)
		}
	}
}

// A saturated prediction gives finite losses, and no gradient below the floor.
func TestSmoothedLossSaturates(t *testing.T) {
	p, err := testengine.Open(t).Program(steptest.Unique(t.Name()), func(_ *engine.Program, in []*Node) []*Node {
		l := SmoothedLoss(method.Smoothed(in[0], 1), in[1])
		return []*Node{l, Gradient(ReduceAllSum(l), in[0])[0]}
	})
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.Call(t.Context(), [][]float32{{0, 200}, {200, 0}, {0, 0}}, []int32{0, 0, 0})
	if err != nil {
		t.Fatal(err)
	}
	want := []float64{-math.Log(1e-20), 0, math.Ln2}
	for i, v := range tensors.MustCopyFlatData[float32](out[0]) {
		if d := math.Abs(float64(v) - want[i]); !(d < 1e-5) {
			t.Errorf("loss %d = %g, want %g", i, v, want[i])
		}
	}
	g := tensors.MustCopyFlatData[float32](out[1])
	for i, want := range []float64{0, 0, 0, 0, -0.5, 0.5} { // softmax − one-hot; nothing where p < 1e-20
		if d := math.Abs(float64(g[i]) - want); !(d < 1e-6) {
			t.Errorf("gradient %d = %g, want %g", i, g[i], want)
		}
	}
}

// Searching by hand, one compiled step called again and again, ends where the search inside the trained step ends.
func TestSearchByHand(t *testing.T) {
	m := &SmoothMix{Sigma: 0.5, M: 2, Steps: 3, Alpha: 0.8, Eta: 1}
	l := steptest.NewLab(t, m, 0.5)
	whole := l.Run(m, func(st *method.Step, _ []*Node) []*Node { return []*Node{st.Search(st.X)} })[0]
	n := len(l.Arch.Params)
	p, err := testengine.Open(t).Program(steptest.Unique(t.Name()), func(_ *engine.Program, in []*Node) []*Node {
		scalars := map[string]*Node{"alpha": in[n+4]}
		st := method.NewStep(
			m,
			method.Inputs{
				Arch:    l.Arch,
				Params:  in[:n],
				X:       stepgraph.ToUnit(in[n]),
				Y:       in[n+1],
				Noise:   in[n+2],
				Scalars: scalars,
			},
		)
		return []*Node{SearchStep(st, in[n+3])}
	})
	if err != nil {
		t.Fatal(err)
	}
	start := make([]float32, 0, l.B*784)
	for _, v := range tensors.MustCopyFlatData[uint8](l.Args[n].(*tensors.Tensor)) {
		start = append(start, float32(v)/255)
	}
	z := tensors.FromFlatDataAndDimensions(start, l.B, 28, 28, 1)
	for range m.Steps {
		out, err := p.Call(t.Context(), append(append([]any{}, l.Args...), z, float32(m.Alpha))...)
		if err != nil {
			t.Fatal(err)
		}
		z = out[0]
	}
	worst := 0.
	for i, v := range tensors.MustCopyFlatData[float32](z) {
		worst = max(worst, math.Abs(float64(v-whole[i])))
	}
	if !(worst <= steptest.TolPath) {
		t.Errorf("the points differ by up to %g", worst)
	}
}
