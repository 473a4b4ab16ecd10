package classifier

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
)

// Scaling is a network's first layer, (x − Mean)/SD in each channel: it is part of the network, so that noise is added, and
// radii are certified, in [0,1] pixel units.
type Scaling struct{ Mean, SD []float64 }

// cifarScaling and imageNetScaling are the authors' (code/datasets.py:60-64).
func cifarScaling() *Scaling {
	return &Scaling{Mean: []float64{0.4914, 0.4822, 0.4465}, SD: []float64{0.2023, 0.1994, 0.2010}}
}

func imageNetScaling() *Scaling {
	return &Scaling{Mean: []float64{0.485, 0.456, 0.406}, SD: []float64{0.229, 0.224, 0.225}}
}

// apply is the layer: x [N, H, W, C].
func (s *Scaling) apply(x *Node) *Node {
	channels := func(v []float64) *Node {
		c := make([]float32, len(v))
		for i := range v {
			c[i] = float32(v[i])
		}
		return Reshape(Const(x.Graph(), c), 1, 1, 1, len(v))
	}
	x.AssertDims(-1, -1, -1, len(s.Mean))
	return Div(Sub(x, channels(s.Mean)), channels(s.SD))
}

// String is how a checkpoint's metadata tells it to a reader who knows the weights only.
func (s *Scaling) String() string { return fmt.Sprintf("(x - %v) / %v", s.Mean, s.SD) }
