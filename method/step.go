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

	method  Method
	arch    *classifier.Architecture
	weights classifier.Weights // as the step begins; what is searched with, in evaluation mode
	after   classifier.Weights // the same with the running statistics that the passes in training mode have left so far
	scalars map[string]*Node
	ints    map[string]int
	uniform func(name string) *Node

	paths  map[*Node][]*Node // of the search, by where it began
	given  *searched         // what was searched before; nil if the search is part of the step
	warmed map[string]*Node  // what Warm returned
	mixed  *mixing           // what Mix was first called with
}

// searched are the points of a search that was made already, from the images: the far one, and the one that NearPoint starts from.
type searched struct {
	far, near *Node
	walk      bool // of a walk, where no other search can be shown
}

// mixing are the nodes of one call of Mix.
type mixing struct{ lam, near, far, p, v, target *Node }

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
func (st *Step) Warm(name string) *Node {
	if _, ok := st.warmed[name]; !ok {
		st.warmed[name] = Mul(st.Scalar(name), st.Scalar("warm"))
	}
	return st.warmed[name]
}

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

// Logits are the network's logits at x under the step's own noises, in training mode: x [B, …] → [m·B, K], noise-major. Every
// call is a pass of its own: batch norm takes the statistics of its m·B images, and moves the running ones in the order of the calls.
func (st *Step) Logits(x *Node) *Node {
	return st.noisyLogits(st.after, x, classifier.Train)
}

// Clean are the network's logits at x without noise, in training mode, a pass like those of Logits: [B, …] → [B, K].
func (st *Step) Clean(x *Node) *Node { return st.arch.Logits(st.after, x, classifier.Train) }

// Smoothed averages the softmax over the step's noises: logits [m·B, K] → [B, K].
func (st *Step) Smoothed(logits *Node) *Node { return Smoothed(logits, st.m()) }

// SmoothedLoss is the loss of the smoothed prediction at z, in evaluation mode as the authors attack, with the running
// statistics that the step began with: [B].
func (st *Step) SmoothedLoss(z *Node) *Node {
	return SmoothedLoss(st.Smoothed(st.attackLogits(z)), st.Y)
}

// attackLogits are the logits at z under the step's own noises, in evaluation mode: [m·B, K].
func (st *Step) attackLogits(z *Node) *Node {
	return st.noisyLogits(st.weights, z, classifier.Attack)
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

// Search takes the setting "steps" steps from x and returns the far point, without gradient: [B, …] → [B, …]. In a walk
// it is the point where the walk stands; then x has to be X.
func (st *Step) Search(x *Node) *Node {
	if g := st.before(x); g != nil {
		return g.far
	}
	path := st.path(x)
	return path[len(path)-1]
}

// NearPoint is the near end of the mixture: the image itself, or with the setting "mix_step" = k > 0 the point of the search
// from x after k steps, pulled back to within warm-up·alpha·k of the image (code/train.py:83-90, 255-271).
func (st *Step) NearPoint(x *Node) *Node {
	k := st.Int("mix_step")
	if k == 0 {
		return st.X
	}
	var point *Node
	if g := st.before(x); g != nil {
		point = g.near
	} else {
		point = st.path(x)[k]
	}
	return Detach(Box(Project(point, st.X, MulScalar(st.Warm("alpha"), k))))
}

// before is the search from x if it was made before; nil if it is part of the step.
func (st *Step) before(x *Node) *searched {
	if st.given == nil || x == st.X {
		return st.given
	}
	if st.given.walk {
		panicf("a walk's search begins at the images, %s begins it elsewhere: it can be trained, not walked", st.method.Name())
	}
	return nil
}

// path is every point of the search from x, x first: steps+1 nodes [B, …].
func (st *Step) path(x *Node) []*Node {
	path, ok := st.paths[x]
	if !ok {
		path = []*Node{x}
		for range st.Int("steps") {
			path = append(path, st.advance(path[len(path)-1]))
		}
		st.paths[x] = path
	}
	return path
}

// advance takes one step of the method's search.
func (st *Step) advance(z *Node) *Node {
	if s, ok := st.method.(Searcher); ok {
		return Detach(s.Advance(st, Detach(z)))
	}
	return st.SearchStep(z)
}

// Mix is the function [Mix]; a walk shows what it is called with.
func (st *Step) Mix(lam, near, far, p *Node) (v, target *Node) {
	v, target = Mix(lam, near, far, p)
	if st.mixed == nil {
		st.mixed = &mixing{lam, near, far, p, v, target}
	}
	return v, target
}

func (st *Step) m() int { return st.Noise.Shape().Dimensions[0] }
