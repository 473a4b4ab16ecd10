package votes

import (
	"context"
	"errors"
	"fmt"
	"math"

	"smoothlab/noise"

	"smoothlab/certify"
	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/engine"
	"smoothlab/noise/draw"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// DefaultChunk is the number of noisy copies of one call, and SelectChunk that for choosing the class, where some 100
// votes are usual and a larger batch would be mostly padding. On a CPU deep networks take fewer (Architecture.Chunk), so that no
// call lasts long. They are part of what a vote is: see the package comment.
const (
	DefaultChunk = 1000
	SelectChunk  = 100
)

// maxChunk keeps a slip of the finger from asking XLA for more memory than there is.
const maxChunk = 100_000

// Voter lets one classifier vote on the images of one data set. Close frees its weights on the device.
type Voter struct {
	engine  *engine.Engine
	arch    *classifier.Architecture
	data    *dataset.Dataset
	sigma   float32
	key     []uint32
	chunk   int
	weights []*tensors.Tensor
}

var _ certify.Voter = (*Voter)(nil)

// New uploads a classifier. sigma is the standard deviation of the noise in [0,1] pixel units; chunk is the number of
// noisy copies a call at most, 0 for DefaultChunk.
func New(e *engine.Engine, c *classifier.Classifier, d *dataset.Dataset, sigma float64, seed uint64, chunk int) (*Voter, error) {
	if err := c.Fits(classifier.Shape{Height: d.Height, Width: d.Width, Channels: d.Channels}, len(d.Classes)); err != nil {
		return nil, err
	}
	if s := float32(sigma); !(s > 0) || math.IsInf(float64(s), 0) { // a smaller one would be no noise at all
		return nil, fmt.Errorf("sigma must be greater than 0 and fit a float32, got %g", sigma)
	}
	if chunk < 0 || chunk > maxChunk {
		return nil, fmt.Errorf("chunk must be between 1 and %d, got %d", maxChunk, chunk)
	}
	if chunk == 0 {
		chunk = DefaultChunk
	}
	if e.Device() == "cpu" {
		chunk = c.Arch.Chunk(chunk)
	}
	v := &Voter{engine: e, arch: c.Arch, data: d, sigma: atLeast(sigma), key: draw.Key(seed), chunk: chunk}
	for i, p := range c.Arch.Params {
		v.weights = append(v.weights, tensors.FromFlatDataAndDimensions(c.Params[i], p.Dims...))
	}
	return v, nil
}

// atLeast is the float32 next to sigma that is not below it: more noise than the radius is computed for errs on the safe side.
func atLeast(sigma float64) float32 {
	s := float32(sigma)
	if float64(s) < sigma {
		s = math.Nextafter32(s, math.MaxFloat32)
	}
	return s
}

// Close frees the weights on the device.
func (v *Voter) Close() error { return engine.Free(v.weights...) }

// Chunks are the batch shapes that votes are computed in, choosing first: certificates record them.
func (v *Voter) Chunks() []int { return []int{v.shape(noise.Select), v.shape(noise.Bound)} }

func (v *Voter) shape(p noise.Purpose) int {
	if p == noise.Select {
		return min(SelectChunk, v.chunk)
	}
	return v.chunk
}

// Vote is certify.Voter: it adds the votes of noisy copies first … first+n−1 of the image at position pos to counts.
// After an error, that of a cancelled ctx included, counts may hold some of them.
func (v *Voter) Vote(ctx context.Context, pos int, p noise.Purpose, first, n int, counts []int) error {
	if pos < 0 || pos >= v.data.Len() {
		return fmt.Errorf("there is no image at position %d of %d", pos, v.data.Len())
	}
	if first < 0 || n < 0 || int64(n) > math.MaxUint32-int64(first) {
		return fmt.Errorf("%d votes from copy %d on are outside the counter's range, 0 to 4294967294", n, first)
	}
	if len(counts) != v.arch.Classes {
		return fmt.Errorf("counts for %d classes, %s has %d", len(counts), v.arch.Name, v.arch.Classes)
	}
	if n == 0 {
		return nil
	}
	size := v.shape(p)
	prog, err := program(v.engine, v.arch, size)
	if err != nil {
		return err
	}
	image := tensors.FromFlatDataAndDimensions(v.data.Image(pos), v.data.Height, v.data.Width, v.data.Channels)
	defer engine.Free(image)
	for start := first / size * size; start < first+n; start += size {
		lo, hi := max(first-start, 0), min(first+n-start, size)
		args := make([]any, 0, len(v.weights)+7)
		for _, w := range v.weights {
			args = append(args, w)
		}
		args = append(args, image, uint32(start), []int32{int32(lo), int32(hi)}, v.key, uint32(v.data.Indices[pos]), uint32(p), v.sigma)
		out, err := prog.Call(ctx, args...)
		if err != nil {
			return err
		}
		got, err := tensors.CopyFlatData[int32](out[0])
		if err := errors.Join(err, engine.Free(out...)); err != nil {
			return err
		}
		for k, c := range got {
			counts[k] += int(c)
		}
	}
	return nil
}

// program is the compiled vote of size noisy copies of one image.
//
// Inputs: P parameters; pixels [H, W, C] uint8; number of the first copy [] uint32; range [2] int32 of the rows that
// count; key [2], image index [], purpose [] uint32; sigma [] float32. Output: votes a class [K] int32.
func program(e *engine.Engine, a *classifier.Architecture, size int) (*engine.Program, error) {
	return e.Program(fmt.Sprintf("votes %s chunk=%d", a.Name, size), func(_ *engine.Program, in []*Node) []*Node {
		n := len(a.Params)
		x, start, within, key, index, purpose, sigma := in[n], in[n+1], in[n+2], in[n+3], in[n+4], in[n+5], in[n+6]
		g, d := x.Graph(), x.Shape().Dimensions
		rows := Iota(g, shapes.Make(dtypes.Uint32, size), 0)
		z := draw.Normal(draw.Source{Key: key, Purpose: purpose, Item: index}, Add(rows, start), x.Shape().Size())
		clean := DivScalar(ConvertDType(x, dtypes.Float32), 255)
		noisy := Add(InsertAxes(clean, 0), Mul(sigma, Reshape(z, append([]int{size}, d...)...)))
		noisy = OptimizationBarrier(noisy) // else XLA fuses the generator into each use and draws the same noise many times
		class := ArgMax(a.Logits(a.Weights(in[:n]), noisy, classifier.Forward), -1, dtypes.Int32)
		row := ConvertDType(rows, dtypes.Int32)
		lo, hi := Reshape(Slice(within, AxisRange(0, 1))), Reshape(Slice(within, AxisRange(1, 2)))
		counted := ConvertDType(LogicalAnd(GreaterOrEqual(row, lo), LessThan(row, hi)), dtypes.Int32)
		return []*Node{ReduceSum(Mul(OneHot(class, a.Classes, dtypes.Int32), InsertAxes(counted, -1)), 0)}
	})
}
