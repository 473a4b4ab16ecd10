package certify

import (
	"context"
	"crypto/sha256"
	"fmt"

	"smoothlab/noise"
)

// Voter counts how a base classifier votes on noisy copies of images. A vote depends only on the voter's [Source],
// the purpose, the image and the number of the noisy copy: not on the order of calls, nor on how copies are grouped
// into calls.
type Voter interface {
	// Vote classifies noisy copies first … first+n-1 of the image at position pos of the data set and adds the votes
	// per class to counts, whose length is the number of classes. It returns ctx.Err() promptly when ctx ends.
	Vote(ctx context.Context, pos int, p noise.Purpose, first, n int, counts []int) error

	// Source describes what the votes come from. It never changes.
	Source() Source

	// Slack bounds the difference between the probability of a class under the voter's noise and under the noise of its
	// Source. 0 means unknown, as for float32 noise.
	Slack() float64

	// Digests returns, for each image, the SHA-256 of its shape, pixels and label, or nil if the voter has no pixels.
	// It returns an error if an index or a label differs from the data set's.
	Digests(ctx context.Context, images []Image) ([]Digest, error)
}

// Digest is the SHA-256 of the shape, the pixels and the label of an image.
type Digest [32]byte

// NewDigest returns the digest of an image of 8-bit pixels, row by row with the channels of a pixel together.
func NewDigest(height, width, channels, label int, pixels []byte) (d Digest) {
	h := sha256.New()
	fmt.Fprintf(h, "%d %d %d %d\n", height, width, channels, label)
	h.Write(pixels)
	h.Sum(d[:0])
	return d
}

// voteCounter draws the votes of one image, in one or several calls of the voter, and checks that the voter keeps its
// contract, on which the guarantee depends.
type voteCounter struct {
	voter   Voter
	img     Image
	classes int
	meter   *meter // cuts the votes into calls and counts them; nil for one call
}

// draw adds votes first … last-1 to counts.
func (b *voteCounter) draw(ctx context.Context, p noise.Purpose, first, last int, counts []int) error {
	if b.meter != nil {
		if err := b.meter.checkBudget(last - first); err != nil {
			return err
		}
	}
	for first < last {
		size := last - first
		if b.meter != nil {
			size = min(size, b.meter.next())
		}
		if err := b.call(ctx, p, first, size, counts); err != nil {
			return err
		}
		if first += size; b.meter != nil {
			b.meter.record(p, size)
			if err := b.meter.checkBudget(0); err != nil && first < last {
				return err
			}
		}
	}
	return nil
}

func tooFewClasses(n int) error { return fmt.Errorf("a vote needs at least 2 classes; got %d", n) }

// call calls the voter once.
func (b *voteCounter) call(ctx context.Context, p noise.Purpose, first, n int, counts []int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	added := make([]int, len(counts))
	if err := b.voter.Vote(ctx, b.img.Pos, p, first, n, added); err != nil {
		return err
	}
	if err := checkCounts(b.img, added, n); err != nil {
		return err
	}
	for k, c := range added {
		counts[k] += c
	}
	return nil
}

// topTwo returns the two classes with the most votes, the lower class first among equals.
func topTwo(counts []int) (first, second int) {
	first, second = 0, 1
	if counts[1] > counts[0] {
		first, second = 1, 0
	}
	for c := 2; c < len(counts); c++ {
		switch {
		case counts[c] > counts[first]:
			first, second = c, first
		case counts[c] > counts[second]:
			second = c
		}
	}
	return first, second
}
