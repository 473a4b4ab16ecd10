package votes

import (
	"fmt"

	"smoothlab/classifier"
	"smoothlab/engine"
	"smoothlab/noise"
	"smoothlab/noise/draw"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
)

// program computes the logits of R noisy copies of up to S images.
//
// Inputs: P parameters; images [S, H, W, C], uint8 pixels or float32 points; for each copy its slot [R] int32 and its
// number [R] uint32; image indices [S], key [2] and purpose [] uint32; then scale [] float32, or for noise on the grid
// its table [2^bits] uint64 and least value [] int32. Output: logits [R, K]; of a part of an ensemble those of M
// members, [R, M·K]; for a remote classifier the noisy copies [R, C, H, W].
func (v *Voter) program(rows int, of part) (*engine.Program, error) {
	a, kind := v.arch, v.source.Smoothing.Name()
	build := func(x *Node, src draw.Source, sample *Node, scale []*Node) *Node {
		return scaled(v.sampler, x, src, sample, scale[0])
	}
	if v.grid != nil {
		kind, build = "grid", onGrid
	}
	return v.engine.Program(
		fmt.Sprintf("%s %s chunk=%d", v.computes(of), kind, rows),
		func(_ *engine.Program, in []*Node) []*Node {
			n := len(a.Params)
			images, slot, sample, index, key, purpose := in[n], InsertAxes(
				in[n+1],
				-1,
			), in[n+2], in[n+3], in[n+4], in[n+5]
			x := Gather(images, slot)
			x.AssertDims(append([]int{rows}, images.Shape().Dimensions[1:]...)...)
			src := draw.Source{Key: key, Purpose: purpose, Item: Gather(index, slot)}
			noisy := OptimizationBarrier(
				build(x, src, sample, in[n+6:]),
			) // else XLA fuses the generator into each use and draws the same noise many times
			if v.remote != nil {
				return []*Node{TransposeAllAxes(noisy, 0, 3, 1, 2)}
			}
			if of != (part{}) {
				all := a.Ensemble.MemberLogits(a.Weights(in[:n]), noisy, classifier.Forward, of.from, of.to)
				return []*Node{Concatenate(all, 1)}
			}
			logits := a.Logits(a.Weights(in[:n]), noisy, classifier.Forward)
			logits.AssertDims(rows, a.Classes)
			return []*Node{logits}
		},
	)
}

// computes names what the program returns. The copies for a remote classifier depend on the shape of images alone.
func (v *Voter) computes(of part) string {
	switch {
	case v.remote != nil:
		return fmt.Sprintf("copies %v", v.arch.Input)
	case of != (part{}):
		return fmt.Sprintf("votes %s members %d-%d", v.arch.Name, of.from, of.to)
	}
	return "votes " + v.arch.Name
}

// scaled adds standard noise, multiplied by scale [], to images or points x [R, H, W, C].
func scaled(sampler draw.Sampler, x *Node, src draw.Source, sample, scale *Node) *Node {
	d := x.Shape().Dimensions
	z := Reshape(sampler(src, sample, x.Shape().Size()/d[0]), d...)
	if x.DType() != dtypes.Float32 {
		x = DivScalar(ConvertDType(x, dtypes.Float32), noise.Levels)
	}
	return Add(x, Mul(scale, z))
}

// onGrid adds whole numbers to pixels x [R, H, W, C], exactly, and divides the sum by 255, as the network's own first
// step does. table is the table of a noise.Grid with its least value.
func onGrid(x *Node, src draw.Source, sample *Node, table []*Node) *Node {
	d := x.Shape().Dimensions
	j := Reshape(draw.Grid(src, sample, x.Shape().Size()/d[0], table[0], table[1]), d...)
	return DivScalar(ConvertDType(Add(ConvertDType(x, dtypes.Int32), j), dtypes.Float32), noise.Levels)
}
