package smoothmix

import (
	"fmt"
	"slices"

	"smoothlab/classifier"
	"smoothlab/engine"
	"smoothlab/noise"
	"smoothlab/noise/draw"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// optimizerScalars follow the method's in the scalars input of a compiled step.
var optimizerScalars = [...]string{"warm", "lr", "momentum", "weight_decay"}

// scalarNames are the inputs of a compiled step that are plain numbers, in their order.
func scalarNames(m Method) []string {
	var names []string
	for _, f := range Fields(m) {
		if !f.Compiled && !(f.Switch && f.Value == 0) {
			names = append(names, f.Name)
		}
	}
	return append(names, optimizerScalars[:]...)
}

// stepProgram is the compiled optimizer step of a method on an architecture with P parameters, M of them trained.
//
// Inputs: P parameters; M momentum buffers; pixels [B, H, W, C] uint8; labels [B] int32; noise [m, B, H, W, C] float32;
// key [2] and update [] uint32 of the other draws; scalars [S] float32; and if the search is made apart, its far point and the
// one that the near end starts from. Outputs: P parameters; M buffers; report [3+terms] float32: loss, each term, and the
// squared changes of parameters and statistics. Nothing is updated in place: a step that fails, or whose report is not finite,
// is simply not adopted.
func stepProgram(e *engine.Engine, a *classifier.Architecture, m Method) (*engine.Program, error) {
	// The type keeps apart methods of the same name, which a caller's own may have.
	return e.Program(fmt.Sprintf("train %s %T %s", a.Name, m, compiledKey(m)), func(p *engine.Program, in []*Node) []*Node {
		n, trained := len(a.Params), len(a.Trained())
		params, buffers := in[:n], in[n:n+trained]
		in = in[n+trained:]
		x, y, d, key, update := toUnit(in[0]), in[1], in[2], in[3], in[4]
		st := newStep(a, m, params, x, y, d, splitScalars(in[5], scalarNames(m)), drawUniform(key, update, y))
		if apart(a, m) {
			st.given = &searched{far: in[6], near: in[7]}
		}
		loss, terms, grads := lossAndGradients(st, m, params)
		p.Label(names(terms)...)
		newParams, newBuffers, moved, drift := st.updated(params, buffers, grads)
		return append(append(newParams, newBuffers...), Stack(slices.Concat([]*Node{loss}, values(terms), []*Node{moved, drift}), 0))
	})
}

// updated takes the optimizer's step: all parameters after it, the statistics among them as the training passes left them;
// the momentum buffers, and the squared changes of what is trained and of the statistics.
func (st *Step) updated(params, buffers, grads []*Node) (newParams, newBuffers []*Node, moved, drift *Node) {
	moved, drift = ScalarZero(st.X.Graph(), dtypes.Float32), ScalarZero(st.X.Graph(), dtypes.Float32)
	for i, p := range st.arch.Params {
		w, next := params[i], st.after[p.Name]
		if p.Role == classifier.Trained {
			var buffer *Node
			k := len(newBuffers)
			next, buffer = SGD(w, buffers[k], grads[k], st.Scalar("lr"), st.Scalar("momentum"), st.Scalar("weight_decay"))
			newBuffers = append(newBuffers, buffer)
			moved = Add(moved, ReduceAllSum(Square(Sub(next, w))))
		} else {
			drift = Add(drift, ReduceAllSum(Square(Sub(next, w))))
		}
		newParams = append(newParams, next)
	}
	return newParams, newBuffers, moved, drift
}

// newStep binds the parts of a step; y is int32 [B].
func newStep(a *classifier.Architecture, m Method, params []*Node, x, y, noise *Node, scalars map[string]*Node, uniform func(string) *Node) *Step {
	b := y.Shape().Dimensions[0]
	x.AssertDims(b, a.Input.Height, a.Input.Width, a.Input.Channels)
	noise.AssertDims(m.Noises(), b, a.Input.Height, a.Input.Width, a.Input.Channels)
	ints := map[string]int{}
	for _, f := range Fields(m) {
		if f.Compiled {
			ints[f.Name] = int(f.Value)
		}
	}
	return &Step{X: x, Y: y, Noise: noise, method: m, arch: a, weights: a.Weights(params), after: a.Weights(params), scalars: scalars, ints: ints,
		uniform: uniform, paths: map[*Node][]*Node{}, warmed: map[string]*Node{}}
}

// lossAndGradients builds a method's loss, its terms, whose weights are nodes then, and the gradients of the loss in those of
// the parameters that are trained.
func lossAndGradients(st *Step, m Method, params []*Node) (loss *Node, terms Terms, grads []*Node) {
	loss = ScalarZero(st.X.Graph(), dtypes.Float32)
	terms = m.Loss(st)
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

// noiseProgram draws the noise of one update. It is a program of its own, so that it is drawn once: inside the step XLA
// fuses the generator into each of its uses and computes it over and over (a Gaussian step took 4 times as long).
//
// Inputs: key [2] and update [] uint32; sigma [] float32; pixels [B, H, W, C] for their shape.
// Output: [m, B, H, W, C] float32, noise-major.
func noiseProgram(e *engine.Engine, m int) (*engine.Program, error) {
	return e.Program(fmt.Sprintf("noise m=%d", m), func(_ *engine.Program, in []*Node) []*Node {
		key, update, sigma, x := in[0], in[1], in[2], in[3].Shape()
		b := x.Dimensions[0]
		z := draw.Normal(draw.Source{Key: key, Purpose: draw.For(key.Graph(), noise.Train), Item: update}, noiseRows(key.Graph(), m, b), x.Size()/b)
		return []*Node{Mul(sigma, noiseMajor(z, m, x.Dimensions...))}
	})
}

// drawUniform draws the named numbers of one update, each name in the order of its first use on samples of its own.
func drawUniform(key, update, y *Node) func(name string) *Node {
	drawn := map[string]*Node{}
	return func(name string) *Node {
		if u, ok := drawn[name]; ok {
			return u
		}
		rows := Iota(key.Graph(), shapes.Make(dtypes.Uint32, y.Shape().Dimensions[0]), 0)
		rows = AddScalar(rows, uint32(len(drawn))<<24)
		drawn[name] = draw.Uniform(draw.Source{Key: key, Purpose: draw.For(key.Graph(), noise.Mix), Item: update}, rows)
		return drawn[name]
	}
}

// toUnit maps 8-bit pixels to [0,1].
func toUnit(pixels *Node) *Node { return DivScalar(ConvertDType(pixels, dtypes.Float32), 255) }

func splitScalars(v *Node, names []string) map[string]*Node {
	v.AssertDims(len(names))
	s := map[string]*Node{}
	for i, n := range names {
		s[n] = Reshape(Slice(v, AxisRange(i, i+1)))
	}
	return s
}

// testProgram classifies one noisy copy of each image in evaluation mode.
//
// Inputs: P parameters; pixels [N, H, W, C] uint8; labels [N] int32, −1 for padding; samples [N], key [2], epoch []
// uint32; sigma [] float32. Output: [2] float32: correct images, summed cross-entropy.
func testProgram(e *engine.Engine, a *classifier.Architecture) (*engine.Program, error) {
	return e.Program("test "+a.Name, func(_ *engine.Program, in []*Node) []*Node {
		n := len(a.Params)
		x, y, samples, key, epoch, sigma := toUnit(in[n]), in[n+1], in[n+2], in[n+3], in[n+4], in[n+5]
		d := x.Shape().Dimensions
		z := draw.Normal(draw.Source{Key: key, Purpose: draw.For(key.Graph(), noise.Test), Item: epoch}, samples, x.Shape().Size()/d[0])
		logits := a.Logits(a.Weights(in[:n]), Add(x, Mul(sigma, Reshape(z, d...))), classifier.Forward)
		real := ConvertDType(GreaterOrEqual(y, ZerosLike(y)), dtypes.Float32)
		correct := Mul(real, ConvertDType(Equal(ArgMax(logits, -1, dtypes.Int32), y), dtypes.Float32))
		xent := Neg(Mul(real, pick(LogSoftmax(logits), MaxScalar(y, 0))))
		return []*Node{Stack([]*Node{ReduceAllSum(correct), ReduceAllSum(xent)}, 0)}
	})
}
