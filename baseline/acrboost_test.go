package baseline

import (
	"fmt"
	"math"
	"path/filepath"
	"testing"

	"smoothlab/internal/steptest"
	"smoothlab/method"

	. "github.com/gomlx/gomlx/core/graph"
)

// The table of the lower bounds' quantiles, to four digits: docs/algorithms.md §16.
func TestACRBoostWeights(t *testing.T) {
	a := NewACRBoost()
	weights := map[int]float64{0: .1537, 11: .1537, 12: .1537, 13: .3286, 14: .5257, 15: .7649, 16: 1.1075}
	for right, want := range weights {
		if got := a.Weight(right, 16); !(math.Abs(got-want) <= 5e-5) {
			t.Errorf("%d of 16 copies right: weight %.5f, want %.4f", right, got, want)
		}
	}
}

// The epochs in which images are dropped, weighed and attacked: E0, then every Renew epochs, also if a scaled recipe
// has fractional numbers of epochs.
func TestACRBoostPhases(t *testing.T) {
	a := &ACRBoost{Sigma: 0.25, M: 4, Steps: 3, Alpha: 0.25, Start: 60, Threshold: 0.5, Renew: 10}
	scaled := method.Stretched(a, 15./150).(*ACRBoost)
	uneven := method.Stretched(a, 20./150).(*ACRBoost) // E0 = 8, anew every 1⅓ epochs
	for _, c := range []struct {
		m      *ACRBoost
		epochs int
		first  int
		renews []int
	}{
		{a, 150, 60, []int{60, 70, 80, 90, 100, 110, 120, 130, 140}},
		{scaled, 15, 6, []int{6, 7, 8, 9, 10, 11, 12, 13, 14}},
		{uneven, 20, 8, []int{8, 10, 11, 12, 14, 15, 16, 18, 19}},
	} {
		var renews []int
		for e := range c.epochs {
			s := c.m.Sampling(e)
			if s.Draw != (e >= c.first) || method.Searches(method.InEpoch(c.m, e)) != (e >= c.first) {
				t.Errorf("%s: epoch %d: %+v", method.Describe(c.m), e, s)
			}
			if s.Renew {
				renews = append(renews, e)
			}
		}
		if fmt.Sprint(renews) != fmt.Sprint(c.renews) {
			t.Errorf("%s: weights anew in %v, want %v", method.Describe(c.m), renews, c.renews)
		}
	}
	a.Renew = 0
	if s := a.Sampling(70); s.Weigh != 0 || s.Renew || !s.Draw {
		t.Errorf("without weights: %+v", s)
	}
}

// The attack after every number of steps, the loss and its gradients agree with a second implementation in float64
// (testdata/acrboost/make.py), for copies that are wrong at once, after one step, after two, and never. Noise keeps its
// norm.
func TestACRBoostStep(t *testing.T) {
	weights := filepath.Join("..", "smoothmix", "testdata", "golden", "lenet_weights.npz")
	steptest.WithFile(t, weights, filepath.Join("testdata", "acrboost", "acrboost.npz"), func(g *steptest.Golden) {
		m := &ACRBoost{Sigma: g.Number("sigma"), M: int(g.Number("m")), Steps: int(g.Number("steps")),
			Alpha: g.Number("alpha"), Start: 1, Threshold: 0.5}
		out := g.Run(func(params, in []*Node) []*Node {
			st := g.Step(m, params, in[0], in[1], in[2], nil, 1)
			loss, _, grads := st.LossAndGradients(params)
			results, norms := append([]*Node{loss}, grads...), []*Node(nil)
			for _, n := range st.Path(st.Noise)[1:] {
				results = append(results, steptest.Back(n))
				norms = append(norms, Div(copyNorms(n), copyNorms(st.Noise)))
			}
			return append(results, norms...)
		}, "x", "y", "noise")
		p := len(g.Arch.Params)
		g.Near("loss", out[0], g.Values("loss"), steptest.TolMixed)
		g.Gradients(out[1 : 1+p])
		for k := range m.Steps {
			g.Near(fmt.Sprintf("noise after step %d", k+1), out[1+p+k], g.Values(fmt.Sprintf("noise_%d", k+1)), steptest.TolPath)
			for _, ratio := range out[1+p+m.Steps+k] {
				if !(math.Abs(float64(ratio)-1) <= 1e-6) {
					t.Errorf("step %d changes a norm by a factor of %g", k+1, ratio)
				}
			}
		}
	})
}
