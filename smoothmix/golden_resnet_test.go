package smoothmix

import (
	"testing"

	"smoothlab/classifier"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// ResNet-20's logits in evaluation and in training mode, the gradient of the summed cross-entropy to the input in evaluation
// mode, as an attack needs it, and the running statistics after one pass in training mode.
func TestGoldenResNet20Forward(t *testing.T) {
	withGolden(t, "resnet20_forward", func(g *golden) {
		out := g.run(func(params, in []*Node) []*Node {
			x, y := images(in[0]), labels(in[1])
			attacked := g.arch.Logits(g.arch.Weights(params), x, classifier.Attack)
			gradient := Gradient(MulScalar(CrossEntropy(attacked, y), y.Shape().Size()), x)[0]
			after := g.arch.Weights(params)
			trained := g.arch.Logits(after, x, classifier.Train)
			return append([]*Node{g.arch.Logits(g.arch.Weights(params), x, classifier.Forward), attacked, back(gradient), trained},
				statistics(g.arch, after)...)
		}, "x", "y")
		g.near("logits, forward", out[0], g.values("logits_eval"), tolForward)
		g.near("logits, attack", out[1], g.values("logits_eval"), tolForward)
		g.near("input gradient", out[2], g.values("input_grad_eval"), tolForward)
		g.near("logits, training", out[3], g.values("logits_train"), tolForward)
		g.statistics(out[4:], "after_train_forward.", tolForward)
	})
}

// Every intermediate result of SmoothMix's step as for LeNet, and the running statistics after its two passes in training mode.
func TestGoldenResNet20SmoothMix(t *testing.T) { withGolden(t, "resnet20_smoothmix", goldenSmoothMix) }

// statistics are the values that passes in training mode change, in the order of the parameters.
func statistics(a *classifier.Architecture, w classifier.Weights) []*Node {
	var all []*Node
	for _, p := range a.Params {
		if p.Role != classifier.Trained {
			all = append(all, w[p.Name])
		}
	}
	return all
}

// statistics compares them with the file's, which has no counters: those have to go up by one a pass.
func (g *golden) statistics(got [][]float32, prefix string, tol float64) {
	g.Helper()
	for i, p := range g.arch.Params {
		switch p.Role {
		case classifier.Statistic:
			g.near(prefix+p.Name, got[0], g.values(prefix+p.Name), tol)
		case classifier.Counter:
			passes := map[string]float32{"after_train_forward.": 1, "after.": 2}[prefix]
			if before := g.counter(i); got[0][0] != before+passes {
				g.Errorf("%s = %g after %g passes from %g", p.Name, got[0][0], passes, before)
			}
		default:
			continue
		}
		got = got[1:]
	}
}

// counter is the value of a counter among the weights.
func (g *golden) counter(i int) float32 {
	return tensors.MustCopyFlatData[float32](g.params[i].(*tensors.Tensor))[0]
}
