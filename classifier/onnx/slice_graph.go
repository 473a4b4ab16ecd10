package onnx

import (
	"slices"

	"smoothlab/classifier/vjp"

	. "github.com/gomlx/gomlx/core/graph"
)

// boxOf returns a part of x. Negative steps go backwards from the start.
func boxOf(x *Node, of box) *Node {
	spec := make([]SliceAxisSpec, x.Rank())
	var back []int
	for a := range spec {
		first, last, step := of.start[a], of.start[a]+(of.count[a]-1)*of.step[a], of.step[a]
		if step < 0 {
			first, last, step = last, first, -step
			back = append(back, a)
		}
		spec[a] = AxisRange(first, last+1).Stride(step)
	}
	y := Slice(x, spec...)
	if back != nil {
		y = reversed(y, back...)
	}
	y.AssertDims(of.count...)
	return y
}

// reversed is x backwards along axes; GoMLX v0.28.2 has no gradient of it.
func reversed(x *Node, axes ...int) *Node {
	return vjp.With(Reverse(x, axes...), []*Node{x}, func(v *Node) *Node { return Reverse(v, axes...) })
}

// taken returns the elements of x with the given indices along an axis, in the shape to. It concatenates slices if the
// indices are a few runs of neighbours; otherwise it is a Gather, whose gradient is slow on a CPU.
func taken(x *Node, along int, list, to []int) *Node {
	var parts []*Node
	for i := 0; i < len(list); {
		j := i + 1
		for j < len(list) && list[j] == list[j-1]+1 {
			j++
		}
		parts = append(parts, SliceAxis(x, along, AxisRange(list[i], list[j-1]+1)))
		if len(parts) > 16 {
			return gathers(x, along, list, to)
		}
		i = j
	}
	y := parts[0]
	if len(parts) > 1 {
		y = Concatenate(parts, along)
	}
	return Reshape(y, to...)
}

func gathers(x *Node, along int, list, to []int) *Node {
	perm := []int{along}
	for a := range x.Rank() {
		if a != along {
			perm = append(perm, a)
		}
	}
	index := make([]int32, len(list))
	for i, k := range list {
		index[i] = int32(k)
	}
	y := Gather(TransposeAllDims(x, perm...), InsertAxes(Const(x.Graph(), index), -1)) // [indices, the other axes]
	back := make([]int, x.Rank())
	for i, a := range perm {
		back[a] = i
	}
	return Reshape(TransposeAllDims(y, back...), to...)
}

// padded adds elements before and after x along each axis, or removes some.
func padded(x *Node, lo, hi []int, fill float64, mode string) *Node {
	if mode != "constant" {
		return paddedBy(x, lo, hi, mode)
	}
	d := x.Shape().Dimensions
	cut := fullBox(d)
	ends := make([]PadAxis, len(d))
	for a := range d {
		cut.start[a] = max(0, -lo[a])
		cut.count[a] = d[a] - max(0, -lo[a]) - max(0, -hi[a])
		ends[a] = PadAxis{Start: max(0, lo[a]), End: max(0, hi[a])}
	}
	if !slices.Equal(cut.count, d) {
		x = boxOf(x, cut)
	}
	return zeroPadded(x, ends, fill)
}

// zeroPadded is Pad with a gradient; GoMLX v0.28.2 has none.
func zeroPadded(x *Node, ends []PadAxis, fill float64) *Node {
	d := x.Shape().Dimensions
	y := Pad(x, Scalar(x.Graph(), x.DType(), fill), ends...)
	return vjp.With(y, []*Node{x}, func(v *Node) *Node {
		inner := fullBox(d)
		for a := range d {
			inner.start[a] = ends[a].Start
		}
		return boxOf(v, inner)
	})
}

// paddedBy repeats the edge, reflects at it, or wraps around, axis by axis.
func paddedBy(x *Node, lo, hi []int, mode string) *Node {
	for a := range lo {
		n := x.Shape().Dimensions[a]
		var list []int
		for i := -lo[a]; i < n+hi[a]; i++ {
			k := i
			switch {
			case mode == "wrap":
				k = (i + n) % n
			case mode == "edge":
				k = max(0, min(i, n-1))
			case i < 0:
				k = -i
			case i >= n:
				k = 2*(n-1) - i
			}
			list = append(list, k)
		}
		to := slices.Clone(x.Shape().Dimensions)
		to[a] = len(list)
		if lo[a] != 0 || hi[a] != 0 {
			x = taken(x, a, list, to)
		}
	}
	return x
}
