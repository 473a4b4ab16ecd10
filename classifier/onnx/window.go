package onnx

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
)

// window is how a convolution or pooling moves over the two axes of images.
type window struct {
	kernel, stride, dilation [2]int
	lo, hi                   [2]int // padding before and after
	extra                    [2]int // the part of hi that ceil_mode adds
	out                      [2]int // positions
	groups                   int
}

// extent returns the number of elements that the kernel spans along an axis.
func (w window) extent(a int) int { return (w.kernel[a]-1)*w.dilation[a] + 1 }

// window reads the attributes of Conv and the poolings for images of the given height and width.
func (n *node) window(size [2]int, kernel []int) (window, error) {
	w := window{groups: n.int("group", 1)}
	kernel = n.ints("kernel_shape", kernel...)
	stride, dilation := n.ints("strides", 1, 1), n.ints("dilations", 1, 1)
	pads := n.ints("pads", 0, 0, 0, 0)
	if len(kernel) != 2 || len(stride) != 2 || len(dilation) != 2 || len(pads) != 4 {
		return w, fmt.Errorf("only windows over the two axes of images are supported")
	}
	auto := n.string("auto_pad", "NOTSET")
	for a := range 2 {
		w.kernel[a], w.stride[a], w.dilation[a] = kernel[a], stride[a], dilation[a]
		w.lo[a], w.hi[a] = pads[a], pads[a+2]
		for _, v := range []int{kernel[a], stride[a], dilation[a]} {
			if v < 1 || v > maxList {
				return w, fmt.Errorf(
					"a window of kernel %v, strides %v and dilations %v is impossible",
					kernel,
					stride,
					dilation,
				)
			}
		}
		if min(w.lo[a], w.hi[a]) < 0 || max(w.lo[a], w.hi[a]) > maxList {
			return w, fmt.Errorf("the padding %v is not supported", pads)
		}
		if err := w.place(a, size[a], auto, n.int("ceil_mode", 0) != 0); err != nil {
			return w, err
		}
	}
	return w, nil
}

// place works out padding and positions along an axis of size elements.
func (w *window) place(a, size int, auto string, ceil bool) error {
	switch auto {
	case "NOTSET", "":
	case "VALID":
		w.lo[a], w.hi[a] = 0, 0
	case "SAME_UPPER", "SAME_LOWER":
		out := (size + w.stride[a] - 1) / w.stride[a]
		all := max(0, (out-1)*w.stride[a]+w.extent(a)-size)
		w.lo[a], w.hi[a] = all/2, all-all/2
		if auto == "SAME_LOWER" {
			w.lo[a], w.hi[a] = w.hi[a], w.lo[a]
		}
	default:
		return fmt.Errorf("auto_pad=%s is not supported", auto)
	}
	room := size + w.lo[a] + w.hi[a] - w.extent(a)
	if room < 0 {
		return fmt.Errorf("a window of %d elements does not fit into %d", w.extent(a), size+w.lo[a]+w.hi[a])
	}
	w.out[a] = room/w.stride[a] + 1
	if ceil && room%w.stride[a] != 0 &&
		w.out[a]*w.stride[a] < size+w.lo[a] { // the last window must not begin after the image
		w.extra[a] = w.stride[a] - room%w.stride[a]
		w.hi[a] += w.extra[a]
		w.out[a]++
	}
	return nil
}

// images checks that the first input is images [N, C, H, W], with the batch along the first axis, and returns height
// and width.
func (c *call) images() (size [2]int, at place, err error) {
	x, err := c.float(0)
	if err != nil {
		return size, nowhere, err
	}
	if x.rank() != 4 {
		return size, nowhere, fmt.Errorf("on a value of %d axes is not supported, only on images", x.rank())
	}
	at, err = c.placed(x.place.keep(1, 2, 3))
	return [2]int{x.dims[2], x.dims[3]}, at, err
}

// planConv plans Conv.
func planConv(c *call) ([]*value, error) {
	size, at, err := c.images()
	if err == nil {
		err = c.floats(3)
	}
	if err != nil {
		return nil, err
	}
	x, k := c.in[0], c.in[1]
	if k.rank() != 4 || k.place.known() {
		return nil, fmt.Errorf("its kernel of shape %v is not a weight for images", k.dims)
	}
	w, err := c.node.window(size, k.dims[2:])
	if err != nil {
		return nil, err
	}
	out := k.dims[0]
	if w.groups < 1 || k.dims[1]*w.groups != x.dims[1] || out%w.groups != 0 || k.dims[2] != w.kernel[0] ||
		k.dims[3] != w.kernel[1] {
		return nil, fmt.Errorf(
			"a kernel of shape %v in %d groups does not fit images of shape %v",
			k.dims,
			w.groups,
			x.dims,
		)
	}
	if c.has(2) && (c.in[2].rank() != 1 || c.in[2].dims[0] != out || c.in[2].place.known()) {
		return nil, fmt.Errorf("a bias of shape %v for %d channels", c.in[2].dims, out)
	}
	v := &value{dims: []int{x.dims[0], out, w.out[0], w.out[1]}, kind: float32s, place: at}
	c.multiply(v.dims, k.dims[1]*w.kernel[0]*w.kernel[1])
	bias := c.has(2) && !(c.in[2].uniform && c.in[2].host != nil && c.in[2].host.v[0] == 0) // exporters add zeros
	v.build = func(b *builder) *graph.Node {
		y := convolve(b.node(x), b.node(k), w)
		if bias {
			y = addChannels(y, b.node(c.in[2]))
		}
		return y
	}
	return []*value{v}, nil
}

// multiply counts multiply-adds: the given number for each element of the result.
func (c *call) multiply(dims []int, each int) {
	if checkDims(dims) == nil && each < maxElements {
		c.macs += min(product(dims)*min(each, 1<<20), 1<<60-c.macs) // far below an overflow, for any network
	}
}

// pooling plans MaxPool and AveragePool.
func pooling(largest bool) func(c *call) ([]*value, error) {
	return func(c *call) ([]*value, error) {
		size, at, err := c.images()
		if err != nil {
			return nil, err
		}
		w, err := c.node.window(size, nil)
		if err != nil {
			return nil, err
		}
		if len(c.node.out) > 1 && c.node.out[1] != "" {
			return nil, fmt.Errorf("with indices of the maxima is not supported")
		}
		x := c.in[0]
		v := &value{dims: []int{x.dims[0], x.dims[1], w.out[0], w.out[1]}, kind: float32s, place: at}
		counted := c.node.int("count_include_pad", 0) != 0
		v.build = func(b *builder) *graph.Node {
			if largest {
				return maxPool(b.node(x), w)
			}
			return averagePool(b.node(x), w, divisors(size, w, counted))
		}
		return []*value{v}, nil
	}
}

// divisors returns the number by which the sum at each position is divided in an average: the elements of the window
// that are inside the image, or inside the image and its padding. Elements that ceil_mode adds never count.
func divisors(size [2]int, w window, counted bool) [][]float32 {
	along := func(a int) []int {
		from, to := 0, size[a]
		if counted {
			from, to = -w.lo[a], size[a]+w.hi[a]-w.extra[a]
		}
		n := make([]int, w.out[a])
		for i := range n {
			for k := range w.kernel[a] {
				if at := i*w.stride[a] - w.lo[a] + k*w.dilation[a]; at >= from && at < to {
					n[i]++
				}
			}
		}
		return n
	}
	rows, columns := along(0), along(1)
	d := make([][]float32, len(rows))
	for i, r := range rows {
		for _, k := range columns {
			d[i] = append(d[i], float32(max(1, r*k)))
		}
	}
	return d
}

// globalPool plans GlobalAveragePool and GlobalMaxPool.
func globalPool(reduce func(x *graph.Node, axes ...int) *graph.Node) func(c *call) ([]*value, error) {
	return func(c *call) ([]*value, error) {
		x, err := c.float(0)
		if err != nil {
			return nil, err
		}
		if x.rank() < 3 {
			return nil, fmt.Errorf("on a value of %d axes is impossible", x.rank())
		}
		var list []int
		for a := 2; a < x.rank(); a++ {
			list = append(list, a)
		}
		return c.reduced(list, true, reduce)
	}
}
