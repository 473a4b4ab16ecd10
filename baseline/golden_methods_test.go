package baseline

import (
	"math"
	"smoothlab/internal/steptest"
	"smoothlab/method"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
)

// one runs a method on a case's noise and returns loss, terms and what extra builds; the gradients are compared.
func one(
	g *steptest.Golden,
	m method.Method,
	extra func(st *method.Step) []*Node,
) (loss float32, terms []float32, rest [][]float32) {
	g.Helper()
	n := 0
	out := g.Run(func(params, in []*Node) []*Node {
		st := g.Step(m, params, in[0], in[1], in[2], nil, 1)
		loss, terms, grads := st.LossAndGradients(params)
		n = len(terms)
		var more []*Node
		if extra != nil {
			more = extra(st)
		}
		return append(append(append([]*Node{loss}, terms.Values()...), grads...), more...)
	}, "x", "y", "noise")
	p := len(g.Arch.Params)
	g.Gradients(out[1+n : 1+n+p])
	for _, t := range out[1 : 1+n] {
		terms = append(terms, t[0])
	}
	return out[0][0], terms, out[1+n+p:]
}

func scalar(g *steptest.Golden, what string, got, want float32, tol float64) {
	g.Helper()
	g.Near(what, []float32{got}, []float32{want}, tol)
}

func TestGoldenStability(t *testing.T) {
	steptest.With(t, "stability", func(g *steptest.Golden) {
		loss, terms, _ := one(g, &Stability{Sigma: g.Number("sigma"), Lbd: g.Number("lbd")}, nil)
		scalar(g, "loss", loss, g.Values("loss")[0], steptest.TolForward)
		scalar(g, "cross-entropy", terms[0], g.Values("xent")[0], steptest.TolForward)
		scalar(g, "stability", terms[1], g.Values("stability")[0], steptest.TolForward)
	})
}

func TestGoldenConsistency(t *testing.T) {
	steptest.With(t, "consistency", func(g *steptest.Golden) {
		m := &Consistency{Sigma: g.Number("sigma"), M: int(g.Number("m")), Lbd: g.Number("lbd"), Eta: g.Number("eta")}
		loss, terms, _ := one(g, m, nil)
		consistency(g, m, loss, terms)
	})
}

// consistency compares the terms; the file's consistency is weighted.
func consistency(g *steptest.Golden, m *Consistency, loss float32, terms []float32) {
	g.Helper()
	scalar(g, "loss", loss, g.Values("loss")[0], steptest.TolMixed)
	scalar(g, "cross-entropy", terms[0], g.Values("xent")[0], steptest.TolMixed)
	weighted := m.Lbd*float64(terms[1]) + m.Eta*float64(terms[2])
	scalar(g, "consistency", float32(weighted), g.Values("consistency")[0], steptest.TolMixed)
}

func TestGoldenSmoothAdv(t *testing.T) {
	steptest.With(t, "smoothadv", func(g *steptest.Golden) {
		m := &SmoothAdv{
			Sigma: g.Number("sigma"),
			M:     int(g.Number("m")),
			PGD:   PGD{Steps: int(g.Number("steps")), Eps: g.Number("epsilon")},
		}
		loss, _, rest := one(g, m, func(st *method.Step) []*Node { return []*Node{steptest.Back(st.Search(st.X))} })
		g.Near("adversarial images", rest[0], g.Values("adv"), steptest.TolPath)
		scalar(g, "loss", loss, g.Values("loss")[0], steptest.TolMixed)
	})
}

func TestGoldenSmoothAdvConsistency(t *testing.T) {
	steptest.With(t, "smoothadv_consistency", func(g *steptest.Golden) {
		m := &SmoothAdvConsistency{Consistency{g.Number("sigma"), int(g.Number("m")), g.Number("lbd"), g.Number("eta")},
			PGD{Steps: int(g.Number("steps")), Eps: g.Number("epsilon")}}
		loss, terms, _ := one(g, m, nil)
		consistency(g, &m.Consistency, loss, terms)
	})
}

func TestGoldenMACER(t *testing.T) {
	steptest.With(t, "macer", func(g *steptest.Golden) {
		m := &MACER{
			Sigma:  g.Number("sigma"),
			M:      int(g.Number("m")),
			Lbd:    g.Number("lbd"),
			Beta:   g.Number("beta"),
			Margin: g.Number("margin"),
			Defer:  -1,
		}
		loss, terms, rest := one(g, m, func(st *method.Step) []*Node {
			c, r, n := macerSums(st)
			return []*Node{c, r, n}
		})
		b := float64(g.Array("y").Shape().Size())
		scalar(g, "classification", rest[0][0], g.Values("classification_sum")[0], steptest.TolForward)
		scalar(g, "robustness", rest[1][0], g.Values("robustness_sum")[0], steptest.TolForward)
		scalar(g, "images in the hinge", rest[2][0], float32(g.Integer("in_margin")), 0)
		scalar(g, "loss", loss, g.Values("loss")[0], steptest.TolMixed) // the radius is weighted by 16
		if d := math.Abs(float64(terms[0])*b - float64(rest[0][0])); d > 1e-3 {
			t.Errorf("the term and the sum differ by %g", d)
		}
	})
}

func TestGoldenGaussian(t *testing.T) {
	steptest.With(t, "gaussian", func(g *steptest.Golden) {
		m := &Gaussian{Sigma: g.Number("sigma")}
		out := g.Run(func(params, in []*Node) []*Node {
			st := g.Step(m, params, in[0], in[1], in[2], nil, 1)
			loss, _, grads := st.LossAndGradients(params)
			return append([]*Node{loss}, grads...)
		}, "x", "y", "noise")
		g.Near("loss", out[0], g.Values("loss"), steptest.TolForward)
		g.Gradients(out[1:])
	})
}
