package votes

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

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
	a := c.Arch
	program, err := e.Program("independence "+a.Name, func(_ *engine.Program, in []*Node) []*Node {
		n := len(a.Params)
		return []*Node{a.Logits(a.Weights(in[:n]), in[n], classifier.Forward)}
	})
	if err != nil {
		return err
	}
	var args []any
	for i, p := range a.Params {
		args = append(args, tensors.FromFlatDataAndDimensions(c.Params[i], p.Dims...))
	}
	size := a.Input.Size()
	r := rand.New(rand.NewPCG(1, 2))
	pixels := make([]float32, 3*size)
	for i := range pixels {
		pixels[i] = r.Float32()
	}
	logits := func(first, second int) ([]float32, error) {
		pair := append(
			append([]float32(nil), pixels[first*size:(first+1)*size]...),
			pixels[second*size:(second+1)*size]...)
		images := tensors.FromFlatDataAndDimensions(pair, 2, a.Input.Height, a.Input.Width, a.Input.Channels)
		out, err := program.Call(ctx, append(args[:len(args):len(args)], images)...)
		if err != nil {
			return nil, err
		}
		defer engine.Free(out...)
		return engine.Read[float32](e, out[0])
	}
	one, err := logits(0, 1)
	if err != nil {
		return err
	}
	other, err := logits(2, 0)
	if err != nil {
		return err
	}
	return alike(one[:a.Classes], other[a.Classes:])
}

// alike compares the logits that an image has in two batches.
func alike(one, other []float32) error {
	off, largest := 0.0, 1.0
	for i := range one {
		if d := math.Abs(float64(one[i]) - float64(other[i])); !(d <= off) {
			off = d
		}
		largest = max(largest, math.Abs(float64(one[i])))
	}
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
