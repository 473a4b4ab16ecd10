package smoothmix

import (
	"slices"
	"testing"

	"smoothlab/classifier"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// LeNet's logits and the gradient of the summed cross-entropy to the input, in every form that a pass may choose.
func TestGoldenLeNetForward(t *testing.T) {
	withGolden(t, "lenet_forward", func(g *golden) {
		for name, pass := range map[string]classifier.Pass{"forward": classifier.Forward, "attack": classifier.Attack, "train": classifier.Train} {
			out := g.runNamed(name, func(params, in []*Node) []*Node {
				x, y := images(in[0]), labels(in[1])
				logits := g.arch.Logits(g.arch.Weights(params), x, pass)
				loss := MulScalar(CrossEntropy(logits, y), y.Shape().Size())
				return []*Node{logits, back(Gradient(loss, x)[0]), loss}
			}, "x", "y")
			g.near(name+" logits", out[0], g.values("logits"), tolForward)
			g.near(name+" input gradient", out[1], g.values("input_grad"), tolForward)
			g.near(name+" loss", out[2], []float32{float32(g.number("sum_cross_entropy"))}, tolForward)
		}
	})
}

func TestGoldenGaussian(t *testing.T) {
	withGolden(t, "gaussian", func(g *golden) {
		m := &Gaussian{Sigma: g.number("sigma")}
		out := g.run(func(params, in []*Node) []*Node {
			st := g.step(m, params, in[0], in[1], in[2], nil, 1)
			loss, _, grads := lossAndGradients(st, m, params)
			return append([]*Node{loss}, grads...)
		}, "x", "y", "noise")
		g.near("loss", out[0], g.values("loss"), tolForward)
		g.gradients(out[1:])
	})
}

// Every intermediate result of SmoothMix's step, then the loss and gradients of the method as it is trained.
func TestGoldenSmoothMix(t *testing.T)        { withGolden(t, "smoothmix", goldenSmoothMix) }
func TestGoldenSmoothMixOneStep(t *testing.T) { withGolden(t, "smoothmix_one_step", goldenSmoothMix) }
func TestGoldenSmoothMixMaxNorm(t *testing.T) { withGolden(t, "smoothmix_maxnorm", goldenSmoothMix) }

func goldenSmoothMix(g *golden) {
	m := &SmoothMix{Sigma: g.number("sigma"), M: int(g.number("m")), Steps: int(g.number("T")), Alpha: g.number("alpha"),
		MixStep: int(g.number("mix_step")), Eta: g.number("eta"), MaxNorm: g.number("maxnorm")}
	out := g.run(func(params, in []*Node) []*Node {
		begin := func() *Step { return g.step(m, params, in[0], in[1], in[2], in[3], g.number("w")) }
		st := begin()
		path, far, near := st.path(st.X), st.Search(st.X), st.NearPoint(st.X)
		p := st.Smoothed(st.Logits(near))
		mixed, target := Mix(MulScalar(st.Uniform("lambda"), 0.5), near, far, p)
		trained := begin()
		loss, terms, grads := lossAndGradients(trained, m, params)
		return slices.Concat([]*Node{back(Stack(path, 0)), back(near), back(far), p, back(mixed), target, Correct(p, st.Y),
			terms[0].Value, terms[1].Value, loss}, grads, statistics(g.arch, trained.after))
	}, "x", "y", "noise", "lam")
	for i, c := range []struct {
		name string
		tol  float64
	}{{"path", tolPath}, {"near", tolPath}, {"far", tolPath}, {"p_bar", tolMixed}, {"mixed", tolPath}, {"target", tolMixed},
		{"mask", 0}, {"xent", tolMixed}, {"mix", tolMixed}, {"loss", tolMixed}} {
		g.near(c.name, out[i], g.values(c.name), c.tol)
	}
	g.gradients(out[10:])
	g.statistics(out[10+len(g.arch.Trained()):], "after.", tolMixed)
}

// Two optimizer steps on the Gaussian loss, with momentum and weight decay.
func TestGoldenSGDTwoSteps(t *testing.T) {
	withGolden(t, "sgd_two_steps", func(g *golden) {
		m := &Gaussian{Sigma: 1} // the file's noise is already scaled
		out := g.run(func(params, in []*Node) []*Node {
			constant := func(name string) *Node { return ConstAsDType(in[0].Graph(), dtypes.Float32, g.number(name)) }
			w, v := params, make([]*Node, len(params))
			for i := range v {
				v[i] = ZerosLike(params[i])
			}
			for k := range in[2].Shape().Dimensions[0] {
				st := g.step(m, w, in[0], in[1], Slice(in[2], AxisRange(k, k+1)), nil, 1)
				_, _, grads := lossAndGradients(st, m, w)
				next := make([]*Node, len(w))
				for i := range w {
					next[i], v[i] = SGD(w[i], v[i], grads[i], constant("lr"), constant("momentum"), constant("weight_decay"))
				}
				w = next
			}
			return w
		}, "x", "y", "noise")
		for i, p := range g.arch.Params {
			before, after := tensors.MustCopyFlatData[float32](g.params[i].(*tensors.Tensor)), g.values("after."+p.Name)
			g.relative("what two steps changed in "+p.Name, minus(out[i], before), minus(after, before))
		}
	})
}

// step binds the file's images, noise and lambda (nil for methods that draw none) to a method.
func (g *golden) step(m Method, params []*Node, x, y, noise, lam *Node, w float64) *Step {
	scalars := map[string]*Node{}
	constant := func(v float64) *Node { return ConstAsDType(x.Graph(), dtypes.Float32, v) }
	for _, f := range Fields(m) {
		scalars[f.Name] = constant(f.Value)
	}
	if f, ok := m.(*SmoothMix); ok && f.MaxNorm == 0 {
		delete(scalars, "maxnorm")
	}
	scalars["warm"] = constant(w)
	uniform := func(string) *Node { return DivScalar(lam, 0.5) } // lambda is half of a uniform number
	return newStep(g.arch, m, params, images(x), labels(y), images(noise), scalars, uniform)
}

func labels(y *Node) *Node { return ConvertDType(y, dtypes.Int32) }
