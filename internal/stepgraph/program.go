package stepgraph

import (
	"fmt"

	"smoothlab/classifier"
	"smoothlab/engine"
	"smoothlab/method"
	"smoothlab/noise/draw"
	"smoothlab/smoothing"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
)

// Images holds the inputs of a compiled step that belong to its images.
type Images struct {
	Pixels  *Node // [B, H, W, C] uint8
	Labels  *Node // [B] int32
	Targets *Node // [B, K] float32; nil if the method's Traits have no Targets
	Noise   *Node // [m, B, H, W, C] float32
}

// CutImages splits the inputs of a step that follow the parameters: pixels, labels, targets if the method has them, and
// noise; and the rest.
func CutImages(m method.Method, in []*Node) (images Images, rest []*Node) {
	images.Pixels, images.Labels, in = in[0], in[1], in[2:]
	if m.Traits().Targets {
		images.Targets, in = in[0], in[1:]
	}
	images.Noise = in[0]
	return images, in[1:]
}

// Step begins a method's step in a compiled program; scalars is [S]. given is a precomputed search, if any; uniform is
// nil if nothing is drawn.
func Step(a *classifier.Architecture, m method.Method, params []*Node, images Images, scalars *Node,
	uniform func(string) *Node, given *method.Searched) *method.Step {
	return method.NewStep(m, method.Inputs{Arch: a, Params: params, X: ToUnit(images.Pixels), Y: images.Labels,
		Target: images.Targets, Noise: images.Noise, Scalars: SplitScalars(scalars, ScalarNames(m)), Uniform: uniform,
		Given: given})
}

// Update holds the nodes after an optimizer step on an architecture with P parameters, M of them trained.
type Update struct {
	Params       []*Node // P: the statistics among them as the training passes left them
	Buffers      []*Node // M for each buffer of the rule, buffer by buffer
	Averages     []*Node // P, with an EMA
	Moved, Drift *Node   // squared changes of what is trained and of the statistics
}

// Updated takes the optimizer's step. params and averages have P nodes, grads M, buffers M for each buffer of the rule;
// numbers is the input that [Optimizer.Inputs] gives. Averages are nil without an EMA.
func Updated(
	st *method.Step,
	a *classifier.Architecture,
	o Optimizer,
	params, buffers, averages, grads []*Node,
	numbers *Node,
) Update {
	s := SplitScalars(numbers, o.names())
	if o.Clip > 0 {
		grads = Clipped(grads, s["clip"])
	}
	zero := ScalarZero(st.X.Graph(), dtypes.Float32)
	u := Update{Moved: zero, Drift: zero, Buffers: make([]*Node, len(buffers))}
	trained, k := len(grads), 0
	for i, p := range a.Params {
		w, next := params[i], st.Weights()[p.Name]
		if p.Role == classifier.Trained {
			var own, after []*Node
			for j := range o.Rule.Buffers {
				own = append(own, buffers[j*trained+k])
			}
			next, after = o.Rule.update(s, w, grads[k], own)
			for j, b := range after {
				u.Buffers[j*trained+k] = b
			}
			k++
			u.Moved = Add(u.Moved, ReduceAllSum(Square(Sub(next, w))))
		} else {
			u.Drift = Add(u.Drift, ReduceAllSum(Square(Sub(next, w))))
		}
		u.Params = append(u.Params, next)
		if o.EMA > 0 {
			u.Averages = append(u.Averages, averaged(p.Role, averages[i], next, s["share"]))
		}
	}
	return u
}

// averaged moves an average towards new values by a share. Counters and constants are not averaged.
func averaged(role classifier.Role, average, next, share *Node) *Node {
	if role != classifier.Trained && role != classifier.Statistic {
		return next
	}
	return Add(Mul(OneMinus(share), average), Mul(share, next))
}

// NoiseProgram draws the noise of one update. It is a separate program, so that noise is drawn once: inside the step
// XLA fuses the generator into each of its uses and computes it over and over (a Gaussian step took 4 times as long).
//
// Inputs: key [2] and update [] uint32; scale [] float32 of the noise; pixels [B, H, W, C] for their shape.
// Output: [m, B, H, W, C] float32, noise-major.
func NoiseProgram(e *engine.Engine, under smoothing.Smoothing, m int) (*engine.Program, error) {
	sampler, err := draw.Standard(under.Name())
	if err != nil {
		return nil, err
	}
	return e.Program(fmt.Sprintf("noise %s m=%d", under.Name(), m), func(_ *engine.Program, in []*Node) []*Node {
		return []*Node{method.DrawNoise(sampler, in[0], in[1], in[2], in[3], m)}
	})
}

// ToUnit maps 8-bit pixels to [0,1].
func ToUnit(pixels *Node) *Node { return DivScalar(ConvertDType(pixels, dtypes.Float32), 255) }
