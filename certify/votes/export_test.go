package votes

import (
	"context"

	"smoothlab/certify"
	"smoothlab/classifier"
	"smoothlab/noise"
)

// Spread uses the first n devices, independent or not.
func (v *Voter) Spread(c *classifier.Classifier, n int) {
	for len(v.devices) < n {
		v.devices = append(v.devices, v.hold(c))
	}
}

// Logits returns the logits of noisy copies: row i has copy samples[i] of the image at positions[i].
func (v *Voter) Logits(ctx context.Context, p noise.Purpose, positions, samples []int) ([]float32, error) {
	chunk := v.shape(p)
	b := batch{slot: make([]int32, chunk), sample: make([]uint32, chunk), used: len(positions)}
	slots := map[int]int32{}
	var requests []certify.Request
	for row, pos := range positions {
		if _, known := slots[pos]; !known {
			slots[pos] = int32(len(requests))
			b.requests = append(b.requests, len(requests))
			requests = append(requests, certify.Request{Pos: pos})
		}
		b.slot[row], b.sample[row] = slots[pos], uint32(samples[row])
	}
	a, err := v.call(ctx, 0, p, requests, b, part{})
	return a.Logits, err
}

// SlotsOf returns the number of images that a chunk can hold.
func SlotsOf(chunk int) int { return slotsOf(chunk) }
