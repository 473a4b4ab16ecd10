package onnx

import (
	"errors"
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"
)

// resize plans Resize of images. Along each axis it is a product with a constant matrix [out, in].
func resize(c *call) ([]*value, error) {
	if _, _, err := c.images(); err != nil {
		return nil, err
	}
	if c.node.int("antialias", 0) != 0 || c.node.int("exclude_outside", 0) != 0 ||
		c.node.string("keep_aspect_ratio_policy", "stretch") != "stretch" {
		return nil, errors.New("with antialias, exclude_outside or an aspect ratio that is kept is not supported")
	}
	x := c.in[0]
	to, scales, err := c.resized()
	if err != nil {
		return nil, err
	}
	v := &value{dims: to, kind: float32s, place: x.place}
	matrices := make([][][]float32, 4)
	for a, d := range x.dims {
		if to[a] == d && scales[a] == 1 {
			continue
		}
		if a < 2 {
			return nil, fmt.Errorf("of axis %d is not supported", a)
		}
		if to[a] < 1 || to[a] > maxList {
			return nil, fmt.Errorf("to %d elements is impossible", to[a])
		}
		if err := c.reserve([]int{to[a], d}); err != nil {
			return nil, err
		}
		if matrices[a], err = c.node.interpolation(d, to[a], scales[a]); err != nil {
			return nil, err
		}
	}
	v.build = func(b *builder) *graph.Node { return interpolated(b.node(x), matrices) }
	return []*value{v}, nil
}

// resized returns the shape of Resize's result, and the factor by which each axis grows.
func (c *call) resized() (to []int, scales []float64, err error) {
	x := c.in[0]
	to, scales = make([]int, x.rank()), make([]float64, x.rank())
	switch {
	case c.has(3):
		sizes, err := c.ints(3)
		if err != nil {
			return nil, nil, err
		}
		if len(sizes) != x.rank() {
			return nil, nil, fmt.Errorf("%d sizes for %d axes", len(sizes), x.rank())
		}
		for a, d := range sizes {
			to[a], scales[a] = d, float64(d)/float64(x.dims[a])
		}
		if to[0] != x.dims[0] {
			return nil, nil, &mixesError{"it resizes the batch"}
		}
	case c.has(2):
		s, err := c.array(2)
		if err != nil {
			return nil, nil, err
		}
		if len(s.v) != x.rank() {
			return nil, nil, fmt.Errorf("%d scales for %d axes", len(s.v), x.rank())
		}
		for a, f := range s.v {
			if !(f > 0 && f < maxList) {
				return nil, nil, fmt.Errorf("by %v is impossible", f)
			}
			to[a], scales[a] = int(math.Floor(float64(x.dims[a])*f)), f
		}
	default:
		return nil, nil, errors.New("it states neither sizes nor scales")
	}
	return to, scales, nil
}

// interpolation returns the matrix [out, in] that resizes an axis.
func (n *node) interpolation(in, out int, scale float64) ([][]float32, error) {
	m := make([][]float32, out)
	for i := range m {
		m[i] = make([]float32, in)
		at, err := n.coordinate(float64(i), float64(in), float64(out), scale)
		if err != nil {
			return nil, err
		}
		if err := n.weigh(m[i], at); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// coordinate returns the position in the input of element i of the output.
func (n *node) coordinate(i, in, out, scale float64) (float64, error) {
	switch mode := n.string("coordinate_transformation_mode", "half_pixel"); mode {
	case "half_pixel":
		return (i+0.5)/scale - 0.5, nil
	case "pytorch_half_pixel":
		if out == 1 {
			return 0, nil
		}
		return (i+0.5)/scale - 0.5, nil
	case "asymmetric":
		return i / scale, nil
	case "align_corners":
		if out == 1 {
			return 0, nil
		}
		return i * (in - 1) / (out - 1), nil
	default:
		return 0, fmt.Errorf("with the coordinates %s is not supported", mode)
	}
}

// weigh sets row to the weights of the input's elements at a coordinate.
func (n *node) weigh(row []float32, at float64) error {
	add := func(k int, w float64) { row[max(0, min(k, len(row)-1))] += float32(w) }
	low := math.Floor(at)
	t := at - low
	switch mode := n.string("mode", "nearest"); mode {
	case "nearest":
		k, err := n.nearest(at)
		if err != nil {
			return err
		}
		add(k, 1)
	case "linear":
		add(int(low), 1-t)
		add(int(low)+1, t)
	case "cubic":
		a := n.float("cubic_coeff_a", -0.75)
		near := func(t float64) float64 { return ((a+2)*t-(a+3))*t*t + 1 }
		far := func(t float64) float64 { return ((a*t-5*a)*t+8*a)*t - 4*a }
		add(int(low)-1, far(t+1))
		add(int(low), near(t))
		add(int(low)+1, near(1-t))
		add(int(low)+2, far(2-t))
	default:
		return fmt.Errorf("by %s is not supported", mode)
	}
	return nil
}

// nearest returns the element of the input that is nearest to a coordinate.
func (n *node) nearest(at float64) (int, error) {
	switch mode := n.string("nearest_mode", "round_prefer_floor"); mode {
	case "floor":
		return int(math.Floor(at)), nil
	case "ceil":
		return int(math.Ceil(at)), nil
	case "round_prefer_floor":
		return int(math.Ceil(at - 0.5)), nil
	case "round_prefer_ceil":
		return int(math.Floor(at + 0.5)), nil
	default:
		return 0, fmt.Errorf("with the nearest element by %s is not supported", mode)
	}
}

// planConvTranspose plans ConvTranspose, which is the gradient of a convolution with respect to its input.
func planConvTranspose(c *call) ([]*value, error) {
	size, at, err := c.images()
	if err == nil {
		err = c.floats(3)
	}
	if err != nil {
		return nil, err
	}
	x, k := c.in[0], c.in[1]
	if k.rank() != 4 || k.place.known() || k.dims[0] != x.dims[1] {
		return nil, fmt.Errorf("a kernel of shape %v does not fit images of shape %v", k.dims, x.dims)
	}
	more, pads := c.node.ints("output_padding", 0, 0), c.node.ints("pads", 0, 0, 0, 0)
	if auto := c.node.string("auto_pad", "NOTSET"); auto != "NOTSET" && auto != "" || len(more) != 2 || len(pads) != 4 {
		return nil, errors.New("with automatic padding is not supported")
	}
	// That convolution maps the result of ConvTranspose to its input. Its window is read for a size that is large
	// enough.
	w, err := c.node.window([2]int{maxList, maxList}, k.dims[2:])
	if err != nil {
		return nil, err
	}
	groups := w.groups
	if groups < 1 || k.dims[0]%groups != 0 || w.kernel != [2]int{k.dims[2], k.dims[3]} {
		return nil, fmt.Errorf("a kernel of shape %v in %d groups is impossible", k.dims, groups)
	}
	to := []int{x.dims[0], k.dims[1] * groups, 0, 0}
	for a := range 2 {
		w.out[a] = size[a]
		to[2+a] = (size[a]-1)*w.stride[a] + w.extent(a) - w.lo[a] - w.hi[a] + more[a]
		if more[a] < 0 || more[a] >= max(w.stride[a], w.dilation[a]) || to[2+a] < 1 {
			return nil, fmt.Errorf("with the padding %v and %v is impossible", pads, more)
		}
	}
	if c.has(2) && (c.in[2].rank() != 1 || c.in[2].dims[0] != to[1] || c.in[2].place.known()) {
		return nil, fmt.Errorf("a bias of shape %v for %d channels", c.in[2].dims, to[1])
	}
	c.multiply(x.dims, k.dims[1]*w.kernel[0]*w.kernel[1])
	return []*value{{dims: to, kind: float32s, place: at, build: func(b *builder) *graph.Node {
		y := deconvolve(b.node(x), b.node(k), to, w)
		if c.has(2) {
			y = addChannels(y, b.node(c.in[2]))
		}
		return y
	}}}, nil
}
