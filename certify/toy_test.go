package certify

import (
	"context"
	"math/rand/v2"

	"smoothlab/noise"
)

// toyVoter votes for class 0 with probability share[pos], else for one of the other classes: a pure function of seed,
// position, purpose and number of the vote, as Voter demands.
type toyVoter struct {
	seed  uint64
	share []float64
	drawn int             // votes so far
	each  func(votes int) // called before every vote, if set
}

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
	return Settings{Sigma: 0.5, Plan: Plan{N0: 10, N: 60, Alpha: 0.001}, Classes: 3, Seed: 7, Dataset: "toy", Split: "test", ImageData: "pixels",
		Checkpoint: "c0ffee", Chunks: []int{10, 60}, Provenance: map[string]string{"backend": "toy", "device": "cpu"}}
}
