package baseline

import (
	"math"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
)

// one runs a method on a case's noise and returns loss, terms and what extra builds; the gradients are compared.
func (g *golden) one(m Method, extra func(st *Step) []*Node) (loss float32, terms []float32, rest [][]float32) {
	g.Helper()
	n := 0
	out := g.run(func(params, in []*Node) []*Node {
		st := g.step(m, params, in[0], in[1], in[2], nil, 1)
		loss, terms, grads := lossAndGradients(st, m, params)
		n = len(terms)
		var more []*Node
		if extra != nil {
			more = extra(st)
		}
		return append(append(append([]*Node{loss}, values(terms)...), grads...), more...)
	}, "x", "y", "noise")
	p := len(g.arch.Params)
	g.gradients(out[1+n : 1+n+p])
	for _, t := range out[1 : 1+n] {
		terms = append(terms, t[0])
	}
	return out[0][0], terms, out[1+n+p:]
}

func (g *golden) scalar(what string, got, want float32, tol float64) {
	g.Helper()
	g.near(what, []float32{got}, []float32{want}, tol)
}

func TestGoldenStability(t *testing.T) {
	withGolden(t, "stability", func(g *golden) {
		loss, terms, _ := g.one(&Stability{Sigma: g.number("sigma"), Lbd: g.number("lbd")}, nil)
		g.scalar("loss", loss, g.values("loss")[0], tolForward)
		g.scalar("cross-entropy", terms[0], g.values("xent")[0], tolForward)
		g.scalar("stability", terms[1], g.values("stability")[0], tolForward)
	})
}

func TestGoldenConsistency(t *testing.T) {
	withGolden(t, "consistency", func(g *golden) {
		m := &Consistency{Sigma: g.number("sigma"), M: int(g.number("m")), Lbd: g.number("lbd"), Eta: g.number("eta")}
		loss, terms, _ := g.one(m, nil)
		g.consistency(m, loss, terms)
	})
}

// consistency compares the terms; the file's consistency is weighted.
func (g *golden) consistency(m *Consistency, loss float32, terms []float32) {
	g.Helper()
	g.scalar("loss", loss, g.values("loss")[0], tolMixed)
	g.scalar("cross-entropy", terms[0], g.values("xent")[0], tolMixed)
	weighted := m.Lbd*float64(terms[1]) + m.Eta*float64(terms[2])
	g.scalar("consistency", float32(weighted), g.values("consistency")[0], tolMixed)
}

func TestGoldenSmoothAdv(t *testing.T) {
	withGolden(t, "smoothadv", func(g *golden) {
		m := &SmoothAdv{Sigma: g.number("sigma"), M: int(g.number("m")), PGD: PGD{Steps: int(g.number("steps")), Eps: g.number("epsilon")}}
		loss, _, rest := g.one(m, func(st *Step) []*Node { return []*Node{back(st.Search(st.X))} })
		g.near("adversarial images", rest[0], g.values("adv"), tolPath)
		g.scalar("loss", loss, g.values("loss")[0], tolMixed)
	})
}

func TestGoldenSmoothAdvConsistency(t *testing.T) {
	withGolden(t, "smoothadv_consistency", func(g *golden) {
		m := &SmoothAdvConsistency{Consistency{g.number("sigma"), int(g.number("m")), g.number("lbd"), g.number("eta")},
			PGD{Steps: int(g.number("steps")), Eps: g.number("epsilon")}}
		loss, terms, _ := g.one(m, nil)
		g.consistency(&m.Consistency, loss, terms)
	})
}

func TestGoldenMACER(t *testing.T) {
	withGolden(t, "macer", func(g *golden) {
		m := &MACER{Sigma: g.number("sigma"), M: int(g.number("m")), Lbd: g.number("lbd"), Beta: g.number("beta"), Margin: g.number("margin"), Defer: -1}
		loss, terms, rest := g.one(m, func(st *Step) []*Node {
			c, r, n := macerSums(st)
			return []*Node{c, r, n}
		})
		b := float64(g.array("y").Shape().Size())
		g.scalar("classification", rest[0][0], g.values("classification_sum")[0], tolForward)
		g.scalar("robustness", rest[1][0], g.values("robustness_sum")[0], tolForward)
		g.scalar("images in the hinge", rest[2][0], float32(g.integer("in_margin")), 0)
		g.scalar("loss", loss, g.values("loss")[0], tolMixed) // the radius is weighted by 16
		if d := math.Abs(float64(terms[0])*b - float64(rest[0][0])); d > 1e-3 {
			t.Errorf("the term and the sum differ by %g", d)
		}
	})
}
