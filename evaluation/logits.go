package evaluation

import (
	"context"
	"errors"
	"fmt"
	"math"

	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/engine"
	"smoothlab/noise"

	"github.com/gomlx/gomlx/core/tensors"
)

// Chunk is the number of images per call, the last of which is padded. Deep networks on a CPU take fewer
// (Architecture.Chunk).
const Chunk = 100

// ErrNoNumbers is the error of logits that are NaN.
var ErrNoNumbers = errors.New(
	"the classifier's logits are not numbers: its training diverged, or its weights are damaged",
)

// Job names the classifier and the images.
type Job struct {
	Engine     *engine.Engine
	Classifier *classifier.Classifier
	Data       *dataset.Dataset
	// Points, in [0,1] units, are used in place of the images, one per image; nil means the images.
	Points [][]float32
	// Progress reports how many of the images have passed a stage. It may be nil.
	Progress func(s Stage, done, total int)
}

// Stage is a stage of an evaluation.
type Stage string

// The stages of an evaluation, in their order.
const (
	Classifying Stage = "classifying" // the images as they are
	Voting      Stage = "voting"      // noisy copies
)

func (j Job) progress(s Stage, done, total int) {
	if j.Progress != nil {
		j.Progress(s, done, total)
	}
}

func (j Job) check() error {
	if j.Data.Len() == 0 {
		return errors.New("there are no images; give at least one")
	}
	if j.Points != nil && len(j.Points) != j.Data.Len() {
		return fmt.Errorf("%d points for %d images", len(j.Points), j.Data.Len())
	}
	for i, x := range j.Points {
		if want := j.Classifier.Arch.Input.Size(); len(x) != want {
			return fmt.Errorf("point %d has %d values, an image has %d", i, len(x), want)
		}
	}
	return j.Classifier.Fits(
		classifier.Shape{Height: j.Data.Height, Width: j.Data.Width, Channels: j.Data.Channels},
		j.Data.Classes,
	)
}

// Logits returns the network's outputs for each image, in evaluation mode and without noise: [images][classes].
func Logits(ctx context.Context, j Job) (all [][]float32, err error) {
	if err := j.check(); err != nil {
		return nil, err
	}
	weights := make([]any, 0, len(j.Classifier.Params)+1)
	defer func() {
		for _, w := range weights {
			err = errors.Join(err, engine.Free(w.(*tensors.Tensor)))
		}
	}()
	for i, p := range j.Classifier.Arch.Params {
		weights = append(weights, tensors.FromFlatDataAndDimensions(j.Classifier.Params[i], p.Dims...))
	}
	chunk := j.chunk()
	program, err := logitsProgram(j.Engine, j.Classifier.Arch)
	if err != nil {
		return nil, err
	}
	for from := 0; from < j.Data.Len(); from += chunk {
		j.progress(Classifying, from, j.Data.Len())
		rows, err := j.call(ctx, program, weights, from, min(chunk, j.Data.Len()-from))
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
	}
	j.progress(Classifying, len(all), len(all))
	return all, nil
}

// chunk returns the number of images per call, a multiple of four: XLA's CPU backend computes a single last row by
// another routine.
func (j Job) chunk() int {
	n := Chunk
	if j.Engine.Device() == "cpu" {
		n = j.Classifier.Arch.Chunk(n)
	}
	return (n + 3) / 4 * 4
}

// call computes the logits of n images from a position on.
func (j Job) call(
	ctx context.Context,
	program *engine.Program,
	weights []any,
	from, n int,
) (rows [][]float32, err error) {
	x := j.input(from, n)
	defer func() { err = errors.Join(err, engine.Free(x)) }()
	out, err := program.Call(ctx, append(weights[:len(weights):len(weights)], x)...)
	if err != nil {
		return nil, err
	}
	flat, err := engine.Read[float32](j.Engine, out[0])
	if err := errors.Join(err, engine.Free(out...)); err != nil {
		return nil, err
	}
	k := j.Classifier.Arch.Classes
	for i := range n {
		row := flat[i*k : (i+1)*k : (i+1)*k]
		for _, v := range row {
			if math.IsNaN(float64(v)) {
				return nil, ErrNoNumbers
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// input returns n images or points from a position on, padded to a chunk: [chunk, H, W, C] in [0,1] units.
func (j Job) input(from, n int) *tensors.Tensor {
	chunk, in := j.chunk(), j.Classifier.Arch.Input
	flat := make([]float32, chunk*in.Size())
	for i := range n {
		to := flat[i*in.Size() : (i+1)*in.Size()]
		if j.Points != nil {
			copy(to, j.Points[from+i])
			continue
		}
		for k, p := range j.Data.Image(from + i) {
			to[k] = float32(p) / noise.Levels
		}
	}
	return tensors.FromFlatDataAndDimensions(flat, chunk, in.Height, in.Width, in.Channels)
}
