package train

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sort"

	"smoothlab/method"
	"smoothlab/noise"
)

// choice is a run's state of which images are trained on and how often they are drawn. A checkpoint holds it, so that a
// resumed run draws the same images.
type choice struct {
	Epoch  int    `json:"epoch"`  // epoch before which the images were judged last
	Copies int    `json:"copies"` // noisy copies of each image that were judged for its weight; 0 for equal weights
	Right  []byte `json:"right"`  // per image: number of copies that were classified correctly, or dropped
}

// dropped marks an image that is left out of the training.
const dropped = 255

// kept returns the number of images that can be drawn; 0 for no choice.
func (c *choice) kept() int {
	if c == nil {
		return 0
	}
	n := 0
	for _, k := range c.Right {
		if k != dropped {
			n++
		}
	}
	return n
}

// check returns an error if the choice cannot be one of n images, or nil.
func (c *choice) check(n int) error {
	switch {
	case c == nil:
		return nil
	case len(c.Right) != n:
		return fmt.Errorf("it has chosen among %d images, the data set has %d", len(c.Right), n)
	case c.Copies < 0 || c.Copies >= dropped || c.Epoch < 0:
		return fmt.Errorf("it has judged %d copies of each image before epoch %d", c.Copies, c.Epoch)
	case c.kept() == 0:
		return errors.New("it has dropped all images")
	}
	for i, k := range c.Right {
		if k != dropped && int(k) > c.Copies {
			return fmt.Errorf("%d of %d copies of image %d were right", k, c.Copies, i)
		}
	}
	return nil
}

// weights returns the weight of each image, 0 for a dropped one; nil for no choice.
func (c *choice) weights(m method.Method) []float64 {
	if c == nil {
		return nil
	}
	var byRight [dropped]float64
	for k := range c.Copies + 1 {
		byRight[k] = method.ImageWeight(m, k, c.Copies)
	}
	w := make([]float64, len(c.Right))
	for i, k := range c.Right {
		if k != dropped {
			w[i] = byRight[k]
		}
	}
	return w
}

// drawImages draws n images with replacement, with probabilities proportional to their weights. Each draw is a function
// of the seed, the epoch and its position only. repeats numbers the draws of the same image.
func drawImages(weights []float64, seed uint64, epoch, n int) (order []int, repeats []uint32) {
	total, sums := 0., make([]float64, len(weights))
	for i, w := range weights {
		total += w
		sums[i] = total
	}
	seen := make([]uint32, len(weights))
	order, repeats = make([]int, n), make([]uint32, n)
	for position := range n {
		at := [4]uint32{uint32(position), 0, uint32(epoch), uint32(noise.Draw)}
		words := noise.Philox(at, noise.Key(seed))
		u := float64((uint64(words[1])<<32|uint64(words[0]))>>11) * 0x1p-53
		// the first image whose sum is larger has a weight above 0
		image := sort.Search(len(sums)-1, func(i int) bool { return sums[i] > u*total })
		order[position], repeats[position] = image, seen[image]
		seen[image]++
	}
	return order, repeats
}

// arrange sets the order of the current epoch: all images, shuffled, or images drawn by their weights.
func (t *trainer) arrange() {
	seed, epoch := t.state.Settings.Seed, t.state.Epoch
	if method.SamplingIn(t.method, epoch).Draw && t.state.Choice != nil {
		t.order, t.repeats = drawImages(t.state.Choice.weights(t.method), seed, epoch, t.data.Len())
		return
	}
	t.order, t.repeats = rand.New(noise.NewStream(seed, noise.Shuffle, uint32(epoch))).Perm(t.data.Len()), nil
}

// checkSampling refuses a method that chooses images if no epoch of the training does.
func (s Settings) checkSampling(m method.Method) error {
	if !method.ChoosesImages(m) || method.SamplingIn(m, s.Epochs-1).Draw {
		return nil
	}
	start, _ := method.Setting(m, "start")
	return fmt.Errorf("%s starts to choose images at epoch %g, and the training has %d: lower start, or scale a recipe",
		m.Name(), start, s.Epochs)
}
