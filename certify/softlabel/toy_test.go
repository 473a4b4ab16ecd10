package softlabel

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"smoothlab/certify"
	"smoothlab/noise"
	"smoothlab/smoothing"
)

// toyVoter votes as a pure function of seed, purpose, image and number of the vote, as certify.Voter demands.
type toyVoter struct {
	source certify.Source
	pixels string        // in place of the pixels
	each   func() error  // called before every image, if set
	takes  time.Duration // of every image
}

func newToy() *toyVoter {
	return &toyVoter{pixels: "toy", source: certify.Source{Smoothing: smoothing.Gaussian{Sigma: 0.25}, Classes: 3, Seed: 7,
		Dataset: "toy", Split: "train", Checkpoint: "0123456789abcdef", Chunks: []int{4, 8},
		Provenance: map[string]string{"device": "toy"}}}
}

const toyCount = 40

// toyImages returns images with gaps between their indices.
func toyImages() []certify.Image {
	images := make([]certify.Image, toyCount)
	for i := range images {
		images[i] = certify.Image{Pos: i, Index: 2*i + 1, Label: i % 3}
	}
	return images
}

func (v *toyVoter) Source() certify.Source { return v.source }
func (v *toyVoter) Slack() float64         { return 0 }

func (v *toyVoter) Digests(ctx context.Context, images []certify.Image) (all []certify.Digest, err error) {
	for _, img := range images {
		all = append(all, sha256.Sum256(fmt.Appendf(nil, "%s %d %d", v.pixels, img.Index, img.Label)))
	}
	return all, ctx.Err()
}

func (v *toyVoter) Vote(ctx context.Context, pos int, p noise.Purpose, first, n int, counts []int) error {
	time.Sleep(v.takes)
	for k := first; k < first+n; k++ {
		words := noise.Philox([4]uint32{0, uint32(k), uint32(pos), uint32(p)}, noise.Key(v.source.Seed))
		counts[words[0]%uint32(len(counts))]++
	}
	return ctx.Err()
}

func (v *toyVoter) VoteAll(ctx context.Context, p noise.Purpose, requests []certify.Request) error {
	for _, r := range requests {
		if v.each != nil {
			if err := v.each(); err != nil {
				return err
			}
		}
		if err := v.Vote(ctx, r.Pos, p, r.First, r.N, r.Counts); err != nil {
			return err
		}
	}
	return nil
}
