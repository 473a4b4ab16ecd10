package smoothmix

import (
	"slices"
	"testing"

	"smoothlab/classifier"
	"smoothlab/internal/steptest"
	"smoothlab/method"

	. "github.com/gomlx/gomlx/core/graph"
)

// LeNet's logits and the gradient of the summed cross-entropy to the input, in every form that a pass may choose.
func TestGoldenLeNetForward(t *testing.T) {
	steptest.With(t, "lenet_forward", func(g *steptest.Golden) {
		for name, pass := range map[string]classifier.Pass{"forward": classifier.Forward, "attack": classifier.Attack, "train": classifier.Train} {
			out := g.RunNamed(name, func(params, in []*Node) []*Node {
				x, y := steptest.Images(in[0]), steptest.Labels(in[1])
				logits := g.Arch.Logits(g.Arch.Weights(params), x, pass)
				loss := MulScalar(method.CrossEntropy(logits, y), y.Shape().Size())
				return []*Node{logits, steptest.Back(Gradient(loss, x)[0]), loss}
			}, "x", "y")
			g.Near(name+" logits", out[0], g.Values("logits"), steptest.TolForward)
			g.Near(name+" input gradient", out[1], g.Values("input_grad"), steptest.TolForward)
			g.Near(name+" loss", out[2], []float32{float32(g.Number("sum_cross_entropy"))}, steptest.TolForward)
		}
	})
}

// Every intermediate result of SmoothMix's step, then the loss and gradients of the method as it is trained.
func TestGoldenSmoothMix(t *testing.T) { steptest.With(t, "smoothmix", goldenSmoothMix) }
func TestGoldenSmoothMixOneStep(t *testing.T) {
	steptest.With(t, "smoothmix_one_step", goldenSmoothMix)
}
func TestGoldenSmoothMixMaxNorm(t *testing.T) { steptest.With(t, "smoothmix_maxnorm", goldenSmoothMix) }

func goldenSmoothMix(g *steptest.Golden) {
	m := &SmoothMix{
		Sigma:   g.Number("sigma"),
		M:       int(g.Number("m")),
		Steps:   int(g.Number("T")),
		Alpha:   g.Number("alpha"),
		MixStep: int(g.Number("mix_step")),
		Eta:     g.Number("eta"),
		MaxNorm: g.Number("maxnorm"),
	}
	out := g.Run(func(params, in []*Node) []*Node {
		begin := func() *method.Step { return g.Step(m, params, in[0], in[1], in[2], in[3], g.Number("w")) }
		st := begin()
		path, far, near := st.Path(st.X), st.Search(st.X), NearPoint(st, st.X)
		p := st.Smoothed(st.Logits(near))
		mixed, target := Mixup(MulScalar(st.Uniform("lambda"), 0.5), near, far, p)
		trained := begin()
		loss, terms, grads := trained.LossAndGradients(params)
		return slices.Concat(
			[]*Node{
				steptest.Back(Stack(path, 0)),
				steptest.Back(near),
				steptest.Back(far),
				p,
				steptest.Back(mixed),
				target,
				method.Correct(p, st.Y),
				terms[0].Value,
				terms[1].Value,
				loss,
			},
			grads,
			steptest.Statistics(g.Arch, trained.Weights()),
		)
	}, "x", "y", "noise", "lam")
	for i, c := range []struct {
		name string
		tol  float64
	}{{"path", steptest.TolPath}, {"near", steptest.TolPath}, {"far", steptest.TolPath}, {"p_bar", steptest.TolMixed}, {"mixed", steptest.TolPath}, {"target", steptest.TolMixed},
		{"mask", 0}, {"xent", steptest.TolMixed}, {"mix", steptest.TolMixed}, {"loss", steptest.TolMixed}} {
		g.Near(c.name, out[i], g.Values(c.name), c.tol)
	}
	g.Gradients(out[10:])
	g.Statistics(out[10+len(g.Arch.Trained()):], "after.", steptest.TolMixed)
}
