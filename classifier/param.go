package classifier

import (
	"math"
	"math/rand/v2"

	"smoothlab/noise"
)

// Param is one tensor of a network's state: PyTorch's name and dimensions, its initial values, and how training changes
// it.
type Param struct {
	Name string
	Dims []int
	Init Init
	Role Role
}

// Role is how a parameter changes in training.
type Role int

// The roles.
const (
	Trained   Role = iota // by the optimizer, along a gradient
	Statistic             // by passes in training mode: running mean and variance
	Counter               // by passes in training mode: a whole number, of which float32 holds each up to 2²⁴
	Frozen                // not at all: a buffer of an imported network
)

// Init describes initial values: uniform in ±Bound, else normal with standard deviation SD, else Value everywhere.
type Init struct{ Bound, SD, Value float64 }

// Size returns the number of values of the parameter.
func (p Param) Size() int {
	n := 1
	for _, d := range p.Dims {
		n *= d
	}
	return n
}

// uniform is PyTorch's default for weights and biases of a layer with fanIn inputs per output: ±1/√fan_in
// (torch/nn/modules/linear.py and conv.py, reset_parameters).
func uniform(fanIn int) Init { return Init{Bound: 1 / math.Sqrt(float64(fanIn))} }

// fanOut is the initialization of ResNets (code/archs/cifar_resnet.py:118-124, torchvision's resnet.py): N(0,
// 2/fan_out).
func fanOut(kernel, channels int) Init {
	return Init{SD: math.Sqrt(2 / float64(kernel*kernel*channels))}
}

// draw returns the initial values; every parameter has its own random stream.
func (p Param) draw(s *noise.Stream) []float32 {
	v, r := make([]float32, p.Size()), rand.New(s)
	for i := range v {
		switch {
		case p.Init.Bound > 0:
			v[i] = float32((2*s.Uniform() - 1) * p.Init.Bound)
		case p.Init.SD > 0:
			v[i] = float32(r.NormFloat64() * p.Init.SD)
		default:
			v[i] = float32(p.Init.Value)
		}
	}
	return v
}
