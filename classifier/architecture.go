package classifier

import (
	"fmt"
	"math"

	"smoothlab/internal/nearest"
	"smoothlab/noise"

	. "github.com/gomlx/gomlx/core/graph"
)

// Shape is the shape of one image: height, width, channels.
type Shape struct{ Height, Width, Channels int }

// Size is the number of pixel values of an image.
func (s Shape) Size() int { return s.Height * s.Width * s.Channels }

func (s Shape) String() string { return fmt.Sprintf("%d×%d×%d", s.Height, s.Width, s.Channels) }

// Pass says what a graph is built for: a network with batch statistics uses the running ones except in Train.
type Pass int

const (
	Forward Pass = iota // logits only: votes, test accuracy; evaluation mode
	Attack              // gradient to the input; evaluation mode, parameters frozen
	Train               // gradient to the parameters; training mode
)

// Param is one parameter: PyTorch's name and dimensions, and the bound of its initial uniform distribution.
type Param struct {
	Name  string
	Dims  []int
	Bound float64
}

// Size is the number of values of the parameter.
func (p Param) Size() int {
	n := 1
	for _, d := range p.Dims {
		n *= d
	}
	return n
}

// Architecture is a network without values.
type Architecture struct {
	Name, Help string
	Input      Shape
	Classes    int
	Params     []Param
	// Logits maps images [N, H, W, C], noise already added, to logits [N, Classes].
	Logits func(w Weights, x *Node, pass Pass) *Node
}

// Weights are the parameters of one network inside one graph, by name.
type Weights map[string]*Node

// Weights binds nodes, in the order of Params, to their names, and asserts their shapes.
func (a *Architecture) Weights(nodes []*Node) Weights {
	if len(nodes) != len(a.Params) {
		panic(fmt.Errorf("%s has %d parameters, got %d nodes", a.Name, len(a.Params), len(nodes)))
	}
	w := Weights{}
	for i, p := range a.Params {
		nodes[i].AssertDims(p.Dims...)
		w[p.Name] = nodes[i]
	}
	return w
}

// Architectures is the list of networks: one file and one line here for each.
func Architectures() []*Architecture {
	return []*Architecture{leNet(), softmaxRegression()}
}

// Lookup finds an architecture by name; the error names the nearest one.
func Lookup(name string) (*Architecture, error) {
	return nearest.Find("classifier", name, Architectures(), func(a *Architecture) string { return a.Name })
}

// initial draws the parameters as PyTorch's layers do by default: weights and biases uniform in ±1/√fan_in
// (torch/nn/modules/linear.py and conv.py, reset_parameters). Every parameter has a stream of its own.
func (a *Architecture) initial(seed uint64) [][]float32 {
	values := make([][]float32, len(a.Params))
	for i, p := range a.Params {
		s := noise.NewStream(seed, noise.Init, uint32(i))
		v := make([]float32, p.Size())
		for j := range v {
			v[j] = float32((2*s.Uniform() - 1) * p.Bound)
		}
		values[i] = v
	}
	return values
}

// bound is that of a layer with so many inputs an output.
func bound(fanIn int) float64 { return 1 / math.Sqrt(float64(fanIn)) }
