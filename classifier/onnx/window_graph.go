package onnx

import (
	"smoothlab/classifier/vjp"

	"github.com/gomlx/compute"
	timage "github.com/gomlx/gomlx/core/tensors/images"

	. "github.com/gomlx/gomlx/core/graph"
)

// channelsFirst are the axes of images [N, C, H, W] and kernels [O, I, H, W].
func channelsFirst() compute.ConvolveAxesConfig {
	return compute.ConvolveAxesConfig{InputBatch: 0, InputChannels: 1, InputSpatial: []int{2, 3},
		KernelOutputChannels: 0, KernelInputChannels: 1, KernelSpatial: []int{2, 3},
		OutputBatch: 0, OutputChannels: 1, OutputSpatial: []int{2, 3}}
}

func addChannels(x, bias *Node) *Node { return Add(x, Reshape(bias, 1, -1, 1, 1)) }

// convolve is torch.nn.functional.conv2d: x [N, C, H, W], k [O, C/groups, h, w] → [N, O, H', W'].
//
// Its gradients are given here. In GoMLX v0.28.2 the gradient with respect to the input is wrong for a kernel of even
// size with a stride, and the gradient of a grouped convolution becomes one convolution per group, which takes minutes
// to compile.
func convolve(x, k *Node, w window) *Node {
	d := x.Shape().Dimensions
	if w.groups > 1 && w.groups == d[1] && k.Shape().Dimensions[0] == d[1] {
		return depthwise(x, k, w)
	}
	var y *Node
	if w.isProduct(d[1]) {
		y = convolutionProduct(x, k, w)
	} else {
		y = stridedConvolution(x, k, w, [][2]int{{w.lo[0], w.hi[0]}, {w.lo[1], w.hi[1]}})
	}
	y.AssertDims(d[0], k.Shape().Dimensions[0], w.out[0], w.out[1])
	return vjp.With(y, []*Node{x, k},
		func(v *Node) *Node { return inputGradient(v, k, d, w) },
		func(v *Node) *Node { return kernelGradient(v, x, k.Shape().Dimensions, w) })
}

// stridedConvolution is one convolution. GoMLX refuses a stride together with a dilation, so a dilated kernel with a
// stride has its zeros written out.
func stridedConvolution(x, k *Node, w window, pads [][2]int) *Node {
	dilation := w.dilation
	if w.stride != [2]int{1, 1} && dilation != [2]int{1, 1} {
		k, dilation = dilated(k, dilation), [2]int{1, 1}
	}
	c := Convolve(x, k).AxesConfig(channelsFirst()).StridePerAxis(w.stride[:]...).PaddingPerDim(pads)
	if dilation != [2]int{1, 1} {
		c = c.DilationPerAxis(dilation[:]...)
	}
	if w.groups > 1 {
		c = c.ChannelGroupCount(w.groups)
	}
	return c.Done()
}

// dilated returns a kernel with zeros between its elements.
func dilated(k *Node, by [2]int) *Node {
	return Pad(
		k,
		ScalarZero(k.Graph(), k.DType()),
		PadAxis{},
		PadAxis{},
		PadAxis{Interior: by[0] - 1},
		PadAxis{Interior: by[1] - 1},
	)
}

// inputGradient is the gradient with respect to an input of dimensions d: v [N, O, H', W'], spread out by the stride,
// convolved with the kernel turned around.
func inputGradient(v, k *Node, d []int, w window) *Node {
	kd := k.Shape().Dimensions
	o, i := kd[0]/w.groups, kd[1]
	k = Reshape(Reverse(k, 2, 3), w.groups, o, i, kd[2], kd[3])
	k = Reshape(TransposeAllDims(k, 0, 2, 1, 3, 4), w.groups*i, o, kd[2], kd[3])
	var pads [][2]int
	cut := fullBox(d)
	for a := range 2 {
		lo := w.extent(a) - 1 - w.lo[a]
		hi := d[2+a] - ((w.out[a]-1)*w.stride[a] + 1) + w.lo[a]
		pads = append(pads, [2]int{max(lo, 0), max(hi, 0)})
		cut.start[2+a] = max(-lo, 0)
	}
	c := Convolve(v, k).AxesConfig(channelsFirst()).PaddingPerDim(pads).DilationPerAxis(w.dilation[:]...).
		InputDilationPerAxis(w.stride[:]...)
	if w.groups > 1 {
		c = c.ChannelGroupCount(w.groups)
	}
	return boxOf(c.Done(), cut)
}

// kernelGradient is the gradient with respect to a kernel of dimensions kd: the input x convolved with v, with images
// and channels exchanged.
func kernelGradient(v, x *Node, kd []int, w window) *Node {
	d := x.Shape().Dimensions
	if w.groups > 1 {
		return groupedKernelGradient(v, x, kd, w)
	}
	axes := channelsFirst()
	axes.InputBatch, axes.InputChannels = 1, 0
	axes.KernelInputChannels, axes.KernelOutputChannels = 0, 1
	axes.OutputBatch, axes.OutputChannels = 1, 0
	var pads [][2]int
	used := fullBox(d)
	for a := range 2 {
		hi := (kd[2+a]-1)*w.dilation[a] + (w.out[a]-1)*w.stride[a] + 1 - d[2+a] - w.lo[a]
		used.count[2+a] += min(hi, 0)
		pads = append(pads, [2]int{w.lo[a], max(hi, 0)})
	}
	x = boxOf(x, used)
	if w.dilation != [2]int{1, 1} && w.stride != [2]int{1, 1} {
		v, w.stride = dilated(v, w.stride), [2]int{1, 1}
	}
	c := Convolve(x, v).AxesConfig(axes).PaddingPerDim(pads).StridePerAxis(w.dilation[:]...)
	if w.stride != [2]int{1, 1} {
		c = c.DilationPerAxis(w.stride[:]...)
	}
	return c.Done()
}

// groupedKernelGradient is a product of v with each shifted part of the padded input: h·w products, whatever the
// number of groups.
func groupedKernelGradient(v, x *Node, kd []int, w window) *Node {
	d := x.Shape().Dimensions
	n, g := d[0], w.groups
	v = Reshape(v, n, g, kd[0]/g, w.out[0]*w.out[1])
	x = zeroPadded(x, []PadAxis{{}, {}, {Start: w.lo[0], End: w.hi[0]}, {Start: w.lo[1], End: w.hi[1]}}, 0)
	var all []*Node
	for i := range kd[2] {
		for j := range kd[3] {
			part := Reshape(shifted(x, i, j, w), n, g, kd[1], w.out[0]*w.out[1])
			all = append(all, DotGeneral(v, []int{0, 3}, []int{1}, part, []int{0, 3}, []int{1})) // [g, O/g, C/g]
		}
	}
	return Reshape(Stack(all, 3), kd...) // [g, O/g, C/g, h·w] in the order of the kernel
}

// shifted are the elements of a padded input that kernel element (i, j) meets: [N, C, H', W'].
func shifted(x *Node, i, j int, w window) *Node {
	d := x.Shape().Dimensions
	return boxOf(
		x,
		box{start: []int{0, 0, i * w.dilation[0], j * w.dilation[1]}, count: []int{d[0], d[1], w.out[0], w.out[1]},
			step: []int{1, 1, w.stride[0], w.stride[1]}},
	)
}

// depthwise is a convolution with one kernel for each channel, as a sum of shifted images: XLA's own on a CPU is ten
// times slower. x [N, C, H, W], k [C, 1, h, w].
func depthwise(x, k *Node, w window) *Node {
	d, kd := x.Shape().Dimensions, k.Shape().Dimensions
	ends := []PadAxis{{}, {}, {Start: w.lo[0], End: w.hi[0]}, {Start: w.lo[1], End: w.hi[1]}}
	zero := ScalarZero(x.Graph(), x.DType())
	wide := Pad(x, zero, ends...)
	each := func(f func(i, j int, k *Node)) {
		for i := range kd[2] {
			for j := range kd[3] {
				f(i, j, Reshape(Slice(k, AxisRange(), AxisRange(), AxisElem(i), AxisElem(j)), 1, -1, 1, 1))
			}
		}
	}
	var y *Node
	each(func(i, j int, k *Node) { y = plus(y, Mul(shifted(wide, i, j, w), k)) })
	y.AssertDims(d[0], d[1], w.out[0], w.out[1])
	return vjp.With(y, []*Node{x, k}, func(v *Node) *Node {
		var sum *Node
		each(func(i, j int, k *Node) { sum = plus(sum, w.unshifted(Mul(v, k), i, j, wide.Shape().Dimensions)) })
		inner := fullBox(d)
		inner.start[2], inner.start[3] = w.lo[0], w.lo[1]
		return boxOf(sum, inner)
	}, func(v *Node) *Node {
		var all []*Node
		each(func(i, j int, _ *Node) { all = append(all, ReduceSum(Mul(v, shifted(wide, i, j, w)), 0, 2, 3)) })
		return Reshape(Stack(all, 1), kd...)
	})
}

// plus returns sum + x; sum may be nil.
func plus(sum, x *Node) *Node {
	if sum == nil {
		return x
	}
	return Add(sum, x)
}

// unshifted puts v [N, C, H', W'] back to where [shifted] took it from, with zeros elsewhere, in the dimensions d.
func (w window) unshifted(v *Node, i, j int, d []int) *Node {
	ends := make([]PadAxis, 4)
	for a, k := range [2]int{i, j} {
		start := k * w.dilation[a]
		ends[2+a] = PadAxis{Start: start, Interior: w.stride[a] - 1, End: d[2+a] - start - (w.out[a]-1)*w.stride[a] - 1}
	}
	return Pad(v, ScalarZero(v.Graph(), v.DType()), ends...)
}

// maxPool is torch.nn.functional.max_pool2d; padding is never the largest.
func maxPool(x *Node, w window) *Node {
	if w.dilation != [2]int{1, 1} {
		return dilatedMaxPool(x, w)
	}
	y := MaxPool(x).ChannelsAxis(timage.ChannelsFirst).WindowPerAxis(w.kernel[:]...).StridePerAxis(w.stride[:]...).
		PaddingPerDim([][2]int{{w.lo[0], w.hi[0]}, {w.lo[1], w.hi[1]}}).Done()
	d := x.Shape().Dimensions
	y.AssertDims(d[0], d[1], w.out[0], w.out[1])
	return y
}

// dilatedMaxPool takes the largest of shifted images, the first of equal ones.
func dilatedMaxPool(x *Node, w window) *Node {
	x = zeroPadded(x, []PadAxis{{}, {}, {Start: w.lo[0], End: w.hi[0]}, {Start: w.lo[1], End: w.hi[1]}}, lowest)
	var y *Node
	for i := range w.kernel[0] {
		for j := range w.kernel[1] {
			part := shifted(x, i, j, w)
			if y == nil {
				y = part
			} else {
				y = Where(GreaterThan(part, y), part, y)
			}
		}
	}
	return y
}

// lowest is below every value of a network.
const lowest = -3.4e38

// averagePool is the sum of each window over its divisor [H', W']. GoMLX v0.28.2's own gradient of a sum over windows
// is wrong for some paddings and strides.
func averagePool(x *Node, w window, by [][]float32) *Node {
	d := x.Shape().Dimensions
	wide := []PadAxis{{}, {}, {Start: w.lo[0], End: w.hi[0]}, {Start: w.lo[1], End: w.hi[1]}}
	divisor := Reshape(Const(x.Graph(), by), 1, 1, w.out[0], w.out[1])
	var y *Node
	padded := Pad(x, ScalarZero(x.Graph(), x.DType()), wide...)
	if w.kernel == w.stride && w.dilation == [2]int{1, 1} {
		y = tiledSum(padded, w)
	} else {
		y = windowSum(padded, w)
	}
	full := padded.Shape().Dimensions
	return vjp.With(Div(y, divisor), []*Node{x}, func(v *Node) *Node {
		v = Div(v, divisor)
		if w.dilation == [2]int{1, 1} {
			v = spreadSum(v, w, full)
		} else {
			var sum *Node
			for i := range w.kernel[0] {
				for j := range w.kernel[1] {
					sum = plus(sum, w.unshifted(v, i, j, full))
				}
			}
			v = sum
		}
		inner := fullBox(d)
		inner.start[2], inner.start[3] = w.lo[0], w.lo[1]
		return boxOf(v, inner)
	})
}

// tiledSum sums windows that do not overlap.
func tiledSum(x *Node, w window) *Node {
	d := x.Shape().Dimensions
	x = boxOf(
		x,
		box{
			start: make([]int, 4),
			count: []int{d[0], d[1], w.out[0] * w.kernel[0], w.out[1] * w.kernel[1]},
			step:  []int{1, 1, 1, 1},
		},
	)
	return ReduceSum(Reshape(x, d[0], d[1], w.out[0], w.kernel[0], w.out[1], w.kernel[1]), 3, 5)
}

// windowSum sums windows that overlap or leave gaps.
func windowSum(x *Node, w window) *Node {
	if w.dilation == [2]int{1, 1} {
		return SumPool(
			x,
		).ChannelsAxis(timage.ChannelsFirst).
			WindowPerAxis(w.kernel[:]...).
			StridePerAxis(w.stride[:]...).
			NoPadding().
			Done()
	}
	var y *Node
	for i := range w.kernel[0] {
		for j := range w.kernel[1] {
			y = plus(y, shifted(x, i, j, w))
		}
	}
	return y
}

// spreadSum gives each element of the padded image, of dimensions d, the sum of v over the windows that hold it.
func spreadSum(v *Node, w window, d []int) *Node {
	ends := make([]PadAxis, 4)
	for a := range 2 {
		used := (w.out[a]-1)*w.stride[a] + 1
		ends[2+a] = PadAxis{Start: w.kernel[a] - 1, Interior: w.stride[a] - 1, End: d[2+a] - used}
	}
	v = Pad(v, ScalarZero(v.Graph(), v.DType()), ends...)
	return SumPool(
		v,
	).ChannelsAxis(timage.ChannelsFirst).
		WindowPerAxis(w.kernel[:]...).
		StridePerAxis(1, 1).
		NoPadding().
		Done()
}

// deconvolve is torch.nn.functional.conv_transpose2d: x [N, O, H', W'], k [O, C/groups, h, w] → an image of
// dimensions d.
func deconvolve(x, k *Node, d []int, w window) *Node {
	pads := [][2]int{{w.lo[0], w.hi[0]}, {w.lo[1], w.hi[1]}}
	for a := range 2 { // the padding after the image with which the convolution gives the size of x
		pads[a][1] = (w.out[a]-1)*w.stride[a] + w.extent(a) - d[2+a] - w.lo[a]
	}
	y := inputGradient(x, k, d, w)
	return vjp.With(y, []*Node{x, k}, func(v *Node) *Node {
		cut := fullBox(d)
		for a := range 2 {
			if pads[a][1] < 0 {
				cut.count[2+a] += pads[a][1]
				pads[a][1] = 0
			}
		}
		return stridedConvolution(boxOf(v, cut), k, w, pads)
	}, func(v *Node) *Node { return kernelGradient(x, v, k.Shape().Dimensions, w) })
}

// interpolated multiplies each axis of x that has a matrix [out, in] by it.
func interpolated(x *Node, matrices [][][]float32) *Node {
	for a, m := range matrices {
		if m == nil {
			continue
		}
		perm, back := []int{}, make([]int, x.Rank())
		for k := range x.Rank() {
			if k != a {
				perm = append(perm, k)
			}
		}
		perm = append(perm, a)
		for i, k := range perm {
			back[k] = i
		}
		y := DotGeneral(x, []int{a}, nil, Const(x.Graph(), m), []int{1}, nil) // the axis comes last
		x = TransposeAllDims(y, back...)
	}
	return x
}
