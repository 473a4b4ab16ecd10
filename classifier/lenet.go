package classifier

import (
	"smoothlab/classifier/onnx"

	. "github.com/gomlx/gomlx/core/graph"
)

// leNet is the authors' MNIST network (code/archs/lenet.py): two 5×5 convolutions, each with a 2×2 max pooling, and two
// linear layers; 431,080 parameters, 2.29 million multiply-adds an image.
func leNet(classes int) *Architecture {
	return &Architecture{
		Name:    "lenet",
		Help:    "LeNet for 28×28×1 digits: conv 5×5×20, pool, conv 5×5×50, pool, linear 500, linear 10 (431,080 parameters)",
		Input:   Shape{28, 28, 1},
		Classes: classes,
		Params: []Param{
			{Name: "conv1.weight", Dims: []int{20, 1, 5, 5}, Init: uniform(25)},
			{Name: "conv1.bias", Dims: []int{20}, Init: uniform(25)},
			{Name: "conv2.weight", Dims: []int{50, 20, 5, 5}, Init: uniform(500)},
			{Name: "conv2.bias", Dims: []int{50}, Init: uniform(500)},
			{Name: "fc1.weight", Dims: []int{500, 800}, Init: uniform(800)},
			{Name: "fc1.bias", Dims: []int{500}, Init: uniform(800)},
			{Name: "fc2.weight", Dims: []int{classes, 500}, Init: uniform(500)},
			{Name: "fc2.bias", Dims: []int{classes}, Init: uniform(500)},
		},
		Head:   []string{"fc2.weight", "fc2.bias"},
		MACs:   2_288_000 + 500*classes,
		Logits: func(w Weights, x *Node, pass Pass) *Node { return leNetLogits(w, x, nil, pass) },
		Attack: func(w Weights, x, z *Node) *Node { return leNetLogits(w, x, z, Attack) },
		inONNX: leNetInONNX,
	}
}

// leNetLogits returns the logits, which are the same in every pass: the network has neither batch norm nor dropout. If
// z is not nil, x are noisy copies of it.
func leNetLogits(w Weights, x, z *Node, pass Pass) *Node {
	n := x.Shape().Dimensions[0]
	x.AssertDims(n, 28, 28, 1)
	h := convPool(x, z, w["conv1.weight"], w["conv1.bias"], 2, pass)
	h.AssertDims(n, 12, 12, 20)
	h = convPool(h, nil, w["conv2.weight"], w["conv2.bias"], 1, pass)
	h.AssertDims(n, 4, 4, 50)
	h = Reshape(TransposeAllDims(h, 0, 3, 1, 2), n, 800) // channel-major, as PyTorch flattens
	h = relu(linear(h, w["fc1.weight"], w["fc1.bias"]))
	h = linear(h, w["fc2.weight"], w["fc2.bias"])
	h.AssertDims(n, w["fc2.bias"].Shape().Dimensions[0])
	return h
}

// leNetInONNX is the network in an ONNX file.
func leNetInONNX(f *onnx.File, x string) string {
	for _, conv := range []string{"conv1", "conv2"} {
		x = f.MaxPool(f.Relu(f.Conv(x, conv+".weight", conv+".bias", 1, 0)), 2, 2, 0)
	}
	return f.Linear(f.Relu(f.Linear(f.Flatten(x), "fc1.weight", "fc1.bias")), "fc2.weight", "fc2.bias")
}

// linear is x·wᵀ + b: x [N, I], w [O, I], b [O] → [N, O].
func linear(x, w, b *Node) *Node {
	return Add(DotGeneral(x, []int{1}, nil, w, []int{1}, nil), Reshape(b, 1, -1))
}

// relu has gradient 0 at 0, as in PyTorch; activation.Relu of GoMLX has 1.
func relu(x *Node) *Node {
	return Where(GreaterThan(x, ZerosLike(x)), x, ZerosLike(x))
}
