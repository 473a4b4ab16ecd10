package onnx

import (
	"math"

	. "github.com/gomlx/gomlx/core/graph"
)

// product2 multiplies the last two axes of x [..., M, K] and y [..., K, N]; the axes before them are broadcast to
// before.
func product2(x, y *Node, before []int) *Node {
	xd, yd := x.Shape().Dimensions, y.Shape().Dimensions
	m, k, n := xd[len(xd)-2], xd[len(xd)-1], yd[len(yd)-1]
	if size := product(yd[:len(yd)-2]); size == 1 { // one matrix for all: a single product
		r := DotGeneral(Reshape(x, -1, k), []int{1}, nil, Reshape(y, k, n), []int{0}, nil)
		d := append([]int(nil), before...)
		if product(xd[:len(xd)-2]) == product(before) {
			return Reshape(r, append(d, m, n)...)
		}
	}
	all := product(before)
	wide := func(v *Node, d []int) *Node {
		to := append(append([]int(nil), before...), d[len(d)-2:]...)
		return Reshape(spread(v, to), all, d[len(d)-2], d[len(d)-1])
	}
	r := DotGeneral(wide(x, xd), []int{2}, []int{0}, wide(y, yd), []int{1}, []int{0})
	return Reshape(r, append(append([]int(nil), before...), m, n)...)
}

// matrices is alpha·x·y, with either transposed.
func matrices(x, y *Node, tx, ty bool, alpha float64) *Node {
	ax, ay := 1, 0
	if tx {
		ax = 0
	}
	if ty {
		ay = 1
	}
	return scaled(DotGeneral(x, []int{ax}, nil, y, []int{ay}, nil), alpha)
}

func scaled(x *Node, by float64) *Node {
	if by == 1 {
		return x
	}
	return MulScalar(x, by)
}

// normalized divides x by its norm along an axis; a norm of 0 gives 0.
func normalized(x *Node, axis int, norm func(x *Node, axes ...int) *Node) *Node {
	by := ReduceAndKeep(x, norm, axis)
	return Div(x, Where(Equal(by, ZerosLike(by)), OnesLike(by), by))
}

// Reductions that GoMLX has under another name or not at all.

func sumSquares(x *Node, axes ...int) *Node { return ReduceSum(Square(x), axes...) }

func norm1(x *Node, axes ...int) *Node { return ReduceSum(Abs(x), axes...) }

// norm2 has the gradient 0 at 0, as in PyTorch.
func norm2(x *Node, axes ...int) *Node {
	s := sumSquares(x, axes...)
	zero := Equal(s, ZerosLike(s))
	return Where(zero, ZerosLike(s), Sqrt(Where(zero, OnesLike(s), s)))
}

func logSum(x *Node, axes ...int) *Node { return Log(ReduceSum(x, axes...)) }

func logSumExp(x *Node, axes ...int) *Node {
	top := StopGradient(ReduceAndKeep(x, ReduceMax, axes...))
	s := Log(ReduceSum(Exp(Sub(x, top)), axes...))
	return Add(s, Reshape(top, s.Shape().Dimensions...))
}

// largestOf and smallestOf divide the gradient among equal elements, as PyTorch's amax and amin do.
func largestOf(x *Node, axes ...int) *Node {
	top := StopGradient(ReduceAndKeep(x, ReduceMax, axes...))
	at := ConvertDType(Equal(x, top), x.DType())
	share := StopGradient(Div(at, ReduceAndKeep(at, ReduceSum, axes...)))
	return ReduceSum(Mul(x, share), axes...)
}

func smallestOf(x *Node, axes ...int) *Node { return Neg(largestOf(Neg(x), axes...)) }

// softmaxOf and logSoftmaxOf subtract the largest element first.
func softmaxOf(x *Node, axis int) *Node {
	e := Exp(Sub(x, StopGradient(ReduceAndKeep(x, ReduceMax, axis))))
	return Div(e, ReduceAndKeep(e, ReduceSum, axis))
}

func logSoftmaxOf(x *Node, axis int) *Node {
	x = Sub(x, StopGradient(ReduceAndKeep(x, ReduceMax, axis)))
	return Sub(x, Log(ReduceAndKeep(Exp(x), ReduceSum, axis)))
}

// attended is softmax(scale·q·kᵀ + mask)·v for q [N, H, L, E], k and v [N, H, S, ·]; mask may be nil. A mask of float32
// is added; a mask of truth values excludes the keys where it is false. A query without any key gives 0.
func attended(q, k, v, mask *Node, scale float64) *Node {
	blind := func(y *Node) *Node { return y }
	s := math.Sqrt(scale) // half to each, as PyTorch's exporter has it
	scores := DotGeneral(MulScalar(q, s), []int{3}, []int{0, 1}, MulScalar(k, s), []int{3}, []int{0, 1})
	if mask != nil {
		mask = aligned(mask, 4)
		if mask.DType().IsFloat() {
			scores = Add(scores, mask)
		} else {
			mask = BroadcastToDims(mask, scores.Shape().Dimensions...)
			scores = Where(mask, scores, MulScalar(OnesLike(scores), lowest))
			some := ReduceAndKeep(ConvertDType(mask, q.DType()), ReduceMax, 3)
			blind = func(y *Node) *Node { return Mul(y, StopGradient(some)) }
		}
	}
	return blind(DotGeneral(softmaxOf(scores, 3), []int{3}, []int{0, 1}, v, []int{2}, []int{0, 1}))
}
