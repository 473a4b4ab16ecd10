package smoothmix

import (
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
)

// Mix is self-mixup (code/train.py:127-130): the image v = (1−lambda)·near + lambda·far and its label
// (1−lambda)·p + lambda/K. lam [B], near and far [B, …], p [B, K]. The label is not detached: its gradient trains p.
func Mix(lam, near, far, p *Node) (v, target *Node) {
	l := Reshape(lam, append([]int{lam.Shape().Dimensions[0]}, ones(near.Rank()-1)...)...)
	v = Add(Mul(OneMinus(l), near), Mul(l, far))
	l = InsertAxes(lam, -1)
	target = Add(Mul(OneMinus(l), p), DivScalar(l, float64(p.Shape().Dimensions[1])))
	return v, target
}

// Correct is 1 where the smoothed prediction picks the label, else 0, without gradient: p [B, K], y [B] → [B].
func Correct(p, y *Node) *Node {
	return StopGradient(ConvertDType(Equal(ArgMax(p, -1, dtypes.Int32), y), p.DType()))
}

// Divergence is KL(target ‖ softmax(logits)) of each noisy copy with its image's target: target [B, K], logits [m·B, K],
// noise-major → [m, B]. Gradients flow through the target too: log r + 1 − log s, and 0 where r is 0.
func Divergence(target, logits *Node) *Node {
	d, b := logits.Shape().Dimensions, target.Shape().Dimensions[0]
	h := Reshape(LogSoftmax(logits), d[0]/b, b, d[1])
	r := InsertAxes(target, 0)
	return ReduceSum(Sub(timesLog(r), Mul(r, h)), -1)
}

// MaskedKL is the mean over all m·B noisy mixtures of correct·KL(target ‖ softmax(logits)) (code/train.py:186-191):
// p, target [B, K], y [B], logits [m·B, K]. Images that are predicted wrongly count as zero and stay in the mean.
func MaskedKL(p, y, target, logits *Node) *Node {
	return ReduceAllMean(Mul(InsertAxes(Correct(p, y), 0), Divergence(target, logits)))
}

// timesLog is r·log r, with value and gradient 0 at r = 0, as PyTorch's kl_div has it.
func timesLog(r *Node) *Node {
	positive := GreaterThan(r, ZerosLike(r))
	return Where(positive, Mul(r, Log(Where(positive, r, OnesLike(r)))), ZerosLike(r))
}

func ones(n int) []int {
	d := make([]int, n)
	for i := range d {
		d[i] = 1
	}
	return d
}
