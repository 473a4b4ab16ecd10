package smoothmix

import (
	"errors"
	"fmt"
	"slices"

	"smoothlab/classifier"
	"smoothlab/engine"

	. "github.com/gomlx/gomlx/core/graph"
)

// errNoMixture is the error of a method that does not call Step.Mix.
var errNoMixture = errors.New("the method mixes nothing")

// ramped is the label of a term whose weight has a warm-up.
const ramped = "ramped"

// The programs of a walk begin with the same inputs: P parameters; pixels [B, H, W, C] uint8; labels [B] int32; noise
// [m, B, H, W, C] float32. Points are [B, H, W, C] float32, like noise in [0,1] units.

// lookProgram outputs the smoothed prediction [B, K], the smoothed loss [B] and the norm of its gradient [B], at the images,
// and the images as a point: XLA divides by 255 in its own way, and a search has to begin where it does in training.
func lookProgram(e *engine.Engine, a *classifier.Architecture) (*engine.Program, error) {
	return e.Program("walk look "+a.Name, func(_ *engine.Program, in []*Node) []*Node {
		n := len(a.Params)
		st := &Step{X: toUnit(in[n]), Y: in[n+1], Noise: in[n+2], arch: a, weights: a.Weights(in[:n])}
		p, loss := st.look(st.X)
		return []*Node{p, loss, perImage(norms(Gradient(ReduceAllSum(loss), st.X)[0])), st.X}
	})
}

// look is the smoothed prediction at z, in evaluation mode, and its loss: [B, K] and [B].
func (st *Step) look(z *Node) (p, loss *Node) {
	p = st.Smoothed(st.attackLogits(z))
	return p, SmoothedLoss(p, st.Y)
}

// perImage drops the axes that norms keeps: [B, 1, …] → [B].
func perImage(x *Node) *Node { return Reshape(x, -1) }

// searchProgram takes one step of the search. More inputs: scalars [S] float32; z, a point. Outputs: the next point, its
// distance from the images [B], the smoothed prediction [B, K] and the smoothed loss [B] there.
func searchProgram(e *engine.Engine, a *classifier.Architecture, m Method) (*engine.Program, error) {
	return e.Program(walkName("search", a, m), func(_ *engine.Program, in []*Node) []*Node {
		n := len(a.Params)
		st := newStep(a, m, in[:n], toUnit(in[n]), in[n+1], in[n+2], splitScalars(in[n+3], scalarNames(m)), nil)
		z := st.advance(in[n+4])
		p, loss := st.look(z)
		return []*Node{z, perImage(norms(Sub(z, st.X))), p, loss}
	})
}

// mixProgram outputs what the method mixes: near, far and mixed points; lambda [B]; the smoothed prediction at the near
// point and the target [B, K]; 1 where that prediction picks the label, else 0 [B]. Inputs are those of [stepAtEnds].
func mixProgram(e *engine.Engine, a *classifier.Architecture, m Method) (*engine.Program, error) {
	return e.Program(walkName("mix", a, m), func(_ *engine.Program, in []*Node) []*Node {
		st, _ := stepAtEnds(a, m, in)
		m.Loss(st)
		if st.mixed == nil {
			panic(errNoMixture)
		}
		x := st.mixed
		return []*Node{x.near, x.far, x.v, x.lam, x.p, x.target, Correct(x.p, st.Y)}
	})
}

// updateProgram is stepProgram for a walk, from momentum buffers of zero. Inputs are those of [stepAtEnds]. Outputs: P
// parameters; report [3+2·terms] float32: loss, the squared changes of parameters and statistics, then value and weight of each term, without the warm-up where it is
// labelled ramped.
func updateProgram(e *engine.Engine, a *classifier.Architecture, m Method) (*engine.Program, error) {
	return e.Program(walkName("update", a, m), func(p *engine.Program, in []*Node) []*Node {
		st, params := stepAtEnds(a, m, in)
		loss, terms, grads := lossAndGradients(st, m, params)
		var buffers []*Node
		for _, i := range a.Trained() {
			buffers = append(buffers, ZerosLike(params[i]))
		}
		newParams, _, moved, drift := st.updated(params, buffers, grads)
		report, labels := []*Node{loss, moved, drift}, []string{}
		for _, t := range terms {
			weight, label := t.Weight.(*Node), ""
			for name, warm := range st.warmed {
				if weight == warm {
					weight, label = st.Scalar(name), ramped
				}
			}
			report, labels = append(report, t.Value, weight), append(labels, t.Name, label)
		}
		p.Label(labels...)
		return append(newParams, Stack(report, 0))
	})
}

// stepAtEnds is a step whose search was made before. More inputs: key [2] and update [] uint32; scalars [S] float32; and if
// the method searches, the far point and the one that the near end starts from.
func stepAtEnds(a *classifier.Architecture, m Method, in []*Node) (st *Step, params []*Node) {
	n := len(a.Params)
	params, in = in[:n], in[n:]
	st = newStep(a, m, params, toUnit(in[0]), in[1], in[2], splitScalars(in[5], scalarNames(m)), drawUniform(in[3], in[4], in[1]))
	if searches(m) {
		st.given = &searched{far: in[6], near: in[7], walk: true}
	}
	return st, slices.Clone(params)
}

func walkName(verb string, a *classifier.Architecture, m Method) string {
	return fmt.Sprintf("walk %s %s %T %s", verb, a.Name, m, compiledKey(m))
}
