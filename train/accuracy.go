package train

import (
	"context"

	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/engine"
	"smoothlab/internal/stepgraph"
	"smoothlab/method"
	"smoothlab/noise/draw"
	"smoothlab/smoothing"

	"github.com/gomlx/gomlx/core/tensors"
)

// testChunk is the number of images per call of the test program; deep networks on a CPU take fewer. The last call is
// padded.
const testChunk = 500

// noisyTest runs the authors' test after each epoch (code/train_utils.py:149-199): the base classifier classifies one
// noisy copy of every test image, in evaluation mode. It returns the accuracy in [0,1] and the mean cross-entropy, or
// −1 and 0 if there are no test images.
func (t *trainer) noisyTest(ctx context.Context) (accuracy, xent float64, err error) {
	if t.test == nil || t.test.Len() == 0 {
		return -1, 0, nil
	}
	p, err := testProgram(t.engine, t.arch, method.Noise(t.method))
	if err != nil {
		return 0, 0, err
	}
	n, chunk := t.test.Len(), t.evaluationChunk()
	for from := 0; from < n; from += chunk {
		correct, loss, err := t.testCall(ctx, p, chunk, from)
		if err != nil {
			return 0, 0, err
		}
		accuracy += correct
		xent += loss
	}
	return accuracy / float64(n), xent / float64(n), nil
}

// evaluationChunk returns the number of images per call of an evaluation.
func (t *trainer) evaluationChunk() int {
	if t.engine.Device() == "cpu" {
		return t.arch.Chunk(testChunk)
	}
	return testChunk
}

// evaluationBatch copies images at some positions on the host, padded to chunk images of label −1: pixels, labels, and
// the sample numbers of their noise, which are the images' indices with some bits added.
func evaluationBatch(
	a *classifier.Architecture,
	d *dataset.Dataset,
	chunk int,
	positions []int,
	bits uint32,
) []*tensors.Tensor {
	in := a.Input
	x, y, samples := make([]uint8, chunk*in.Size()), make([]int32, chunk), make([]uint32, chunk)
	for i := range y {
		y[i] = -1
	}
	for i, k := range positions {
		copy(x[i*in.Size():], d.Image(k))
		y[i], samples[i] = int32(d.Labels[k]), bits|uint32(d.Indices[k])
	}
	return []*tensors.Tensor{
		tensors.FromFlatDataAndDimensions(x, chunk, in.Height, in.Width, in.Channels),
		tensors.FromValue(y),
		tensors.FromValue(samples),
	}
}

// testCall tests up to chunk images from a position on.
func (t *trainer) testCall(ctx context.Context, p *engine.Program, chunk, from int) (correct, xent float64, err error) {
	var positions []int
	for k := from; k < min(from+chunk, t.test.Len()); k++ {
		positions = append(positions, k)
	}
	all, err := shardAll(t.state.Devices, evaluationBatch(t.arch, t.test, chunk, positions, 0)...)
	if err != nil {
		return 0, 0, err
	}
	defer engine.Free(all...)
	out, err := p.CallAcross(
		ctx,
		engine.Whole,
		stepgraph.Arguments(
			t.weights.judged(),
			all[0],
			all[1],
			all[2],
			draw.Key(t.state.Settings.Seed),
			uint32(t.state.Epoch),
			float32(smoothing.Scale(method.Noise(t.method))),
		)...)
	if err != nil {
		return 0, 0, err
	}
	defer engine.Free(out...)
	sums, err := engine.Read[float32](t.engine, out[0].Part(0))
	if err != nil {
		return 0, 0, err
	}
	return float64(sums[0]), float64(sums[1]), nil
}
