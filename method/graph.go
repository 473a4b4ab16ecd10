package method

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
)

// Noisy adds each of the m noise samples to each image: x [B, …], noise [m, B, …] → [m·B, …], noise-major.
func Noisy(x, noise *Node) *Node {
	d := noise.Shape().Dimensions
	x.AssertDims(d[1:]...)
	y := Add(InsertAxes(x, 0), noise)
	return Reshape(y, append([]int{d[0] * d[1]}, d[2:]...)...)
}

// Smoothed returns the smoothed prediction, the mean softmax over m noise samples: logits [m·B, K], noise-major → [B,
// K].
func Smoothed(logits *Node, m int) *Node {
	d := logits.Shape().Dimensions
	p := ReduceMean(Reshape(Softmax(logits), m, d[0]/m, d[1]), 0)
	p.AssertDims(d[0]/m, d[1])
	return p
}

// CrossEntropy returns the mean cross-entropy of noisy copies with their image's label: logits [m·B, K], y [B] →
// scalar.
func CrossEntropy(logits, y *Node) *Node {
	d, b := logits.Shape().Dimensions, y.Shape().Dimensions[0]
	picked := Pick(LogSoftmax(logits), Reshape(BroadcastToDims(InsertAxes(y, 0), d[0]/b, b), d[0]))
	return Neg(ReduceAllMean(picked))
}

// Pick takes entry y of each row: p [N, K], y [N] → [N].
func Pick(p, y *Node) *Node {
	d := p.Shape().Dimensions
	y.AssertDims(d[0])
	return ReduceSum(Mul(p, OneHot(y, d[1], p.DType())), -1)
}

// Detach cuts x off from its history and returns a leaf for which gradients can be taken. The gradient with respect to
// a StopGradient node itself is silently zero in GoMLX v0.28.2: an attack written that way never moves after step one.
func Detach(x *Node) *Node { return Identity(StopGradient(x)) }

// Correct returns 1 where the smoothed prediction picks the label, else 0, without gradient: p [B, K], y [B] → [B].
func Correct(p, y *Node) *Node {
	return StopGradient(ConvertDType(Equal(ArgMax(p, -1, dtypes.Int32), y), p.DType()))
}

// Divergence returns KL(target ‖ softmax(logits)) of each noisy copy with its image's target: target [B, K], logits
// [m·B, K], noise-major → [m, B]. Gradients flow through the target too: log r + 1 − log s, and 0 where r is 0.
func Divergence(target, logits *Node) *Node {
	d, b := logits.Shape().Dimensions, target.Shape().Dimensions[0]
	h := Reshape(LogSoftmax(logits), d[0]/b, b, d[1])
	r := InsertAxes(target, 0)
	return ReduceSum(Sub(timesLog(r), Mul(r, h)), -1)
}

// timesLog returns r·log r, with value and gradient 0 at r = 0, as in PyTorch's kl_div.
func timesLog(r *Node) *Node {
	positive := GreaterThan(r, ZerosLike(r))
	return Where(positive, Mul(r, Log(Where(positive, r, OnesLike(r)))), ZerosLike(r))
}

func panicf(format string, args ...any) { panic(fmt.Errorf(format, args...)) }
