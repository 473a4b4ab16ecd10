package robust

import (
	"context"
	"errors"
	"fmt"
	"math"

	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/engine"
	"smoothlab/noise/draw"

	"github.com/gomlx/gomlx/core/tensors"
)

// Job names the classifier, images and noise that are examined.
type Job struct {
	Engine     *engine.Engine
	Classifier *classifier.Classifier
	Data       *dataset.Dataset
	Sigma      float64 // standard deviation of the noise, in [0,1] pixel units
	Seed       uint64
	// Progress reports how many of the images are done. It may be nil.
	Progress func(done, total int)
}

func (j Job) progress(done, total int) {
	if j.Progress != nil {
		j.Progress(done, total)
	}
}

// check returns an error if the job is invalid; votes.New checks sigma.
func (j Job) check() error {
	if j.Data.Len() == 0 {
		return errors.New("there are no images; give at least one")
	}
	return j.Classifier.Fits(
		classifier.Shape{Height: j.Data.Height, Width: j.Data.Width, Channels: j.Data.Channels},
		j.Data.Classes,
	)
}

// Ascent sets how points are searched for.
type Ascent struct {
	Steps int
	Step  float64 // length of a step, L2, in pixel units
	Eps   float64 // largest L2 distance from the image, in pixel units; 0 means no limit
	Draws int     // noise samples per image and step; their softmax is averaged
}

// MaxDraws bounds the noise samples of a step: all of them are differentiated in one call.
const MaxDraws = 512

// Check returns an error if a value is out of range.
func (a Ascent) Check() error {
	switch {
	case a.Steps < 0 || a.Steps > math.MaxUint32/MaxDraws:
		return fmt.Errorf("steps, the length of the search, must be 0 or more, got %d", a.Steps)
	case !(a.Step >= 0) || math.IsInf(a.Step, 0):
		return fmt.Errorf("step, the length of a step in pixel units, must be 0 or more, got %g", a.Step)
	case !(a.Eps >= 0) || math.IsInf(a.Eps, 0):
		return fmt.Errorf("eps, the largest L2 distance in pixel units, must be 0 or more, got %g", a.Eps)
	case a.Draws < 1 || a.Draws > MaxDraws:
		return fmt.Errorf(
			"draws, the noise samples per image and step, must be from 1 to %d, got %d",
			MaxDraws,
			a.Draws,
		)
	}
	return nil
}

// climber runs ascents for one job; its weights are on the device.
type climber struct {
	Job
	weights []*tensors.Tensor
}

func newClimber(j Job) *climber {
	c := &climber{Job: j}
	for i, p := range j.Classifier.Arch.Params {
		c.weights = append(c.weights, tensors.FromFlatDataAndDimensions(j.Classifier.Params[i], p.Dims...))
	}
	return c
}

func (c *climber) close() error { return engine.Free(c.weights...) }

// images returns the number of images per call, so that a call stays below half a second.
func (a Ascent) images() int { return max(1, min(64, 512/a.Draws)) }

// climb runs the ascent from the images at positions, at most a.images of them, and passes every point on the way to
// show, the images themselves first.
func (c *climber) climb(
	ctx context.Context,
	a Ascent,
	positions []int,
	show func(step int, points [][]float32) error,
) error {
	points := make([][]float32, len(positions))
	for i, pos := range positions {
		points[i] = unitPixels(c.Data.Image(pos))
	}
	for step := 0; ; step++ {
		if err := show(step, points); err != nil || step == a.Steps {
			return err
		}
		next, err := c.step(ctx, a, step, positions, points)
		if err != nil {
			return err
		}
		points = next
	}
}

// step takes one step. Short batches are padded by repeating the first image, so that there is one shape.
func (c *climber) step(
	ctx context.Context, a Ascent, step int, positions []int, points [][]float32,
) ([][]float32, error) {
	arch, d, n := c.Classifier.Arch, c.Data, a.images()
	p, err := ascentProgram(c.Engine, arch, a.Draws)
	if err != nil {
		return nil, err
	}
	var pixels []byte
	var z []float32
	labels, index := make([]int32, n), make([]uint32, n)
	for i := range n {
		k := 0
		if i < len(positions) {
			k = i
		}
		pos := positions[k]
		pixels, z = append(pixels, d.Image(pos)...), append(z, points[k]...)
		labels[i], index[i] = int32(d.Labels[pos]), uint32(d.Indices[pos])
	}
	x := tensors.FromFlatDataAndDimensions(pixels, n, d.Height, d.Width, d.Channels)
	from := tensors.FromFlatDataAndDimensions(z, n, d.Height, d.Width, d.Channels)
	defer engine.Free(x, from)
	eps := float32(math.MaxFloat32)
	if a.Eps > 0 {
		eps = float32(a.Eps)
	}
	args := make([]any, 0, len(c.weights)+9)
	for _, w := range c.weights {
		args = append(args, w)
	}
	args = append(args, x, labels, index, from,
		draw.Key(c.Seed), uint32(step*a.Draws), float32(c.Sigma), float32(a.Step), eps)
	out, err := p.Call(ctx, args...)
	if err != nil {
		return nil, err
	}
	flat, err := engine.Read[float32](c.Engine, out[0])
	if err := errors.Join(err, engine.Free(out...)); err != nil {
		return nil, err
	}
	size := arch.Input.Size()
	next := make([][]float32, len(positions))
	for i := range next {
		next[i] = flat[i*size : (i+1)*size : (i+1)*size]
	}
	return next, nil
}

// unitPixels converts pixels to [0,1] units.
func unitPixels(pixels []byte) []float32 {
	x := make([]float32, len(pixels))
	for i, p := range pixels {
		x[i] = float32(p) / 255
	}
	return x
}

// distance returns the L2 distance of two points, in pixel units.
func distance(a, b []float32) float64 {
	sum := 0.0
	for i := range a {
		d := float64(a[i]) - float64(b[i])
		sum += d * d
	}
	return math.Sqrt(sum)
}

// groups divides positions into groups of at most size.
func groups(positions []int, size int) (all [][]int) {
	for len(positions) > size {
		all, positions = append(all, positions[:size]), positions[size:]
	}
	if len(positions) > 0 {
		all = append(all, positions)
	}
	return all
}
