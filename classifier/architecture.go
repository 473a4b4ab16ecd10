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

// Size returns the number of pixel values of an image.
func (s Shape) Size() int { return s.Height * s.Width * s.Channels }

func (s Shape) String() string { return fmt.Sprintf("%d×%d×%d", s.Height, s.Width, s.Channels) }

// Pass is the purpose for which a graph is built. A network with batch norm uses the running statistics except in
// Train.
type Pass int

// The passes.
const (
	Forward Pass = iota // logits only: votes, test accuracy; evaluation mode
	Attack              // gradient to the input; evaluation mode, parameters frozen
	Train               // gradient to the parameters; training mode
)

// Architecture is a network without values.
type Architecture struct {
	// Name identifies the network: two networks of the same name compute the same function of the same weights.
	// Compiled programs are cached, and fingerprints made, by it, so a network with other outputs or another first
	// layer has another name.
	Name string
	Base string // its name in the list of networks
	Help string
	Also []string // other names under which it is found, such as the authors'

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
	// Attack computes faster what Logits computes in an attack, for noisy copies x that depend on nothing but images z:
	// see AttackLogits. It may be nil.
	Attack func(w Weights, x, z *Node) *Node

	// inONNX adds what Logits computes in evaluation mode, after the Scaling, to an ONNX file; x [N, C, H, W]. It is
	// nil for networks that are not built in.
	inONNX  func(f *onnx.File, x string) string
	variant variant // how other networks are derived from this one
}

// AttackLogits returns the logits [m·N, Classes] at noisy copies x [m·N, H, W, C], noise-major, of points z [N, H, W,
// C], as an attack needs them: in evaluation mode, with a gradient with respect to z.
func (a *Architecture) AttackLogits(w Weights, x, z *Node) *Node {
	if a.Attack == nil {
		return a.Logits(w, x, Attack)
	}
	return a.Attack(w, x, z)
}

// Weights holds the parameters of one network in one graph, by name.
type Weights map[string]*Node

// Weights returns nodes, given in the order of Params, by name, and asserts their shapes.
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

// Trained returns the positions in Params of the parameters that an optimizer changes.
func (a *Architecture) Trained() []int {
	var at []int
	for i, p := range a.Params {
		if p.Role == Trained {
			at = append(at, i)
		}
	}
	return at
}

// trained returns the parameters that an optimizer changes.
func (a *Architecture) trained() []Param {
	var of []Param
	for _, i := range a.Trained() {
		of = append(of, a.Params[i])
	}
	return of
}

// Trainable returns the number of values that an optimizer changes.
func (a *Architecture) Trainable() int {
	n := 0
	for _, p := range a.trained() {
		n += p.Size()
	}
	return n
}

// Chunk returns the number of images per call, a round part of most, whose logits take at most 30 GFLOP. That is half a
// second on a small CPU; a call into XLA cannot be interrupted. It depends on the network alone, since the last bits of
// a logit depend on it.
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

// Architectures lists the networks. To add one: a file, and a line here.
func Architectures() []*Architecture {
	return []*Architecture{
		listed(leNet, 10),
		listed(softmaxRegression, 10),
		listed(resNet20, 10),
		listed(resNet110, 10),
		listed(resNet50, 1000),
	}
}

// Lookup returns the architecture of that name; its error suggests the nearest.
func Lookup(name string) (*Architecture, error) {
	for _, a := range Architectures() {
		if slices.ContainsFunc(a.Also, func(also string) bool { return strings.EqualFold(also, name) }) {
			return a, nil
		}
	}
	return suggest.Find("classifier", name, Architectures(), func(a *Architecture) string { return a.Name })
}

// initial draws the parameters, each from its own random stream.
func (a *Architecture) initial(seed uint64) [][]float32 {
	values := make([][]float32, len(a.Params))
	for i, p := range a.Params {
		values[i] = p.draw(noise.NewStream(seed, noise.Init, uint32(i)))
	}
	return values
}
