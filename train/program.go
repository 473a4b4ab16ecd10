package train

import (
	"fmt"
	"slices"

	"smoothlab/classifier"
	"smoothlab/engine"
	"smoothlab/internal/stepgraph"
	"smoothlab/method"
	"smoothlab/noise"
	"smoothlab/noise/draw"
	"smoothlab/smoothing"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
)

// stepProgram compiles the optimizer step of a method on an architecture with P parameters, M of them trained.
//
// Inputs: P parameters; M buffers for each buffer of the optimizer's rule; with an EMA, P averages; the images of the
// step (stepgraph.Images); key [2] and update [] uint32 of the other draws; scalars [S] float32; numbers of the
// optimizer; if the search runs outside the step, its far point and the point that the near end starts from. Outputs: P
// parameters; the buffers; the averages; report [3+terms] float32: loss, each term, and the squared changes of
// parameters and statistics. Nothing is updated in place: the results of a step that fails, or whose report is not
// finite, are dropped.
func stepProgram(
	e *engine.Engine,
	a *classifier.Architecture,
	m method.Method,
	o stepgraph.Optimizer,
) (*engine.Program, error) {
	// The type distinguishes methods of the same name; a caller may define such a method.
	return e.Program(
		fmt.Sprintf("train %s %T %s%s", a.Name, m, method.CompiledKey(m), o.Key()),
		func(p *engine.Program, in []*Node) []*Node {
			n, trained := len(a.Params), len(a.Trained())
			params, buffers := in[:n], in[n:n+trained*len(o.Rule.Buffers)]
			in = in[n+len(buffers):]
			var averages []*Node
			if o.EMA > 0 {
				averages, in = in[:n], in[n:]
			}
			images, in := stepgraph.CutImages(m, in)
			key, update, numbers := in[0], in[1], in[3]
			var given *method.Searched
			if splitSearch(a, m) {
				given = &method.Searched{Far: in[4], Near: in[5]}
			}
			st := stepgraph.Step(a, m, params, images, in[2], method.DrawUniform(key, update, images.Labels), given)
			loss, terms, grads := st.LossAndGradients(params)
			p.Label(terms.Names()...)
			u := stepgraph.Updated(st, a, o, params, buffers, averages, grads, numbers)
			report := Stack(slices.Concat([]*Node{loss}, terms.Values(), []*Node{u.Moved, u.Drift}), 0)
			return slices.Concat(u.Params, u.Buffers, u.Averages, []*Node{report})
		},
	)
}

// testProgram classifies one noisy copy of each image in evaluation mode.
//
// Inputs: P parameters; pixels [N, H, W, C] uint8; labels [N] int32, −1 for padding; samples [N], key [2], epoch []
// uint32; scale [] float32 of the noise. Output: [2] float32: number of correct images, summed cross-entropy.
func testProgram(
	e *engine.Engine,
	a *classifier.Architecture,
	under smoothing.Smoothing,
) (*engine.Program, error) {
	sampler, err := draw.Standard(under.Name())
	if err != nil {
		return nil, err
	}
	return e.Program("test "+a.Name+" "+under.Name(), func(_ *engine.Program, in []*Node) []*Node {
		logits, y := noisyCopyLogits(a, sampler, noise.Test, in)
		labelled := ConvertDType(GreaterOrEqual(y, ZerosLike(y)), dtypes.Float32)
		correct := Mul(labelled, ConvertDType(Equal(ArgMax(logits, -1, dtypes.Int32), y), dtypes.Float32))
		xent := Neg(Mul(labelled, method.Pick(LogSoftmax(logits), MaxScalar(y, 0))))
		return []*Node{Stack([]*Node{ReduceAllSum(correct), ReduceAllSum(xent)}, 0)}
	})
}

// noisyCopyLogits returns the logits of one noisy copy of each image in evaluation mode, and the labels. It takes the
// inputs of [testProgram]: [N, K] float32 and [N] int32.
func noisyCopyLogits(a *classifier.Architecture, sampler draw.Sampler, p noise.Purpose, in []*Node) (logits, y *Node) {
	n := len(a.Params)
	x, y, samples, key, epoch, scale := stepgraph.ToUnit(in[n]), in[n+1], in[n+2], in[n+3], in[n+4], in[n+5]
	d := x.Shape().Dimensions
	z := sampler(
		draw.Source{Key: key, Purpose: draw.For(key.Graph(), p), Item: epoch},
		samples,
		x.Shape().Size()/d[0],
	)
	return a.Logits(a.Weights(in[:n]), Add(x, Mul(scale, Reshape(z, d...))), classifier.Forward), y
}
