package smoothmix

import (
	"smoothlab/method"

	. "github.com/gomlx/gomlx/core/graph"
)

// Mixup computes self-mixup (code/train.py:127-130): the image v = (1−lambda)·near + lambda·far and its label
// (1−lambda)·p + lambda/K. lam [B], near and far [B, …], p [B, K]. The label is not detached: its gradient trains p.
func Mixup(lam, near, far, p *Node) (v, target *Node) {
	l := method.PerImage(lam, near)
	v = Add(Mul(OneMinus(l), near), Mul(l, far))
	l = InsertAxes(lam, -1)
	target = Add(Mul(OneMinus(l), p), DivScalar(l, float64(p.Shape().Dimensions[1])))
	return v, target
}

// Mix computes [Mixup] in a step; a walk shows its arguments and results.
func Mix(st *method.Step, lam, near, far, p *Node) (v, target *Node) {
	v, target = Mixup(lam, near, far, p)
	st.Show(method.Mixture{Lambda: lam, Near: near, Far: far, P: p, Mixed: v, Target: target})
	return v, target
}

// MaskedKL returns the mean over all m·B noisy mixtures of correct·KL(target ‖ softmax(logits))
// (code/train.py:186-191): p, target [B, K], y [B], logits [m·B, K]. Misclassified images add zero but are still
// counted.
func MaskedKL(p, y, target, logits *Node) *Node {
	return ReduceAllMean(Mul(InsertAxes(method.Correct(p, y), 0), method.Divergence(target, logits)))
}
