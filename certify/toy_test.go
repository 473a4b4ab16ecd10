package certify

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"

	"smoothlab/noise"
	"smoothlab/smoothing"
)

// toyVoter votes for class 0 with probability share[pos], else for one of the other classes: a pure function of seed,
// position, purpose and number of the vote, as Voter demands.
type toyVoter struct {
	seed  uint64
	share []float64
	drawn int             // votes so far
	each  func(votes int) // called before every vote, if set

	settings *Settings // what it reports; nil for toySettings
}

// configurable is a voter whose settings a test chooses.
type configurable interface {
	Voter
	reports(s Settings)
}

func (v *toyVoter) reports(s Settings) { v.settings = &s }

func (v *toyVoter) set() Settings {
	if v.settings == nil {
		return toySettings()
	}
	return *v.settings
}

func (v *toyVoter) Source() Source { return v.set().Source }

func (v *toyVoter) Slack() float64 { return v.set().Plan.Slack }

// Digests returns digests of the settings' ImageData, which takes the place of pixels, and the image.
func (v *toyVoter) Digests(ctx context.Context, images []Image) (all []Digest, err error) {
	if v.set().ImageData == "" {
		return nil, nil
	}
	for _, img := range images {
		all = append(all, sha256.Sum256(fmt.Appendf(nil, "%s %d %d", v.set().ImageData, img.Index, img.Label)))
	}
	return all, ctx.Err()
}

// runAs is Run with a voter that reports settings.
func runAs(
	ctx context.Context,
	v configurable,
	images []Image,
	s Settings,
	out string,
	progress func(Progress),
) (*Certificates, error) {
	v.reports(s)
	return Run(ctx, v, images, s.Plan, out, progress)
}

// runWithinAs is RunWithin with a voter that reports settings.
func runWithinAs(
	ctx context.Context,
	b Budget,
	v configurable,
	images []Image,
	part Shard,
	s Settings,
	out string,
	progress func(Progress),
) (*Certificates, error) {
	v.reports(s)
	return RunWithin(ctx, b, v, images, part, s.Plan, out, progress)
}

// gaussian are settings with a sigma and a plan.
func gaussian(sigma float64, plan Plan) Settings {
	return Settings{Source: Source{Smoothing: smoothing.Gaussian{Sigma: sigma}, Classes: 3}, Plan: plan}
}

// radius returns the radius under Gaussian noise.
func radius(sigma, p float64) float64 { return smoothing.Gaussian{Sigma: sigma}.Radius(p) }

func (v *toyVoter) Vote(ctx context.Context, pos int, p noise.Purpose, first, n int, counts []int) error {
	for i := first; i < first+n; i++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		if v.each != nil {
			v.each(v.drawn)
		}
		v.drawn++
		rng := rand.New(rand.NewPCG(v.seed, uint64(pos)<<40|uint64(p)<<32|uint64(i)))
		rng.Uint64() // neighbouring seeds of PCG begin alike
		switch u := rng.Float64(); {
		case u < v.share[pos]:
			counts[0]++
		default:
			counts[1+rng.IntN(len(counts)-1)]++
		}
	}
	return nil
}

// toyImages are n images at every tenth index; each fourth is labelled 1, so that class 0 is wrong there.
func toyImages(n int) []Image {
	images := make([]Image, n)
	for i := range images {
		images[i] = Image{Pos: i, Index: 10 * i}
		if i%4 == 3 {
			images[i].Label = 1
		}
	}
	return images
}

func toyShares(n int) []float64 {
	share := make([]float64, n)
	for i := range share {
		share[i] = []float64{1, 0.95, 0.5, 0.9, 0.8}[i%5]
	}
	return share
}

func toySettings() Settings {
	return Settings{
		Plan:      Plan{N0: 10, N: 60, Alpha: 0.001},
		ImageData: "pixels",
		Source: Source{
			Smoothing:  smoothing.Gaussian{Sigma: 0.5},
			Classes:    3,
			ClassNames: []string{"a", "b", "c"},
			Seed:       7,
			Dataset:    "toy",
			Split:      "test",
			Checkpoint: "c0ffee",
			Chunks:     []int{10, 60},
			Provenance: map[string]string{"backend": "toy", "device": "cpu"},
		},
	}
}
