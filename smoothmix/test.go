package smoothmix

import (
	"context"

	"smoothlab/engine"
	"smoothlab/noise/draw"

	"github.com/gomlx/gomlx/core/tensors"
)

// testChunk is the number of images of one call of the test program; the last call is padded.
const testChunk = 500

// noisyTest is the authors' test after each epoch (code/train_utils.py:149-199): the base classifier on one noisy copy
// of every test image, in evaluation mode. It returns the accuracy in [0,1] and the mean cross-entropy, or −1 and 0
// without test images.
func (t *trainer) noisyTest(ctx context.Context) (accuracy, xent float64, err error) {
	if t.test == nil || t.test.Len() == 0 {
		return -1, 0, nil
	}
	p, err := testProgram(t.engine, t.arch)
	if err != nil {
		return 0, 0, err
	}
	n := t.test.Len()
	for from := 0; from < n; from += testChunk {
		correct, loss, err := t.testCall(ctx, p, from, min(from+testChunk, n))
		if err != nil {
			return 0, 0, err
		}
		accuracy += correct
		xent += loss
	}
	return accuracy / float64(n), xent / float64(n), nil
}

// testCall tests the images at positions [from, to).
func (t *trainer) testCall(ctx context.Context, p *engine.Program, from, to int) (correct, xent float64, err error) {
	in := t.arch.Input
	x, y, samples := make([]uint8, testChunk*in.Size()), make([]int32, testChunk), make([]uint32, testChunk)
	for i := range testChunk {
		y[i] = -1
		if k := from + i; k < to {
			copy(x[i*in.Size():], t.test.Image(k))
			y[i], samples[i] = int32(t.test.Labels[k]), uint32(t.test.Indices[k])
		}
	}
	pixels := tensors.FromFlatDataAndDimensions(x, testChunk, in.Height, in.Width, in.Channels)
	defer engine.Free(pixels)
	out, err := call(ctx, p, t.params, pixels, y, samples, draw.Key(t.state.Settings.Seed), uint32(t.state.Epoch), float32(t.sigma()))
	if err != nil {
		return 0, 0, err
	}
	return float64(out[0][0]), float64(out[0][1]), nil
}
