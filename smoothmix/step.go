package smoothmix

import (
	"smoothlab/classifier"

	. "github.com/gomlx/gomlx/core/graph"
)

// Step is one training step while its graph is built: what a method's Loss may use. B images, m noises, K classes.
type Step struct {
	X     *Node // [B, H, W, C] clean images in [0,1]
	Y     *Node // [B] int32 labels
	Noise *Node // [m, B, H, W, C] Gaussian noise, already multiplied by sigma; the same in every pass of the step

	arch    *classifier.Architecture
	weights classifier.Weights
	scalars map[string]*Node
	ints    map[string]int
	uniform func(name string) *Node
}

// Term is one part of a loss. Weight is a Go number, or a scalar node if it may change without recompiling.
type Term struct {
	Name   string
	Weight any
	Value  *Node
}

// Terms add up to a loss: Σ Weight·Value.
type Terms []Term

func names(terms Terms) []string {
	var n []string
	for _, t := range terms {
		n = append(n, t.Name)
	}
	return n
}

func values(terms Terms) []*Node {
	var v []*Node
	for _, t := range terms {
		v = append(v, t.Value)
	}
	return v
}

// Scalar is a setting of the method that is an input of the compiled step.
func (st *Step) Scalar(name string) *Node {
	s, ok := st.scalars[name]
	if !ok {
		panicf("the step has no scalar %q", name)
	}
	return s
}

// Warm is a scalar multiplied by the method's Ramp of the epoch.
func (st *Step) Warm(name string) *Node { return Mul(st.Scalar(name), st.Scalar("warm")) }

// Int is a setting of the method that is compiled in.
func (st *Step) Int(name string) int {
	v, ok := st.ints[name]
	if !ok {
		panicf("the step has no whole-number setting %q", name)
	}
	return v
}

// Uniform draws one number in [0, 1) for each image: [B]. The name keeps draws apart, and lets a test inject one.
func (st *Step) Uniform(name string) *Node {
	u := st.uniform(name)
	u.AssertDims(st.Y.Shape().Dimensions[0])
	return u
}

// Logits are the network's logits at x under the step's own noises, in training mode: x [B, …] → [m·B, K], noise-major.
func (st *Step) Logits(x *Node) *Node {
	return st.arch.Logits(st.weights, Noisy(x, st.Noise), classifier.Train)
}

// Clean are the network's logits at x without noise, in training mode: [B, …] → [B, K].
func (st *Step) Clean(x *Node) *Node { return st.arch.Logits(st.weights, x, classifier.Train) }

// Smoothed averages the softmax over the step's noises: logits [m·B, K] → [B, K].
func (st *Step) Smoothed(logits *Node) *Node { return Smoothed(logits, st.m()) }

// SmoothedLoss is the loss of the smoothed prediction at z, in evaluation mode as the authors attack: [B].
func (st *Step) SmoothedLoss(z *Node) *Node {
	return SmoothedLoss(st.Smoothed(st.attackLogits(z)), st.Y)
}

// attackLogits are the logits at z under the step's own noises, in evaluation mode: [m·B, K].
func (st *Step) attackLogits(z *Node) *Node {
	return st.arch.Logits(st.weights, Noisy(z, st.Noise), classifier.Attack)
}

// SearchStep takes one step of the adversarial search from z: ascent on the smoothed loss by the scalar "alpha", then,
// if the method has a "maxnorm", projection around X, then the box. The result is detached.
func (st *Step) SearchStep(z *Node) *Node {
	z = Detach(z)
	g := Gradient(ReduceAllSum(st.SmoothedLoss(z)), z)[0]
	z = Ascend(z, g, st.Scalar("alpha"))
	if radius, ok := st.scalars["maxnorm"]; ok {
		z = Project(z, st.X, radius)
	}
	return Detach(Box(z))
}

// SearchPath takes the setting "steps" steps from x and returns every point, x first: steps+1 nodes [B, H, W, C].
func (st *Step) SearchPath(x *Node) []*Node {
	path := []*Node{x}
	for range st.Int("steps") {
		path = append(path, st.SearchStep(path[len(path)-1]))
	}
	return path
}

// Search is the end of SearchPath: the far point.
func (st *Step) Search(x *Node) *Node {
	path := st.SearchPath(x)
	return path[len(path)-1]
}

func (st *Step) m() int { return st.Noise.Shape().Dimensions[0] }
