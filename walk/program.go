package walk

import (
	"errors"
	"fmt"
	"slices"

	"smoothlab/classifier"
	"smoothlab/engine"
	"smoothlab/internal/stepgraph"
	"smoothlab/method"
	"smoothlab/smoothmix"

	. "github.com/gomlx/gomlx/core/graph"
)

// errNoMixture is the error for a method that mixes nothing.
var errNoMixture = errors.New("the method mixes nothing")

// ramped is the label of a term whose weight has a warm-up.
const ramped = "ramped"

// errNoSelection is the error for a method that selects nothing.
var errNoSelection = errors.New("the method selects nothing")

// The programs of a walk begin with the same inputs: P parameters; the images of the step (stepgraph.Images). Points
// are [B, H, W, C] float32, like noise in [0,1] units.

// lookProgram takes no targets. It outputs, at the images, the smoothed prediction [B, K], the smoothed loss [B] and
// the norm of its gradient [B]. It also outputs the images as a point: XLA has its own way to divide by 255, and a
// search must begin at the same values as in training.
func lookProgram(e *engine.Engine, a *classifier.Architecture) (*engine.Program, error) {
	return e.Program("walk look "+a.Name, func(_ *engine.Program, in []*Node) []*Node {
		n := len(a.Params)
		st := method.NewStep(nil, method.Inputs{Arch: a, Params: in[:n], X: stepgraph.ToUnit(in[n]),
			Y: in[n+1], Noise: in[n+2]})
		p, loss := look(st, st.X)
		return []*Node{p, loss, perImage(method.Norms(Gradient(ReduceAllSum(loss), st.X)[0])), st.X}
	})
}

// look returns the smoothed prediction at z, in evaluation mode, and its loss: [B, K] and [B].
func look(st *method.Step, z *Node) (p, loss *Node) {
	p = st.Smoothed(st.AttackLogits(z))
	return p, smoothmix.SmoothedLoss(p, st.Y)
}

// perImage drops the axes that [method.Norms] keeps: [B, 1, …] → [B].
func perImage(x *Node) *Node { return Reshape(x, -1) }

// searchProgram takes one step of the search. More inputs: scalars [S] float32; z, a point. Outputs: the next point,
// its distance from the images [B], the smoothed prediction [B, K] and the smoothed loss [B] there.
func searchProgram(e *engine.Engine, a *classifier.Architecture, m method.Method) (*engine.Program, error) {
	return e.Program(walkName("search", a, m), func(_ *engine.Program, in []*Node) []*Node {
		n := len(a.Params)
		images, rest := stepgraph.CutImages(m, in[n:])
		st := stepgraph.Step(a, m, in[:n], images, rest[0], nil, nil)
		z := st.Advance(rest[1])
		p, loss := look(st, z)
		return []*Node{z, perImage(method.Norms(Sub(z, st.X))), p, loss}
	})
}

// mixProgram outputs what the method mixes: near, far and mixed points; lambda [B]; the smoothed prediction at the near
// point and the target [B, K]; 1 where that prediction picks the label, else 0 [B]. It takes the inputs of
// [stepAtEnds].
func mixProgram(e *engine.Engine, a *classifier.Architecture, m method.Method) (*engine.Program, error) {
	return e.Program(walkName("mix", a, m), func(_ *engine.Program, in []*Node) []*Node {
		st, _ := stepAtEnds(a, m, in)
		m.Loss(st)
		x := st.Mixture()
		if x == nil {
			panic(errNoMixture)
		}
		return []*Node{x.Near, x.Far, x.Mixed, x.Lambda, x.P, x.Target, method.Correct(x.P, st.Y)}
	})
}

// updateProgram is stepProgram for a walk, from buffers of zero. It takes the inputs of [stepAtEnds], with the
// optimizer's numbers as the last one. Outputs: P parameters; report [3+2·terms] float32: loss, the squared changes of
// parameters and statistics, then value and weight of each term, without the warm-up if the term is labelled ramped.
func updateProgram(
	e *engine.Engine,
	a *classifier.Architecture,
	m method.Method,
	o stepgraph.Optimizer,
) (*engine.Program, error) {
	return e.Program(walkName("update", a, m)+o.Key(), func(p *engine.Program, in []*Node) []*Node {
		st, params := stepAtEnds(a, m, in)
		loss, terms, grads := st.LossAndGradients(params)
		var buffers []*Node
		for range o.Rule.Buffers {
			for _, i := range a.Trained() {
				buffers = append(buffers, ZerosLike(params[i]))
			}
		}
		u := stepgraph.Updated(st, a, o, params, buffers, nil, grads, in[len(in)-1])
		report, labels := []*Node{loss, u.Moved, u.Drift}, []string{}
		for _, t := range terms {
			weight, label := t.Weight.(*Node), ""
			if name := st.Warmed(weight); name != "" {
				weight, label = st.Scalar(name), ramped
			}
			report, labels = append(report, t.Value, weight), append(labels, t.Name, label)
		}
		p.Label(labels...)
		return append(u.Params, Stack(report, 0))
	})
}

// stepAtEnds returns a step whose search was run before. More inputs: key [2] and update [] uint32; scalars [S]
// float32; if the method searches, the far point and the point that the near end starts from.
func stepAtEnds(a *classifier.Architecture, m method.Method, in []*Node) (st *method.Step, params []*Node) {
	n := len(a.Params)
	params = in[:n]
	images, rest := stepgraph.CutImages(m, in[n:])
	var given *method.Searched
	if method.Searches(m) {
		given = &method.Searched{Far: rest[3], Near: rest[4], Walk: true}
	}
	st = stepgraph.Step(a, m, params, images, rest[2], method.DrawUniform(rest[0], rest[1], images.Labels), given)
	return st, slices.Clone(params)
}

func walkName(verb string, a *classifier.Architecture, m method.Method) string {
	return fmt.Sprintf("walk %s %s %T %s", verb, a.Name, m, method.CompiledKey(m))
}
