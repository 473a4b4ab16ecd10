package baseline

import (
	"math"
	"slices"
	"strings"
	"testing"

	"smoothlab/engine"
	"smoothlab/internal/steptest"
	"smoothlab/internal/testengine"
	"smoothlab/method"
	"smoothlab/noise/draw"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"gonum.org/v1/gonum/stat/distuv"
)

// Every intermediate result of the authors' step, then its loss and gradients. Directories may have other cases, of
// other seeds and sizes; all of them are compared.
func TestGoldenCATRS(t *testing.T) {
	steptest.WithEach(t, "catrs*", func(g *steptest.Golden) {
		m := &CATRS{Sigma: g.Number("sigma"), M: int(g.Number("m")), Steps: int(g.Number("steps")), Eps: g.Number("eps"),
			Lbd: g.Number("lbd"), Confidence: int(g.Number("confidence_mask"))}
		if err := method.Check(m); err != nil {
			g.Fatal(err)
		}
		out := g.Run(func(params, in []*Node) []*Node {
			step := func() *method.Step { return g.TargetStep(m, params, in[0], in[1], in[2], in[3], in[4]) }
			st, again := step(), step()
			loss, _, grads := st.LossAndGradients(params)
			s := st.Selection()
			again.Logits(again.X)
			attacked := steptest.Back(again.Search(again.Noise))
			return append([]*Node{s.Share, s.Confidence, s.Accepted, s.Mask, attacked, s.Low, s.High, loss}, grads...)
		}, "x", "y", "noise", "targets", "uniforms")
		accepted := tensors.MustCopyFlatData[int64](g.Array("accept"))
		for i, k := range out[2] {
			if int64(k) != accepted[i] {
				g.Errorf("%g copies of image %d are accepted, want %d", k, i, accepted[i])
			}
		}
		g.Near("share", out[0], g.Values("share"), 0)
		g.Near("confidence", out[1], g.Values("confidence"), 0)
		g.Near("mask", out[3], g.Values("mask"), 0)
		g.Near("attacked noise", out[4], g.Values("attacked"), steptest.TolPath)
		g.Near("low", out[5], g.Values("low"), steptest.TolForward)
		g.Near("high", out[6], g.Values("high"), steptest.TolMixed)
		g.Near("loss", out[7], g.Values("loss"), steptest.TolMixed)
		g.Gradients(out[8:])
	})
}

// After the attack, a noise sample has its mean to float precision, a distance of at most 1.05·eps, and its root mean
// square within 1%.
func TestAttackedNoise(t *testing.T) {
	m := &CATRS{Sigma: 0.5, M: 2, Steps: 4, Eps: 1, Lbd: 1}
	out := steptest.NewLab(t, m, 0.5).Run(m, func(st *method.Step, _ []*Node) []*Node {
		n := st.Search(st.Noise)
		var all []*Node
		for _, x := range []*Node{st.Noise, n} {
			all = append(all, eachCopy(x, ReduceMean), Sqrt(eachCopy(Square(x), ReduceMean)))
		}
		divergence := func(n *Node) *Node { return method.Divergence(st.Target, st.AttackLogitsUnder(n)) }
		return append(all, copyNorms(Sub(n, st.Noise)), divergence(st.Noise), divergence(n))
	})
	mean0, rms0, mean, rms, moved, before, after := out[0], out[1], out[2], out[3], out[4], out[5], out[6]
	if len(mean) != 2*12 {
		t.Fatalf("%d noise samples", len(mean))
	}
	for i := range mean {
		if d := math.Abs(float64(mean[i] - mean0[i])); d > 1e-7 {
			t.Errorf("sample %d: the mean is off by %g", i, d)
		}
		if moved[i] > 1.05 || moved[i] < 0.9 {
			t.Errorf("sample %d moved by %g", i, moved[i])
		}
		if r := rms[i] / rms0[i]; math.Abs(float64(r)-1) > 0.01 {
			t.Errorf("sample %d: the root mean square is %g of the drawn one's", i, r)
		}
		if !(after[i] > before[i]) {
			t.Errorf("sample %d: the divergence goes from %g to %g", i, before[i], after[i])
		}
	}
}

// The number of accepted copies is binomial in the confidence, except that 0 counts as 1: a million images under the
// draws of training, against the exact probabilities, within five standard errors.
func TestLawOfAcceptedCopies(t *testing.T) {
	const images, m = 1_000_000, 4
	shares := []float64{0, 0.25, 0.5, 0.75, 1}
	p, err := testengine.Open(t).Program(steptest.Unique(t.Name()), func(_ *engine.Program, in []*Node) []*Node {
		g := in[0].Graph()
		uniform := method.DrawUniform(in[0], in[1], Iota(g, shapes.Make(dtypes.Int32, images), 0))
		draws := make([]*Node, m)
		for j := range draws {
			draws[j] = uniform(string(rune('a' + j)))
		}
		var counts []*Node
		for _, q := range shares {
			k := acceptedCopies(Stack(draws, 0), MulScalar(Ones(g, shapes.Make(dtypes.Float32, images)), q))
			for n := range m + 1 {
				is := Equal(k, MulScalar(OnesLike(k), n))
				counts = append(counts, ReduceAllSum(ConvertDType(is, dtypes.Int32)))
			}
		}
		return []*Node{Stack(counts, 0)}
	})
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.Call(t.Context(), draw.Key(3), uint32(17))
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Free(out...)
	counts := tensors.MustCopyFlatData[int32](out[0])
	for i, q := range shares {
		law := distuv.Binomial{N: m, P: q}
		for n := range m + 1 {
			want := probability(law, n)
			switch n {
			case 0:
				want = 0
			case 1:
				want += probability(law, 0)
			}
			got, tol := float64(counts[i*(m+1)+n])/images, 5*math.Sqrt(want*(1-want)/images)
			if math.Abs(got-want) > tol {
				t.Errorf("confidence %g: %d copies with probability %g, want %g ± %g", q, n, got, want, tol)
			}
		}
	}
}

// probability returns the probability of n under a binomial law, also for shares of 0 and 1.
func probability(law distuv.Binomial, n int) float64 {
	switch {
	case law.P == 0 && n == 0, law.P == 1 && n == int(law.N):
		return 1
	case law.P == 0, law.P == 1:
		return 0
	}
	return law.Prob(float64(n))
}

// The accepted losses are the smallest, equal ones in their order, and the sum is divided by m.
func TestLowLoss(t *testing.T) {
	p, err := testengine.Open(t).Program(steptest.Unique(t.Name()), func(_ *engine.Program, in []*Node) []*Node {
		low := lowLoss(in[0], in[1])
		return []*Node{low, Gradient(ReduceAllSum(low), in[0])[0]}
	})
	if err != nil {
		t.Fatal(err)
	}
	losses := tensors.FromFlatDataAndDimensions([]float32{3, 5, 2, 1, 5, 2, 2, 1, 2, 8, 5, 7}, 4, 3)
	out, err := p.Call(t.Context(), losses, []float32{2, 1, 4})
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Free(out...)
	if got := tensors.MustCopyFlatData[float32](out[0]); !slices.Equal(got, []float32{3. / 4, 1. / 4, 13. / 4}) {
		t.Errorf("low losses %v", got)
	}
	want := []float32{0, 0, 1, 1, 0, 1, 1, 1, 1, 0, 0, 1}
	for i, d := range tensors.MustCopyFlatData[float32](out[1]) {
		if d != want[i]/4 {
			t.Errorf("derivative %d is %g, want %g", i, d, want[i]/4)
		}
	}
}

func TestCATRSSettings(t *testing.T) {
	for _, c := range []struct {
		name  string
		value float64
		want  string
	}{
		{"confidence", 2, "catrs: confidence must be 0 or 1"},
		{"m", 256, "catrs: m must be at most 255"},
		{"eps", 0, "catrs: eps must be greater than 0"},
		{"steps", 0, "catrs: steps must be at least 1"},
	} {
		if _, err := method.With(NewCATRS(), c.name, c.value); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s = %g: %v", c.name, c.value, err)
		}
	}
}
