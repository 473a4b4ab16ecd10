package onnx

import . "github.com/gomlx/gomlx/core/graph"

// Convolutions of many channels to few positions are computed as one matrix product: XLA's own are many times slower
// there on a CPU (docs/evidence.md). With as few as 64 channels and as many as 64 positions, collecting the factors
// costs more than it saves.
const (
	minProductChannels  = 128
	maxProductPositions = 16
)

// isProduct reports whether a convolution of x [N, C, H, W] is computed as a matrix product.
func (w *window) isProduct(channels int) bool {
	return w.groups == 1 && channels >= minProductChannels && w.out[0]*w.out[1] <= maxProductPositions
}

// convolutionProduct is the convolution of x [N, C, H, W] with k [O, C, h, w] as a product of [N·H'·W', t·C] and [t·C,
// O], where t is the number of the h·w kernel elements that meet more than padding.
func convolutionProduct(x, k *Node, w window) *Node {
	d, kd := x.Shape().Dimensions, k.Shape().Dimensions
	padded := zeroPadded(x, []PadAxis{{}, {}, {Start: w.lo[0], End: w.hi[0]}, {Start: w.lo[1], End: w.hi[1]}}, 0)
	var parts, taps []*Node
	for i := range kd[2] {
		for j := range kd[3] {
			if !w.meets(0, i, d[2]) || !w.meets(1, j, d[3]) {
				continue
			}
			parts = append(parts, shifted(padded, i, j, w))
			taps = append(taps, Reshape(Slice(k, AxisRange(), AxisRange(), AxisElem(i), AxisElem(j)), kd[0], kd[1]))
		}
	}
	if len(parts) == 0 {
		return BroadcastToDims(ScalarZero(x.Graph(), x.DType()), d[0], kd[0], w.out[0], w.out[1])
	}
	rows := Reshape(TransposeAllDims(Concatenate(parts, 1), 0, 2, 3, 1), d[0]*w.out[0]*w.out[1], len(parts)*kd[1])
	y := DotGeneral(rows, []int{1}, nil, Concatenate(taps, 1), []int{1}, nil)
	return TransposeAllDims(Reshape(y, d[0], w.out[0], w.out[1], kd[0]), 0, 3, 1, 2)
}

// meets reports whether kernel element i of an axis meets one of n elements in some position, not only padding.
func (w *window) meets(axis, i, n int) bool {
	for o := range w.out[axis] {
		if at := o*w.stride[axis] + i*w.dilation[axis] - w.lo[axis]; at >= 0 && at < n {
			return true
		}
	}
	return false
}
