package votes

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"smoothlab/classifier"
	"smoothlab/engine"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// CheckIndependence returns an error if the logits of an image depend on the other images in its batch, as those of a
// batch norm in training mode do: votes would not be independent then, and a certificate would mean nothing. It tries
// the network on images of noise, in two pairs that share an image at different places, and allows 1e-4 of the
// largest logit for rounding.
func CheckIndependence(ctx context.Context, e *engine.Engine, c *classifier.Classifier) error {
	t, err := newTrial(e, c.Arch)
	if err != nil {
		return err
	}
	one, err := t.logits(ctx, c, 0, 1)
	if err != nil {
		return err
	}
	other, err := t.logits(ctx, c, 2, 0)
	if err != nil {
		return err
	}
	return alike(one[:c.Arch.Classes], other[c.Arch.Classes:])
}

// trial computes logits of pairs of images of noise, of which there are three.
type trial struct {
	engine  *engine.Engine
	program *engine.Program
	input   classifier.Shape
	pixels  []float32 // [3, H, W, C]
}

func newTrial(e *engine.Engine, a *classifier.Architecture) (*trial, error) {
	program, err := e.Program("independence "+a.Name, func(_ *engine.Program, in []*Node) []*Node {
		n := len(a.Params)
		return []*Node{a.Logits(a.Weights(in[:n]), in[n], classifier.Forward)}
	})
	t := &trial{engine: e, program: program, input: a.Input, pixels: make([]float32, 3*a.Input.Size())}
	r := rand.New(rand.NewPCG(1, 2))
	for i := range t.pixels {
		t.pixels[i] = r.Float32()
	}
	return t, err
}

// pair returns two of the images: [2, H, W, C].
func (t *trial) pair(first, second int) []float32 {
	size := t.input.Size()
	return slices.Concat(t.pixels[first*size:(first+1)*size], t.pixels[second*size:(second+1)*size])
}

// channelsFirst returns two of the images: [2, C, H, W].
func (t *trial) channelsFirst(first, second int) []float32 {
	last := t.pair(first, second)
	images, area := make([]float32, 0, len(last)), t.input.Height*t.input.Width
	for n := range 2 {
		for c := range t.input.Channels {
			for p := range area {
				images = append(images, last[(n*area+p)*t.input.Channels+c])
			}
		}
	}
	return images
}

// logits computes those of two of the images: [2, classes].
func (t *trial) logits(ctx context.Context, c *classifier.Classifier, first, second int) ([]float32, error) {
	var args []any
	for i, p := range c.Arch.Params {
		args = append(args, tensors.FromFlatDataAndDimensions(c.Params[i], p.Dims...))
	}
	in := t.input
	images := tensors.FromFlatDataAndDimensions(t.pair(first, second), 2, in.Height, in.Width, in.Channels)
	out, err := t.program.Call(ctx, append(args, images)...)
	if err != nil {
		return nil, err
	}
	defer engine.Free(out...)
	return engine.Read[float32](t.engine, out[0])
}

// alike compares the logits that an image has in two batches.
func alike(one, other []float32) error {
	off, largest := furthest(other, one)
	if math.IsNaN(off) || math.IsInf(off, 0) {
		return errors.New("the network's logits for an image of noise are not numbers, where it divides by 0 or overflows")
	}
	if !(off <= 1e-4*largest) {
		return fmt.Errorf(
			"the network's logits for an image change by %.2g with the other images of its batch: "+
				"a vote must depend on one image",
			off,
		)
	}
	return nil
}
