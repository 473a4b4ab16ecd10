package classifier

import (
	"fmt"
	"slices"
	"strings"

	"smoothlab/classifier/onnx"
	"smoothlab/internal/suggest"
	"smoothlab/noise"

	. "github.com/gomlx/gomlx/core/graph"
)

// Shape is the shape of one image: height, width, channels.
type Shape struct{ Height, Width, Channels int }

// Size is the number of pixel values of an image.
func (s Shape) Size() int { return s.Height * s.Width * s.Channels }

func (s Shape) String() string { return fmt.Sprintf("%d×%d×%d", s.Height, s.Width, s.Channels) }

// Pass is what a graph is built for: a network with batch statistics uses the running ones except in Train.
type Pass int

// The passes.
const (
	Forward Pass = iota // logits only: votes, test accuracy; evaluation mode
	Attack              // gradient to the input; evaluation mode, parameters frozen
	Train               // gradient to the parameters; training mode
)

// Architecture is a network without values.
type Architecture struct {
	// Name identifies the network: two networks of one name compute the same function of the same weights. Compiled
	// programs and fingerprints go by it, so that a network with other outputs or another first layer has another
	// name.
	Name string
	Base string // its name in the list of networks
	Help string
	Also []string // other names that it is found by, the authors' among them

	Input   Shape
	Classes int // outputs
	Params  []Param
	Head    []string // names of the last layer's parameters, whose first axis is the classes
	MACs    int      // multiply-adds of one image's logits
	// Scaling is how the network's first layer normalizes pixels; nil if it takes them as they are.
	Scaling *Scaling
	// Untrainable is the reason not to train the network; nil if it can be trained.
	Untrainable error
	// Graph is the ONNX graph of an imported network, without weights, which checkpoints carry; nil for networks of
	// the list.
	Graph []byte
	// Ensemble has the members of an ensemble; nil for a single network.
	Ensemble *Ensemble
	// Logits maps images [N, H, W, C], noise already added, to logits [N, Classes]. In the Train pass it replaces the
	// running statistics in w by those that the pass leaves.
	Logits func(w Weights, x *Node, pass Pass) *Node
	// Attack, if a network has it, is a faster way to the same as Logits in an attack at noisy copies x of images z,
	// all that x depend on: see AttackLogits.
	Attack func(w Weights, x, z *Node) *Node

	// inONNX adds what Logits computes in evaluation mode, behind the Scaling, to an ONNX file; x [N, C, H, W]. It is
	// nil for networks that are not from the list.
	inONNX  func(f *onnx.File, x string) string
	variant variant // how other networks are made of this one
}

// AttackLogits are the logits at noisy copies x [m·N, H, W, C] of points z [N, H, W, C], noise-major, as an attack
// wants them: in evaluation mode, with a gradient to z. They are [m·N, Classes].
func (a *Architecture) AttackLogits(w Weights, x, z *Node) *Node {
	if a.Attack == nil {
		return a.Logits(w, x, Attack)
	}
	return a.Attack(w, x, z)
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

// Trained are the positions in Params of what an optimizer changes.
func (a *Architecture) Trained() []int {
	var at []int
	for i, p := range a.Params {
		if p.Role == Trained {
			at = append(at, i)
		}
	}
	return at
}

// trained are the parameters that an optimizer changes.
func (a *Architecture) trained() []Param {
	var of []Param
	for _, i := range a.Trained() {
		of = append(of, a.Params[i])
	}
	return of
}

// Trainable is the number of values that an optimizer changes.
func (a *Architecture) Trainable() int {
	n := 0
	for _, p := range a.trained() {
		n += p.Size()
	}
	return n
}

// Chunk is the number of images, a round part of most, whose logits take at most 30 GFLOP: half a second on a small
// CPU, for a call into XLA cannot be interrupted. It depends on the network alone, since the last bits of a logit
// depend on it.
func (a *Architecture) Chunk(most int) int {
	for n := most; ; {
		for _, divisor := range []int{1, 2, 5} {
			if k := n / divisor; k <= 1 || 2*float64(a.MACs)*float64(k) <= 30e9 {
				return max(k, 1)
			}
		}
		n /= 10
	}
}

// Architectures is the list of networks: one file and one line here for each.
func Architectures() []*Architecture {
	return []*Architecture{
		listed(leNet, 10),
		listed(softmaxRegression, 10),
		listed(resNet20, 10),
		listed(resNet110, 10),
		listed(resNet50, 1000),
	}
}

// Lookup finds an architecture by name; the error names the nearest one.
func Lookup(name string) (*Architecture, error) {
	for _, a := range Architectures() {
		if slices.ContainsFunc(a.Also, func(also string) bool { return strings.EqualFold(also, name) }) {
			return a, nil
		}
	}
	return suggest.Find("classifier", name, Architectures(), func(a *Architecture) string { return a.Name })
}

// initial draws the parameters; every parameter has a stream of its own.
func (a *Architecture) initial(seed uint64) [][]float32 {
	values := make([][]float32, len(a.Params))
	for i, p := range a.Params {
		values[i] = p.draw(noise.NewStream(seed, noise.Init, uint32(i)))
	}
	return values
}
