package votes

import (
	"context"
	"errors"
	"math"
	"sync"

	"smoothlab/certify"
	"smoothlab/engine"
	"smoothlab/noise"

	"github.com/gomlx/gomlx/core/tensors"
)

var errNoNumbers = errors.New(
	"the classifier's logits are not numbers: its training diverged, or its weights are damaged",
)

// part is which members of an ensemble a call computes, from … to−1. The zero value is the whole classifier.
type part struct{ from, to int }

// batches is work for the devices, in batches.
type batches interface {
	next() (b batch, more bool)
	batches() int // the smallest possible number, before the first is taken
}

// draw computes the requests, one chunk at a time on each device, and calls tell with the class and the logits of every
// noisy copy, in no particular order and one at a time. It stops at the first error.
func (v *Voter) draw(
	ctx context.Context,
	p noise.Purpose,
	requests []certify.Request,
	tell func(request, class int, logits []float32),
) error {
	take := func(b batch, a Answer) error { return each(b, a, v.arch.Classes, tell) }
	return v.compute(ctx, p, requests, newPacking(requests, v.shape(p)), part{}, take)
}

// compute computes batches of copies for requests, one at a time on each device, and calls take with the answers, in no
// particular order and one at a time. It stops at the first error.
func (v *Voter) compute(
	ctx context.Context,
	p noise.Purpose,
	requests []certify.Request,
	left batches,
	of part,
	take func(b batch, a Answer) error,
) error {
	var (
		mu      sync.Mutex // over all that follows, and take
		failure error
	)
	work := func(device int) {
		mu.Lock()
		defer mu.Unlock()
		for failure == nil {
			b, more := left.next()
			if !more {
				return
			}
			mu.Unlock()
			answer, err := v.call(ctx, device, p, requests, b, of)
			mu.Lock()
			if err == nil {
				err = take(b, answer)
			}
			if err != nil && failure == nil {
				failure = err
			}
		}
	}
	var all sync.WaitGroup
	workers := len(v.devices)
	if v.remote != nil {
		workers *= 2 // so that the noise of a batch is drawn while another is classified
	}
	for k := range min(workers, left.batches()) {
		all.Go(func() { work(k % len(v.devices)) })
	}
	all.Wait()
	return failure
}

// each calls tell for the rows of a batch, with nil for logits where there are only classes.
func each(b batch, a Answer, classes int, tell func(request, class int, logits []float32)) error {
	if a.Classes != nil {
		for row := range b.used {
			tell(b.requests[b.slot[row]], int(a.Classes[row]), nil)
		}
		return nil
	}
	for row := range b.used {
		l := a.Logits[row*classes : (row+1)*classes]
		class, ok := largest(l)
		if !ok {
			return errNoNumbers
		}
		tell(b.requests[b.slot[row]], class, l)
	}
	return nil
}

// largest returns the class of the first largest logit; false if a logit is NaN.
func largest(logits []float32) (class int, ok bool) {
	for k, x := range logits {
		if math.IsNaN(float64(x)) {
			return 0, false
		}
		if x > logits[class] {
			class = k
		}
	}
	return class, true
}

// call computes the logits of a batch on a device: [rows·classes]. A remote classifier gets the noisy copies.
func (v *Voter) call(
	ctx context.Context,
	device int,
	p noise.Purpose,
	requests []certify.Request,
	b batch,
	of part,
) (Answer, error) {
	prog, err := v.program(len(b.slot), of)
	if err != nil {
		return Answer{}, err
	}
	h := v.devices[device]
	images, index := v.images(requests, b)
	defer engine.Free(images)
	args := make([]any, 0, len(h.weights)+8)
	for _, w := range h.weights {
		args = append(args, w)
	}
	args = append(args, images, b.slot, b.sample, index, v.key, uint32(p))
	if v.grid != nil {
		args = append(args, h.table, int32(v.grid.Least))
	} else {
		args = append(args, v.scale)
	}
	out, err := prog.CallOn(ctx, device, args...)
	if err != nil {
		return Answer{}, err
	}
	values, err := engine.Read[float32](v.engine, out[0])
	if err := errors.Join(err, engine.Free(out...)); err != nil {
		return Answer{}, err
	}
	if v.remote != nil {
		return v.remote.classify(ctx, values, len(b.slot))
	}
	return Answer{Logits: values}, nil
}

// images returns the images of the slots, [slots, H, W, C] of bytes or of points' float32, and their indices. Unused
// slots hold zeros.
func (v *Voter) images(requests []certify.Request, b batch) (images *tensors.Tensor, index []uint32) {
	slots, in := slotsOf(len(b.slot)), v.arch.Input
	index = make([]uint32, slots)
	for i, r := range b.requests {
		index[i] = uint32(v.data.Indices[requests[r].Pos])
	}
	if v.points != nil {
		flat := make([]float32, slots*in.Size())
		for i, r := range b.requests {
			copy(flat[i*in.Size():], v.points[requests[r].Pos])
		}
		return tensors.FromFlatDataAndDimensions(flat, slots, in.Height, in.Width, in.Channels), index
	}
	flat := make([]byte, slots*in.Size())
	for i, r := range b.requests {
		copy(flat[i*in.Size():], v.data.Image(requests[r].Pos))
	}
	return tensors.FromFlatDataAndDimensions(flat, slots, in.Height, in.Width, in.Channels), index
}
