package onnx

import (
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
)

// batchNorm is torch.nn.BatchNorm: x [N, C, ...] → the same. In training it uses the batch's own mean and variance,
// with gradients through both, and moves the running statistics towards them, using the unbiased variance.
func batchNorm(b *builder, n norm, x, weight, bias, mean, variance *Node) *Node {
	d := slices.Repeat([]int{1}, x.Rank())
	d[1] = -1
	wide := func(v *Node) *Node { return Reshape(v, d...) }
	var over []int
	for a := range x.Rank() {
		if a != 1 {
			over = append(over, a)
		}
	}
	if b.train && n.mean != "" && n.variance != "" {
		running, spread := mean, variance
		mean = ReduceMean(x, over...)
		variance = ReduceMean(Square(Sub(x, wide(mean))), over...)
		count := float64(x.Shape().Size() / x.Shape().Dimensions[1])
		b.set(n.mean, Add(MulScalar(running, n.momentum), MulScalar(StopGradient(mean), 1-n.momentum)))
		b.set(
			n.variance,
			Add(MulScalar(spread, n.momentum), MulScalar(StopGradient(variance), (1-n.momentum)*count/max(1, count-1))),
		)
	} else {
		mean, variance = StopGradient(mean), StopGradient(variance)
	}
	scale := Div(weight, Sqrt(AddScalar(variance, n.epsilon)))
	return Add(Mul(Sub(x, wide(mean)), wide(scale)), wide(bias))
}

// standardised is x divided by its standard deviation over axes, or, if it is not centred, by its root mean square.
func standardised(x *Node, epsilon float64, centred bool, axes ...int) *Node {
	if centred {
		x = Sub(x, ReduceAndKeep(x, ReduceMean, axes...))
	}
	return Div(x, Sqrt(AddScalar(ReduceAndKeep(Square(x), ReduceMean, axes...), epsilon)))
}

// groupNorm is torch.nn.GroupNorm: x [N, C, ...], weight and bias [C].
func groupNorm(x, weight, bias *Node, groups int, epsilon float64) *Node {
	d := x.Shape().Dimensions
	y := standardised(Reshape(x, d[0], groups, d[1]/groups, -1), epsilon, true, 2, 3)
	y = Reshape(y, d[0], d[1], -1)
	return Reshape(Add(Mul(y, Reshape(weight, 1, -1, 1)), Reshape(bias, 1, -1, 1)), d...)
}

// localResponse is torch.nn.LocalResponseNorm.
func localResponse(x *Node, size int, alpha, beta, bias float64) *Node {
	d := x.Shape().Dimensions
	ends := make([]PadAxis, x.Rank())
	ends[1] = PadAxis{Start: (size - 1) / 2, End: size / 2}
	squares := zeroPadded(Square(x), ends, 0)
	var sum *Node
	for i := range size {
		sum = plus(sum, SliceAxis(squares, 1, AxisRange(i, i+d[1])))
	}
	return Div(x, power(AddScalar(MulScalar(sum, alpha/float64(size)), bias), beta))
}
