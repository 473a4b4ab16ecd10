package classifier

import (
	"fmt"

	"smoothlab/classifier/onnx"
	"smoothlab/internal/humanize"

	. "github.com/gomlx/gomlx/core/graph"
)

// resNet is a residual network as data (He et al. 2016): a first convolution, residual blocks, the mean over all
// positions and a linear layer. Parameters, logits and multiply-adds are derived from it.
type resNet struct {
	input   Shape
	classes int
	scaling *Scaling
	stem    convNorm
	pool    bool // 3×3 maximum with stride 2 after the stem
	blocks  []residual
}

// residual is a block: rectified(layers(x) + shortcut(x)), rectified between the layers too.
type residual struct {
	layers   []convNorm
	shortcut *convNorm // nil for the identity
}

// convNorm is a k×k convolution without bias, padded by ⌊k/2⌋, followed by a batch norm; conv and norm are PyTorch's
// names.
type convNorm struct {
	conv, norm         string
	in, out, k, stride int
}

func (c convNorm) params() []Param {
	weight := Param{Name: c.conv + ".weight", Dims: []int{c.out, c.in, c.k, c.k}, Init: fanOut(c.k, c.out)}
	return append([]Param{weight}, batchNormParams(c.norm, c.out)...)
}

// apply computes x [N, H, W, in] → [N, ⌈H/stride⌉, ⌈W/stride⌉, out].
func (c convNorm) apply(w Weights, x *Node, pass Pass) *Node {
	kernel := TransposeAllDims(w[c.conv+".weight"], 2, 3, 1, 0) // [k, k, in, out]
	p := [2]int{c.k / 2, c.k / 2}
	y := Convolve(x, kernel).Strides(c.stride).PaddingPerDim([][2]int{p, p}).Done()
	d := x.Shape().Dimensions
	y.AssertDims(d[0], strided(d[1], c.stride), strided(d[2], c.stride), c.out)
	return batchNorm(w, c.norm, y, pass)
}

// strided returns the number of positions of n that a stride keeps.
func strided(n, stride int) int { return (n + stride - 1) / stride }

// logits computes the network after its normalization: x [N, H, W, C] → [N, classes].
func (r *resNet) logits(w Weights, x *Node, pass Pass) *Node {
	n := x.Shape().Dimensions[0]
	x.AssertDims(n, r.input.Height, r.input.Width, r.input.Channels)
	h := relu(r.stem.apply(w, x, pass))
	if r.pool {
		h = MaxPool(h).Window(3).Strides(2).PaddingPerDim([][2]int{{1, 1}, {1, 1}}).Done()
	}
	for _, b := range r.blocks {
		h = b.apply(w, h, pass)
	}
	h = linear(ReduceMean(h, 1, 2), w["fc.weight"], w["fc.bias"])
	h.AssertDims(n, r.classes)
	return h
}

func (b residual) apply(w Weights, x *Node, pass Pass) *Node {
	h := x
	for i, layer := range b.layers {
		if i > 0 {
			h = relu(h)
		}
		h = layer.apply(w, h, pass)
	}
	if b.shortcut != nil {
		x = b.shortcut.apply(w, x, pass)
	}
	return relu(Add(h, x))
}

// inONNX adds the network after its normalization to an ONNX file.
func (r *resNet) inONNX(f *onnx.File, x string) string {
	h := f.Relu(r.stem.inONNX(f, x))
	if r.pool {
		h = f.MaxPool(h, 3, 2, 1)
	}
	for _, b := range r.blocks {
		x, y := h, h
		for i, layer := range b.layers {
			if i > 0 {
				y = f.Relu(y)
			}
			y = layer.inONNX(f, y)
		}
		if b.shortcut != nil {
			x = b.shortcut.inONNX(f, x)
		}
		h = f.Relu(f.Add(y, x))
	}
	return f.Linear(f.MeanOfPositions(h), "fc.weight", "fc.bias")
}

func (c convNorm) inONNX(f *onnx.File, x string) string {
	return f.BatchNorm(f.Conv(x, c.conv+".weight", "", c.stride, c.k/2), c.norm, normEpsilon)
}

// features returns the number of channels before the linear layer.
func (r *resNet) features() int {
	layers := r.blocks[len(r.blocks)-1].layers
	return layers[len(layers)-1].out
}

// params returns the parameters in the order of PyTorch's state_dict.
func (r *resNet) params() []Param {
	all := r.stem.params()
	for _, b := range r.blocks {
		for _, layer := range b.layers {
			all = append(all, layer.params()...)
		}
		if b.shortcut != nil {
			all = append(all, b.shortcut.params()...)
		}
	}
	f := r.features()
	return append(all,
		Param{Name: "fc.weight", Dims: []int{r.classes, f}, Init: uniform(f)},
		Param{Name: "fc.bias", Dims: []int{r.classes}, Init: uniform(f)})
}

// macs returns the multiply-adds of convolutions and the linear layer, for one image.
func (r *resNet) macs() int {
	total, height, width := 0, r.input.Height, r.input.Width
	pass := func(c convNorm, h, w int) (int, int) {
		h, w = strided(h, c.stride), strided(w, c.stride)
		total += h * w * c.k * c.k * c.in * c.out
		return h, w
	}
	height, width = pass(r.stem, height, width)
	if r.pool {
		height, width = strided(height, 2), strided(width, 2)
	}
	for _, b := range r.blocks {
		if b.shortcut != nil {
			pass(*b.shortcut, height, width)
		}
		for _, layer := range b.layers {
			height, width = pass(layer, height, width)
		}
	}
	return total + r.features()*r.classes
}

// architecture returns the network's entry in the list.
func (r *resNet) architecture(name, help string, also ...string) *Architecture {
	a := &Architecture{Name: name, Also: also, Input: r.input, Classes: r.classes, Params: r.params(),
		Head: []string{"fc.weight", "fc.bias"}, MACs: r.macs(), Scaling: r.scaling, Logits: r.logits, inONNX: r.inONNX}
	a.Help = fmt.Sprintf("%s (%s parameters)", help, humanize.Grouped(a.Trainable()))
	return a
}
