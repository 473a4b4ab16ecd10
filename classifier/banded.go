package classifier

import (
	"fmt"
	"slices"

	"smoothlab/classifier/vjp"

	. "github.com/gomlx/gomlx/core/graph"
	timage "github.com/gomlx/gomlx/core/tensors/images"
)

// convPool returns relu(maxpool2(conv(x, w) + b)), with a convolution without padding and with stride 1, and pooling
// 2×2 with stride 2: x [N, H, W, C], w [O, C, K, K] (PyTorch's layout), b [O] → [N, (H−K+1)/2, (W−K+1)/2, O].
//
// For logits alone, [forwardPool] is faster; this form is for gradients.
//
// It is one matrix product whose result needs no rearrangement before the pooling: a strip of K+1 rows and 2p+K−1
// columns of the input is multiplied by a band matrix that holds the kernel once for each of the strip's 2×2p outputs,
// sorted so that the four of a pooling window are in four long runs. That multiplies by many zeros and is still the
// fastest form with gradients on XLA's CPU backend (docs/decisions/017-lenet-as-banded-products.md). p is the number of
// pooled columns of a strip; it divides the output's width. If x consists of m noisy copies of each image of z,
// noise-major, the gradients of the copies are added up before they are passed back through the product to z, so that
// this product is over N/m images.
func convPool(x, z, w, b *Node, p int, pass Pass) *Node {
	d, o, k := x.Shape().Dimensions, w.Shape().Dimensions[0], w.Shape().Dimensions[2]
	n, outH, outW := d[0], (d[1]-k+1)/2, (d[2]-k+1)/2
	if pass == Forward {
		return forwardPool(x, w, b)
	}
	cut := strips{down: outH, across: outW / p, tall: k + 1, wide: 2*p + k - 1, step: 2 * p}
	if outW%p != 0 || (d[1]-k+1)%2 != 0 || (d[2]-k+1)%2 != 0 {
		panic(
			fmt.Errorf("convPool: %d columns a strip do not divide the output of %v under %v", p, x.Shape(), w.Shape()),
		)
	}
	band := bandMatrix(w, cut.tall, cut.wide, p)
	patches := cut.of(x, pass)
	y := DotGeneral(patches, []int{1}, nil, band, []int{0}, nil)
	if z != nil {
		z.AssertDims(-1, d[1], d[2], d[3])
		y = cut.short(y, z, patches, band)
	}
	y = poolRelu(Reshape(y, n*outH*(outW/p), 4, p*o), Concatenate(slices.Repeat([]*Node{b}, p), 0))
	return Reshape(y, n, outH, outW, o)
}

// forwardPool computes [convPool] by XLA's convolution, the fastest form without gradients. The pooling is the maximum
// of four slices, with bias and ReLU after it, on a quarter of the elements. It is for logits only: with a kernel of
// even size the gradient of GoMLX v0.28.2 is wrong.
func forwardPool(x, w, b *Node) *Node {
	y := Convolve(x, TransposeAllDims(w, 2, 3, 1, 0)).ChannelsAxis(timage.ChannelsLast).NoPadding().Done()
	at := func(i, j int) *Node {
		return Slice(y, AxisRange(), AxisRange(i).Stride(2), AxisRange(j).Stride(2), AxisRange())
	}
	y = Max(Max(at(0, 0), at(0, 1)), Max(at(1, 0), at(1, 1)))
	return relu(Add(y, Reshape(b, 1, 1, 1, -1)))
}

// strips are overlapping pieces of images: down·across of tall rows and wide columns, at steps of 2 rows and step
// columns.
type strips struct{ down, across, tall, wide, step int }

// of cuts x [N, H, W, C] into strips: [N·down·across, tall·wide·C].
func (s strips) of(x *Node, pass Pass) *Node {
	d := x.Shape().Dimensions
	n, c := d[0], d[3]
	var blocks []*Node
	for i := range s.across {
		columns := Slice(x, AxisRange(), AxisRange(), AxisRange(i*s.step, i*s.step+s.wide))
		var rows []*Node
		for r := range s.tall {
			rows = append(rows, Slice(columns, AxisRange(), AxisRange(r, r+2*s.down-1).Stride(2)))
		}
		blocks = append(blocks, Reshape(Concatenate(rows, 2), n, s.down, 1, s.tall*s.wide*c))
	}
	y := Reshape(Concatenate(blocks, 2), n*s.down*s.across, s.tall*s.wide*c)
	return vjp.With(y, []*Node{x}, func(v *Node) *Node { return s.add(v, x.Shape().Dimensions, pass) })
}

// short returns y, the product of strips and a band matrix, with the gradient with respect to z, where the strips are
// cut from noisy copies of z.
func (s strips) short(y, z, patches, band *Node) *Node {
	d := z.Shape().Dimensions
	return vjp.With(y, []*Node{z, band}, func(v *Node) *Node {
		v = ReduceSum(Reshape(v, -1, d[0]*s.down*s.across, v.Shape().Dimensions[1]), 0)
		return s.add(DotGeneral(v, []int{1}, nil, band, []int{1}, nil), d, Forward)
	}, func(v *Node) *Node {
		return DotGeneral(patches, []int{0}, nil, v, []int{0}, nil)
	})
}

// add is the gradient of [strips.of]: it adds up strips v, where they overlap, to images of the dimensions d. Rows are
// taken in pairs and columns in steps, so that there are few shifts, each an addition of whole arrays; GoMLX's own
// gradient has an addition for each row and block of columns. In an attack the last one is an update in place: without
// it XLA would fuse all of them into each of the four places where the pooling's gradient wants the sum, which in
// training is wanted as a whole, for the bias.
func (s strips) add(v *Node, d []int, pass Pass) *Node {
	n, c := d[0], d[3]
	zero, none := ScalarZero(v.Graph(), v.DType()), PadAxis{}
	tall, wide := (s.tall+1)/2, (s.wide+s.step-1)/s.step // in pairs and in steps, the last one filled up
	v = Reshape(v, n, s.down, s.across, s.tall, s.wide, c)
	v = Pad(v, zero, none, none, none, PadAxis{End: 2*tall - s.tall}, PadAxis{End: s.step*wide - s.wide})
	v = Reshape(v, n, s.down, s.across, tall, 2, wide, s.step*c)
	var sum *Node // [n, down+tall-1, across+wide-1, 2, step·c]
	for i := range tall {
		for j := range wide {
			part := Slice(v, AxisRange(), AxisRange(), AxisRange(), AxisElem(i), AxisRange(), AxisElem(j))
			part = Reshape(part, n, s.down, s.across, 2, s.step*c)
			if last := i == tall-1 && j == wide-1; last && sum != nil && pass == Attack {
				part = Add(part, Slice(sum, AxisRange(), AxisRange(i, i+s.down), AxisRange(j, j+s.across)))
				at := func(k int) *Node { return Const(v.Graph(), int32(k)) }
				sum = DynamicUpdateSlice(sum, part, []*Node{at(0), at(i), at(j), at(0), at(0)})
				break
			}
			part = Pad(part, zero, none, PadAxis{Start: i, End: tall - 1 - i}, PadAxis{Start: j, End: wide - 1 - j})
			if sum == nil {
				sum = part
			} else {
				sum = Add(sum, part)
			}
		}
	}
	sum = TransposeAllDims(sum, 0, 1, 3, 2, 4)
	sum = Reshape(sum, n, 2*(s.down+tall-1), s.step*(s.across+wide-1), c)
	return Slice(sum, AxisRange(), AxisRange(0, d[1]), AxisRange(0, d[2]))
}

// bandMatrix returns [tall·wide·C, 2·2·p·O]: entry (r, j, ci; dy, dx, q, o) is w[o, ci, r−dy, j−2q−dx], or 0 outside
// the kernel.
func bandMatrix(w *Node, tall, wide, p int) *Node {
	d := w.Shape().Dimensions
	o, c, k := d[0], d[1], d[2]
	rows := shifts(k, tall, 1) // [K, tall, 2, 1]
	columns := shifts(k, wide, p)
	band := DotGeneral(w, []int{3}, nil, Const(w.Graph(), columns), []int{0}, nil) // [O, C, ky, wide, dx, q]
	band = DotGeneral(band, []int{2}, nil, Const(w.Graph(), rows), []int{0}, nil)  // [O, C, wide, dx, q, tall, dy, 1]
	band = TransposeAllDims(band, 5, 2, 1, 6, 7, 3, 4, 0)                          // [tall, wide, C, dy, 1, dx, q, O]
	return Reshape(band, tall*wide*c, 4*p*o)
}

// shifts returns the constant [k, length, 2, p] that is 1 where position = i + 2q + d for kernel index i, offset d and
// pooled output q.
func shifts(k, length, p int) [][][][]float32 {
	f := make([][][][]float32, k)
	for i := range f {
		f[i] = make([][][]float32, length)
		for at := range f[i] {
			f[i][at] = [][]float32{make([]float32, p), make([]float32, p)}
			for d := range 2 {
				for q := range p {
					if at == i+2*q+d {
						f[i][at][d][q] = 1
					}
				}
			}
		}
	}
	return f
}

// poolRelu returns relu(max + b) over axis 1: y [M, 4, L], b [L] → [M, L]. The gradient goes to the first of equal
// elements, as in PyTorch's max pooling, when they are in the window's row order, and is 0 where the result is. The
// bias is one for a whole window, so it may come after the maximum; it gets its gradient by a matrix product, which XLA
// adds up faster than a sum.
func poolRelu(y, b *Node) *Node {
	at := func(i int) *Node { return Squeeze(Slice(y, AxisRange(), AxisElem(i)), 1) }
	upper, lower := Max(at(0), at(1)), Max(at(2), at(3))
	h := Max(Add(Max(upper, lower), Reshape(b, 1, -1)), ScalarZero(y.Graph(), y.DType()))
	active := func(v *Node) *Node { return Where(GreaterThan(h, ZerosLike(h)), v, ZerosLike(v)) }
	return vjp.With(h, []*Node{y, b}, func(v *Node) *Node {
		v = active(v)
		none, down := ZerosLike(v), GreaterThan(lower, upper)
		second, fourth := GreaterThan(at(1), at(0)), GreaterThan(at(3), at(2))
		return Stack([]*Node{
			Where(LogicalOr(down, second), none, v), Where(LogicalAnd(LogicalNot(down), second), v, none),
			Where(LogicalAnd(down, LogicalNot(fourth)), v, none), Where(LogicalAnd(down, fourth), v, none),
		}, 1)
	}, func(v *Node) *Node {
		ones := OnesLike(Slice(v, AxisRange(), AxisRange(0, 1)))
		return Reshape(DotGeneral(ones, []int{0}, nil, active(v), []int{0}, nil), -1)
	})
}
