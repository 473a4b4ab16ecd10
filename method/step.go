package method

import (
	"smoothlab/classifier"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
)

// Step is one training step while its graph is built: what a method's Loss may use. B images, m noise samples, K
// classes.
type Step struct {
	X     *Node // [B, H, W, C] clean images in [0,1]
	Y     *Node // [B] int32 labels
	Noise *Node // [m, B, H, W, C] noise, already multiplied by its scale; the same in every pass of the step
	// [B, K] float32 probabilities, constants; nil if the method's Traits have no Targets
	Target *Node

	method  Method
	arch    *classifier.Architecture
	weights classifier.Weights // weights at the beginning of the step; the search uses them, in evaluation mode
	after   classifier.Weights // the same with the running statistics after the passes in training mode so far
	scalars map[string]*Node
	ints    map[string]int
	uniform func(name string) *Node

	paths  map[*Node][]*Node // paths of searches, by their start
	given  *Searched         // a search that was run before the step; nil if the search is part of the step
	warmed map[string]*Node  // results of Warm
	mixed  *Mixture          // argument of the first call of Show
	chosen *Selection        // argument of the first call of ShowSelection
	passes int               // passes in training mode so far
}

// Inputs holds the inputs of a training step: B images, m noise samples, K classes.
type Inputs struct {
	Arch    *classifier.Architecture
	Params  []*Node                 // parameters of the network, in Arch's order
	X       *Node                   // [B, H, W, C] clean images in [0,1]
	Y       *Node                   // [B] int32 labels
	Noise   *Node                   // [m, B, H, W, C] noise, already multiplied by its scale
	Target  *Node                   // [B, K] float32 probabilities, if the method's Traits have Targets
	Scalars map[string]*Node        // the method's float64 settings by name, and the warm-up factor, "warm"
	Uniform func(name string) *Node // draws [B] numbers in [0, 1); nil if the loss draws none
	Given   *Searched               // a search that was run before the step; nil if the search is part of the step
}

// Searched holds the points of a search from the images that was run before the step.
type Searched struct {
	Far  *Node // where the search ended: images, or noise if the method's search is OnNoise
	Near *Node // the point after "mix_step" steps
	Walk bool  // set by a walk, where no other search can be shown
}

// Mixture holds what a method mixes: Mixed and Target of lambda [B], the points Near and Far [B, …], and the smoothed
// prediction P [B, K] at the near point.
type Mixture struct{ Lambda, Near, Far, P, Mixed, Target *Node }

// NewStep begins a training step of a method. The method may be nil for a step that only computes predictions.
func NewStep(m Method, in Inputs) *Step {
	b, shape := in.Y.Shape().Dimensions[0], in.Arch.Input
	in.X.AssertDims(b, shape.Height, shape.Width, shape.Channels)
	noises, ints := in.Noise.Shape().Dimensions[0], map[string]int{}
	if m != nil {
		noises = m.Traits().Noises
		for _, f := range Fields(m) {
			if f.Compiled {
				ints[f.Name] = int(f.Value)
			}
		}
	}
	in.Noise.AssertDims(noises, b, shape.Height, shape.Width, shape.Channels)
	if m != nil && m.Traits().Targets {
		if in.Target == nil {
			panicf("%s needs a target for each image", m.Name())
		}
		in.Target.AssertDims(b, in.Arch.Classes)
	}
	return &Step{
		X: in.X, Y: in.Y, Noise: in.Noise, Target: in.Target,
		method: m, arch: in.Arch, weights: in.Arch.Weights(in.Params), after: in.Arch.Weights(in.Params),
		scalars: in.Scalars, ints: ints, uniform: in.Uniform, given: in.Given,
		paths: map[*Node][]*Node{}, warmed: map[string]*Node{},
	}
}

// Term is one part of a loss. Weight is a Go number, or a scalar node if it may change without recompiling.
type Term struct {
	Name   string
	Weight any
	Value  *Node
}

// Terms add up to a loss: Σ Weight·Value.
type Terms []Term

// Names returns the names of the terms.
func (terms Terms) Names() []string {
	var n []string
	for _, t := range terms {
		n = append(n, t.Name)
	}
	return n
}

// Values returns the values of the terms.
func (terms Terms) Values() []*Node {
	var v []*Node
	for _, t := range terms {
		v = append(v, t.Value)
	}
	return v
}

// LossAndGradients builds the method's loss, its terms with weights as nodes, and the gradients of the loss with
// respect to the trained parameters.
func (st *Step) LossAndGradients(params []*Node) (loss *Node, terms Terms, grads []*Node) {
	loss = ScalarZero(st.X.Graph(), dtypes.Float32)
	terms = st.method.Loss(st)
	for i, t := range terms {
		t.Value.AssertScalar()
		weight, ok := t.Weight.(*Node)
		if !ok {
			weight = ConstAsDType(st.X.Graph(), dtypes.Float32, t.Weight)
		}
		terms[i].Weight = weight
		loss = Add(loss, Mul(weight, t.Value))
	}
	var trained []*Node
	for _, i := range st.arch.Trained() {
		trained = append(trained, params[i])
	}
	return loss, terms, Gradient(loss, trained...)
}

// Scalar returns a setting of the method that is an input of the compiled step.
func (st *Step) Scalar(name string) *Node {
	s, ok := st.scalars[name]
	if !ok {
		panicf("the step has no scalar %q", name)
	}
	return s
}

// Warm returns a scalar multiplied by the method's Ramp of the epoch.
func (st *Step) Warm(name string) *Node {
	if _, ok := st.warmed[name]; !ok {
		st.warmed[name] = Mul(st.Scalar(name), st.Scalar("warm"))
	}
	return st.warmed[name]
}

// OptionalScalar returns Scalar, or nil for a setting that is not compiled in while it is 0, such as a maxnorm.
func (st *Step) OptionalScalar(name string) *Node { return st.scalars[name] }

// Warmed returns the name of the setting for which Warm returned this node, or "".
func (st *Step) Warmed(weight *Node) string {
	for name, warm := range st.warmed {
		if weight == warm {
			return name
		}
	}
	return ""
}

// Int returns a setting of the method that is compiled in.
func (st *Step) Int(name string) int {
	v, ok := st.ints[name]
	if !ok {
		panicf("the step has no whole-number setting %q", name)
	}
	return v
}

// Uniform draws one number in [0, 1) per image: [B]. The name distinguishes draws, and lets a test inject one.
func (st *Step) Uniform(name string) *Node {
	u := st.uniform(name)
	u.AssertDims(st.Y.Shape().Dimensions[0])
	return u
}

// Logits returns the network's logits at x under the step's noise samples, in training mode: x [B, …] → [m·B, K],
// noise-major. Every call is a separate pass: batch norm uses the statistics of its m·B images, and updates the running
// ones in the order of the calls.
func (st *Step) Logits(x *Node) *Node {
	st.passes++
	return st.noisyLogits(st.after, x, classifier.Train)
}

// LogitsUnder returns the network's logits at the images under other noise, in a pass in training mode like that of
// Logits: noise [m, B, …] → [m·B, K], noise-major.
func (st *Step) LogitsUnder(noise *Node) *Node {
	st.passes++
	return st.logitsUnder(st.after, st.X, noise, classifier.Train)
}

// Passes returns the number of passes in training mode so far.
func (st *Step) Passes() int { return st.passes }

// Clean returns the network's logits at x without noise, in a pass in training mode like that of Logits: [B, …] → [B,
// K].
func (st *Step) Clean(x *Node) *Node {
	st.passes++
	return st.arch.Logits(st.after, x, classifier.Train)
}

// AttackLogits returns the logits at z under the step's noise samples, in evaluation mode as in the authors' attacks,
// with the running statistics at the beginning of the step: z [B, …] → [m·B, K], noise-major.
func (st *Step) AttackLogits(z *Node) *Node {
	return st.noisyLogits(st.weights, z, classifier.Attack)
}

// AttackLogitsUnder returns the logits at the images under other noise, in evaluation mode with the running statistics
// that the passes so far have left, and with a gradient to the noise: [m, B, …] → [m·B, K], noise-major.
func (st *Step) AttackLogitsUnder(noise *Node) *Node {
	return st.logitsUnder(st.after, st.X, noise, classifier.Attack)
}

// Smoothed averages the softmax over the step's noise samples: logits [m·B, K] → [B, K].
func (st *Step) Smoothed(logits *Node) *Node { return Smoothed(logits, st.M()) }

// M returns the number of noise samples.
func (st *Step) M() int { return st.Noise.Shape().Dimensions[0] }

// Weights returns the network's parameters with the running statistics after the passes in training mode so far.
func (st *Step) Weights() classifier.Weights { return st.after }

// Show records what the method mixes, for a walk. Only the first call of a step counts.
func (st *Step) Show(mixture Mixture) {
	if st.mixed == nil {
		st.mixed = &mixture
	}
}

// Mixture returns what the method showed, or nil if it mixes nothing.
func (st *Step) Mixture() *Mixture { return st.mixed }
