package train

import (
	"context"
	"fmt"

	"smoothlab/classifier"
	"smoothlab/engine"
	"smoothlab/internal/stepgraph"
	"smoothlab/method"
	"smoothlab/noise"
	"smoothlab/noise/draw"
	"smoothlab/smoothing"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
)

// prepare chooses the images of an epoch that has not begun, if the method chooses images. It classifies noisy copies
// of them with the current weights, in evaluation mode and without augmentation. If it is interrupted, it is repeated
// with the same noise, which depends on the seed, the epoch, the image and the copy only. report is called with the
// number of copies classified so far, and in all.
func (t *trainer) prepare(ctx context.Context, report func(done, all int)) error {
	how, previous := method.SamplingIn(t.method, t.state.Epoch), t.state.Choice
	if !how.Draw || t.state.At > 0 || previous != nil && (!how.Renew || previous.Epoch == t.state.Epoch) {
		return nil
	}
	c, err := t.choose(ctx, how, report)
	if err != nil {
		return err
	}
	t.state.Choice = c
	t.arrange()
	return nil
}

// choose drops hard images, if none were dropped so far, and sets the weights of the others.
func (t *trainer) choose(ctx context.Context, how method.Sampling, report func(done, all int)) (*choice, error) {
	c := &choice{Epoch: t.state.Epoch, Copies: how.Weigh, Right: make([]byte, t.data.Len())}
	previous, filter := t.state.Choice, how.Filter
	if previous != nil {
		filter = 0
	}
	remaining := make([]int, 0, t.data.Len())
	for i := range t.data.Len() {
		c.Right[i] = dropped // replaced below for the images that remain
		if previous == nil || previous.Right[i] != dropped {
			remaining = append(remaining, i)
		}
	}
	all := len(remaining) * (filter + how.Weigh)
	if filter > 0 {
		right, err := t.judge(ctx, remaining, 0, filter, func(done int) { report(done, all) })
		if err != nil {
			return nil, err
		}
		kept := remaining[:0:0]
		for k, i := range remaining {
			if float64(right[k]) >= how.Threshold*float64(filter) {
				kept = append(kept, i)
			}
		}
		remaining = kept
	}
	if len(remaining) == 0 {
		return nil, fmt.Errorf(
			"%s drops every image before epoch %d: no image has %g%% of its %d noisy copies classified correctly; "+
				"start later, or lower the threshold",
			t.method.Name(), t.state.Epoch, 100*how.Threshold, filter)
	}
	judged := all - len(remaining)*how.Weigh
	right, err := t.judge(ctx, remaining, how.Filter, how.Weigh, func(done int) { report(judged+done, all) })
	if err != nil {
		return nil, err
	}
	for k, i := range remaining {
		c.Right[i] = byte(right[k])
	}
	return c, nil
}

// judge counts how many of n noisy copies, numbered from a first one, of each image are classified correctly.
func (t *trainer) judge(ctx context.Context, images []int, first, n int, report func(done int)) ([]int, error) {
	right := make([]int, len(images))
	p, err := judgeProgram(t.engine, t.arch, method.Noise(t.method))
	if err != nil {
		return nil, err
	}
	done, chunk := 0, min(t.evaluationChunk(), len(images))
	for from := 0; from < len(images); from += chunk {
		part := images[from:min(from+chunk, len(images))]
		for number := first; number < first+n; number++ {
			correct, err := t.judgeCall(ctx, p, chunk, part, number)
			if err != nil {
				return nil, err
			}
			for i := range part {
				right[from+i] += int(correct[i])
			}
			done += len(part)
			report(done)
		}
	}
	return right, nil
}

// judgeCall classifies the copy of that number of each image, and returns 1 for a correct class, else 0.
func (t *trainer) judgeCall(
	ctx context.Context,
	p *engine.Program,
	chunk int,
	images []int,
	number int,
) ([]int32, error) {
	batch := evaluationBatch(t.arch, t.data, chunk, images, uint32(number)<<indexBits)
	all, err := shardAll(t.state.devices(), batch...)
	if err != nil {
		return nil, err
	}
	defer engine.Free(all...)
	under := method.Noise(t.method)
	out, err := p.CallAcross(ctx, engine.Whole, stepgraph.Arguments(t.weights.params, all[0], all[1], all[2],
		draw.Key(t.state.Settings.Seed), uint32(t.state.Epoch), float32(smoothing.Scale(under)))...)
	if err != nil {
		return nil, err
	}
	defer engine.Free(out...)
	return engine.Read[int32](t.engine, out[0].Part(0))
}

// indexBits is the number of bits of an image's index in the sample number of a copy.
const indexBits = 24

// checkIndices refuses images that cannot be judged, because their copies would have the same noise as others.
func (job *Job) checkIndices() error {
	for _, i := range job.Data.Indices {
		if i >= 1<<indexBits {
			return fmt.Errorf("%s can judge the images of a split up to number %d, got image %d",
				job.Method.Name(), 1<<indexBits-1, i)
		}
	}
	return nil
}

// judgeProgram classifies one noisy copy of each image in evaluation mode. It takes the inputs of testProgram. Output:
// [N] int32, 1 for a correct copy, else 0.
func judgeProgram(
	e *engine.Engine,
	a *classifier.Architecture,
	under smoothing.Smoothing,
) (*engine.Program, error) {
	sampler, err := draw.Standard(under.Name())
	if err != nil {
		return nil, err
	}
	return e.Program("judge "+a.Name+" "+under.Name(), func(_ *engine.Program, in []*Node) []*Node {
		logits, y := noisyCopyLogits(a, sampler, noise.Judge, in)
		return []*Node{ConvertDType(Equal(ArgMax(logits, -1, dtypes.Int32), y), dtypes.Int32)}
	})
}
