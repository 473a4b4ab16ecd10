package classifier

import (
	"smoothlab/classifier/onnx"

	. "github.com/gomlx/gomlx/core/graph"
)

// softmaxRegression is the smallest network. It compiles and trains in seconds, which is good for a first try and for
// tests. Its smoothed version can be computed by hand: under Gaussian noise the logits are Gaussian.
func softmaxRegression(classes int) *Architecture {
	return &Architecture{
		Name:    "linear",
		Help:    "softmax regression for 28×28×1 digits: one linear layer (7,850 parameters), for a quick try",
		Input:   Shape{28, 28, 1},
		Classes: classes,
		Params: []Param{
			{Name: "fc.weight", Dims: []int{classes, 784}, Init: uniform(784)},
			{Name: "fc.bias", Dims: []int{classes}, Init: uniform(784)},
		},
		Head: []string{"fc.weight", "fc.bias"},
		MACs: 784 * classes,
		Logits: func(w Weights, x *Node, _ Pass) *Node {
			n := x.Shape().Dimensions[0]
			x.AssertDims(n, 28, 28, 1)
			h := linear(Reshape(x, n, 784), w["fc.weight"], w["fc.bias"])
			h.AssertDims(n, classes)
			return h
		},
		inONNX: func(f *onnx.File, x string) string { return f.Linear(f.Flatten(x), "fc.weight", "fc.bias") },
	}
}
