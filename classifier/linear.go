package classifier

import . "github.com/gomlx/gomlx/core/graph"

// softmaxRegression is the smallest network there is. It compiles and trains in seconds, which makes it good for a first
// try and for tests, and its smoothed version can be worked out on paper: under Gaussian noise the logits are Gaussian.
func softmaxRegression() *Architecture {
	return &Architecture{
		Name:    "linear",
		Help:    "softmax regression for 28×28×1 digits: one linear layer (7,850 parameters), for a quick try",
		Input:   Shape{28, 28, 1},
		Classes: 10,
		Params: []Param{
			{Name: "fc.weight", Dims: []int{10, 784}, Init: uniform(784)},
			{Name: "fc.bias", Dims: []int{10}, Init: uniform(784)},
		},
		MACs: 7840,
		Logits: func(w Weights, x *Node, _ Pass) *Node {
			n := x.Shape().Dimensions[0]
			x.AssertDims(n, 28, 28, 1)
			h := linear(Reshape(x, n, 784), w["fc.weight"], w["fc.bias"])
			h.AssertDims(n, 10)
			return h
		},
	}
}
