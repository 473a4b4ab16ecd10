package smoothmix

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
)

// tiny is the floor under a probability before its logarithm (the authors' code/train.py:262). It is a normal float32.
const tiny = 1e-20

// Noisy adds each of the m noises to each image: x [B, …], noise [m, B, …] → [m·B, …], noise-major.
func Noisy(x, noise *Node) *Node {
	d := noise.Shape().Dimensions
	x.AssertDims(d[1:]...)
	y := Add(InsertAxes(x, 0), noise)
	return Reshape(y, append([]int{d[0] * d[1]}, d[2:]...)...)
}

// Smoothed is the smoothed prediction, the mean softmax over m noises: logits [m·B, K], noise-major → [B, K].
func Smoothed(logits *Node, m int) *Node {
	d := logits.Shape().Dimensions
	p := ReduceMean(Reshape(Softmax(logits), m, d[0]/m, d[1]), 0)
	p.AssertDims(d[0]/m, d[1])
	return p
}

// SmoothedLoss is −log max(p_y, 1e-20): p [B, K], y [B] → [B]. Below the floor it is constant and has no gradient.
func SmoothedLoss(p, y *Node) *Node { return Neg(Log(MaxScalar(pick(p, y), tiny))) }

// CrossEntropy is the mean cross-entropy of noisy copies with their image's label: logits [m·B, K], y [B] → scalar.
func CrossEntropy(logits, y *Node) *Node {
	d, b := logits.Shape().Dimensions, y.Shape().Dimensions[0]
	picked := pick(LogSoftmax(logits), Reshape(BroadcastToDims(InsertAxes(y, 0), d[0]/b, b), d[0]))
	return Neg(ReduceAllMean(picked))
}

// pick takes entry y of each row: p [N, K], y [N] → [N].
func pick(p, y *Node) *Node {
	d := p.Shape().Dimensions
	y.AssertDims(d[0])
	return ReduceSum(Mul(p, OneHot(y, d[1], p.DType())), -1)
}

// Detach cuts x off from what made it and returns a leaf that gradients can be taken for. The gradient with respect to
// a StopGradient node itself is silently zero in GoMLX v0.28.2: an attack written that way never moves after step one.
func Detach(x *Node) *Node { return Identity(StopGradient(x)) }

func panicf(format string, args ...any) { panic(fmt.Errorf(format, args...)) }
