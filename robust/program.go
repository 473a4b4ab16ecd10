package robust

import (
	"fmt"

	"smoothlab/classifier"
	"smoothlab/engine"
	"smoothlab/method"
	"smoothlab/noise"
	"smoothlab/noise/draw"
	"smoothlab/smoothmix"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// ascentProgram takes one step of an ascent for B images under m draws of noise each: the expectation over noise is
// inside the logarithm, as in the smoothed classifier (Salman et al. 2019, §2.2).
//
// Inputs: P parameters; pixels [B, H, W, C] uint8; labels [B] int32; image indices [B] uint32; points [B, H, W, C]
// float32; key [2] and the number of the first draw [] uint32; sigma, length of the step, and eps [] float32. Output:
// the next points.
func ascentProgram(e *engine.Engine, a *classifier.Architecture, m int) (*engine.Program, error) {
	return e.Program(fmt.Sprintf("ascent %s draws=%d", a.Name, m), func(_ *engine.Program, in []*Node) []*Node {
		n := len(a.Params)
		x, y, index, z, key, first := in[n], in[n+1], in[n+2], in[n+3], in[n+4], in[n+5]
		sigma, length, eps := in[n+6], in[n+7], in[n+8]
		noises := draws(key, index, first, m, x.Shape().Dimensions)
		noises = OptimizationBarrier(Mul(sigma, noises))
		z = method.Detach(z)
		logits := a.AttackLogits(a.Weights(in[:n]), method.Noisy(z, noises), z)
		loss := smoothmix.SmoothedLoss(method.Smoothed(logits, m), y)
		g := Gradient(Add(ReduceAllSum(loss), MulScalar(margins(logits, y), tieBreak/float64(m))), z)[0]
		clean := DivScalar(ConvertDType(x, dtypes.Float32), noise.Levels)
		next := method.Box(Add(z, Mul(length, method.Normalize(divideByLargest(g)))))
		return []*Node{method.Project(next, clean, eps)} // on the line to an image in the box every point is in the box
	})
}

// divideByLargest divides each image's gradient by its largest value, whose square would underflow where a prediction
// is nearly certain; one that is exactly zero stays: [B, …] → [B, …].
func divideByLargest(g *Node) *Node {
	axes := make([]int, g.Rank()-1)
	for i := range axes {
		axes[i] = i + 1
	}
	largest := ReduceAndKeep(Abs(g), ReduceMax, axes...)
	return Div(g, Where(GreaterThan(largest, ZerosLike(largest)), largest, OnesLike(largest)))
}

// tieBreak is the weight of the margin that is added to the smoothed loss. Where the softmax of all draws is 1 in
// float32, the loss has no gradient, and the attack would not move at all; elsewhere the margin has no visible effect.
// (The authors put a random image in such places: code/third_party/smoothadv.py:173-174.)
const tieBreak = 1e-6

// margins returns the sum, over noisy copies, of the lead of the best wrong class over the label: logits [m·B, K]
// noise-major, y [B] → scalar.
func margins(logits, y *Node) *Node {
	d, b := logits.Shape().Dimensions, y.Shape().Dimensions[0]
	label := OneHot(Reshape(BroadcastToDims(InsertAxes(y, 0), d[0]/b, b), d[0]), d[1], logits.DType())
	wrong := ReduceMax(Sub(logits, MulScalar(label, 1e9)), -1)
	return ReduceAllSum(Sub(wrong, ReduceSum(Mul(logits, label), -1)))
}

// draws returns standard normal noise [m, B, …] for images of dimensions [B, …]: draw k of an image is its sample
// first+k.
func draws(key, index, first *Node, m int, dims []int) *Node {
	g, b := index.Graph(), dims[0]
	number := Add(Iota(g, shapes.Make(dtypes.Uint32, m, b), 0), first)
	src := draw.Source{
		Key:     key,
		Purpose: draw.For(g, noise.Attack),
		Item:    Reshape(BroadcastToDims(InsertAxes(index, 0), m, b), m*b),
	}
	size := 1
	for _, d := range dims[1:] {
		size *= d
	}
	return Reshape(draw.Normal(src, Reshape(number, m*b), size), append([]int{m}, dims...)...)
}
