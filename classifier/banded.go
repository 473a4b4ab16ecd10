package classifier

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
)

// convPool is relu(maxpool2(conv(x, w) + b)), convolution without padding and stride 1, pooling 2×2 with stride 2:
// x [N, H, W, C], w [O, C, K, K] (PyTorch's layout), b [O] → [N, (H−K+1)/2, (W−K+1)/2, O].
//
// It is one matrix product whose result needs no rearrangement before the pooling: a strip of K+1 rows and 2p+K−1
// columns of the input is multiplied by a band matrix that holds the kernel once for each of the strip's 2×2p outputs,
// sorted so that the four of a pooling window stand in four long runs. That multiplies by many zeros and is still the
// fastest form on XLA's CPU backend, with gradients and without (docs/design.md §6). p is the number of pooled columns
// of a strip; it divides the output's width.
func convPool(x, w, b *Node, p int) *Node {
	d, o, k := x.Shape().Dimensions, w.Shape().Dimensions[0], w.Shape().Dimensions[2]
	n, outH, outW, tall, wide := d[0], (d[1]-k+1)/2, (d[2]-k+1)/2, k+1, 2*p+k-1
	if outW%p != 0 || (d[1]-k+1)%2 != 0 || (d[2]-k+1)%2 != 0 {
		panic(fmt.Errorf("convPool: %d columns a strip do not divide the output of %v under %v", p, x.Shape(), w.Shape()))
	}
	patches := strips(x, outH, outW/p, tall, wide, 2*p)
	y := DotGeneral(patches, []int{1}, nil, bandMatrix(w, tall, wide, p), []int{0}, nil)
	y = Reshape(maxOfFour(Reshape(y, n*outH*(outW/p), 4, p*o)), n, outH, outW, o)
	return relu(Add(y, Reshape(b, 1, 1, 1, o))) // the bias is one for a whole window, so it may come after the maximum
}

// strips cuts x [N, H, W, C] into overlapping strips of tall rows and wide columns, at steps of 2 rows and step
// columns: [N·down·across, tall·wide·C].
func strips(x *Node, down, across, tall, wide, step int) *Node {
	d := x.Shape().Dimensions
	n, c := d[0], d[3]
	var blocks []*Node
	for s := range across {
		columns := Slice(x, AxisRange(), AxisRange(), AxisRange(s*step, s*step+wide))
		var rows []*Node
		for r := range tall {
			rows = append(rows, Slice(columns, AxisRange(), AxisRange(r, r+2*down-1).Stride(2)))
		}
		blocks = append(blocks, Reshape(Concatenate(rows, 2), n, down, 1, tall*wide*c))
	}
	return Reshape(Concatenate(blocks, 2), n*down*across, tall*wide*c)
}

// bandMatrix is [tall·wide·C, 2·2·p·O]: entry (r, j, ci; dy, dx, q, o) is w[o, ci, r−dy, j−2q−dx], or 0 outside the kernel.
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

// shifts is the constant [k, length, 2, p] with a one where position = i + 2q + d for kernel index i, offset d and pooled
// output q.
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

// maxOfFour is the maximum over axis 1, x [M, 4, L] → [M, L]; the gradient goes to the first of equal elements, as in
// PyTorch's max pooling, when they stand in the window's row order.
func maxOfFour(x *Node) *Node {
	at := func(i int) *Node { return Squeeze(Slice(x, AxisRange(), AxisElem(i)), 1) }
	return first(first(at(0), at(1)), first(at(2), at(3)))
}

// first is the larger of a and b, and a where they are equal: value and gradient.
func first(a, b *Node) *Node { return Where(GreaterThan(b, a), b, a) }
