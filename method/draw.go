package method

import (
	"smoothlab/classifier"
	"smoothlab/noise"
	"smoothlab/noise/draw"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// DrawNoise draws the noise of one update: key [2] and update [] uint32, scale [] float32 of the sampler's noise, m
// noise samples for images x [B, H, W, C], of which only the shape is used → [m, B, H, W, C] float32, noise-major.
func DrawNoise(sampler draw.Sampler, key, update, scale, x *Node, m int) *Node {
	dims := x.Shape().Dimensions
	rows := noiseRows(key.Graph(), m, dims[0])
	source := draw.Source{Key: key, Purpose: draw.For(key.Graph(), noise.Train), Item: update}
	z := sampler(source, rows, x.Shape().Size()/dims[0])
	return Mul(scale, noiseMajor(z, m, dims...))
}

// DrawUniform returns a function that draws the named numbers of one update. Each name has its own sample number, in
// order of first use.
func DrawUniform(key, update, y *Node) func(name string) *Node {
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

// Where several devices share the images, noisy copies are drawn and passed through the network image by image, [B·m,
// …]. Each device then has the copies of its own images. Noise by noise, [m·B, …], it would have rows from all over the
// axis, which XLA cannot express: it would gather everything on every device, and each would do all the work. Results
// are noise-major in both cases.
func byImage(g *Graph) bool { return g.NumDevices() > 1 }

// noiseRows returns the sample numbers of the noisy copies in the order in which they are drawn: [m·B] uint32. Noise k
// of image i has the number k·B + i.
func noiseRows(g *Graph, m, b int) *Node {
	if !byImage(g) {
		return Iota(g, shapes.Make(dtypes.Uint32, m*b), 0)
	}
	of := shapes.Make(dtypes.Uint32, b, m)
	return Reshape(Add(MulScalar(Iota(g, of, 1), b), Iota(g, of, 0)), m*b)
}

// noiseMajor reorders results of noisy copies by noise sample: x [m·B, …] → [m, B, …].
func noiseMajor(x *Node, m int, dims ...int) *Node {
	if !byImage(x.Graph()) {
		return Reshape(x, append([]int{m}, dims...)...)
	}
	return Transpose(Reshape(x, append([]int{dims[0], m}, dims[1:]...)...), 0, 1)
}

// noisyLogits returns the network's logits at x under the step's noise samples: x [B, …] → [m·B, K], noise-major. In an
// attack the gradient is to x.
func (st *Step) noisyLogits(w classifier.Weights, x *Node, pass classifier.Pass) *Node {
	if pass == classifier.Attack && !byImage(x.Graph()) {
		return st.arch.AttackLogits(w, Noisy(x, st.Noise), x)
	}
	return st.logitsUnder(w, x, st.Noise, pass)
}

// logitsUnder returns the network's logits at x under other noise: x [B, …], noise [m, B, …] → [m·B, K], noise-major.
func (st *Step) logitsUnder(w classifier.Weights, x, noise *Node, pass classifier.Pass) *Node {
	if !byImage(x.Graph()) {
		return st.arch.Logits(w, Noisy(x, noise), pass)
	}
	b, m, k := x.Shape().Dimensions[0], st.M(), st.arch.Classes
	copies := Transpose(Add(InsertAxes(x, 0), noise), 0, 1)
	logits := st.arch.Logits(w, Reshape(copies, append([]int{b * m}, x.Shape().Dimensions[1:]...)...), pass)
	return Reshape(noiseMajor(logits, m, b, k), m*b, k)
}
