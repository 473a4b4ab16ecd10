package smoothmix

import (
	"testing"

	"smoothlab/classifier"
	"smoothlab/internal/steptest"
	"smoothlab/method"

	. "github.com/gomlx/gomlx/core/graph"
)

// ResNet-20's logits in evaluation and in training mode, the gradient of the summed cross-entropy to the input in
// evaluation mode, as an attack needs it, and the running statistics after one pass in training mode.
func TestGoldenResNet20Forward(t *testing.T) {
	steptest.With(t, "resnet20_forward", func(g *steptest.Golden) {
		out := g.Run(func(params, in []*Node) []*Node {
			x, y := steptest.Images(in[0]), steptest.Labels(in[1])
			attacked := g.Arch.Logits(g.Arch.Weights(params), x, classifier.Attack)
			gradient := Gradient(MulScalar(method.CrossEntropy(attacked, y), y.Shape().Size()), x)[0]
			after := g.Arch.Weights(params)
			trained := g.Arch.Logits(after, x, classifier.Train)
			return append(
				[]*Node{
					g.Arch.Logits(g.Arch.Weights(params), x, classifier.Forward),
					attacked,
					steptest.Back(gradient),
					trained,
				},
				steptest.Statistics(g.Arch, after)...)
		}, "x", "y")
		g.Near("logits, forward", out[0], g.Values("logits_eval"), steptest.TolForward)
		g.Near("logits, attack", out[1], g.Values("logits_eval"), steptest.TolForward)
		g.Near("input gradient", out[2], g.Values("input_grad_eval"), steptest.TolForward)
		g.Near("logits, training", out[3], g.Values("logits_train"), steptest.TolForward)
		g.Statistics(out[4:], "after_train_forward.", steptest.TolForward)
	})
}

// Every intermediate result of SmoothMix's step as for LeNet, and the running statistics after its two passes in
// training mode.
func TestGoldenResNet20SmoothMix(t *testing.T) {
	steptest.With(t, "resnet20_smoothmix", goldenSmoothMix)
}
