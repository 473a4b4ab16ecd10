package steptest

import (
	"smoothlab/classifier"

	. "github.com/gomlx/gomlx/core/graph"
)

// Centred is a linear network on images from which it takes their mean: the batch's in training mode, a running one
// else. It moves that by a tenth and counts, as batch norm does.
func Centred() *classifier.Architecture {
	return &classifier.Architecture{Name: "centred", Classes: 10,
		Input: classifier.Shape{Height: 28, Width: 28, Channels: 1},
		Params: []classifier.Param{
			{Name: "weight", Dims: []int{10, 784}, Init: classifier.Init{SD: 0.05}},
			{Name: "mean", Role: classifier.Statistic, Init: classifier.Init{Value: 0.5}},
			{Name: "passes", Role: classifier.Counter},
		},
		Logits: func(w classifier.Weights, x *Node, pass classifier.Pass) *Node {
			mean := w["mean"]
			if pass == classifier.Train {
				mean = ReduceAllMean(x)
				w["mean"] = Add(MulScalar(w["mean"], 0.9), MulScalar(StopGradient(mean), 0.1))
				w["passes"] = AddScalar(w["passes"], 1)
			}
			return DotGeneral(Reshape(Sub(x, mean), -1, 784), []int{1}, nil, w["weight"], []int{1}, nil)
		}}
}
