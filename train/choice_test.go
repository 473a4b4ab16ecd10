package train

import (
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"smoothlab/baseline"
	"smoothlab/internal/steptest"
	"smoothlab/method"

	"gonum.org/v1/gonum/stat/distuv"
)

// boost is a recipe for small jobs: images are dropped before epoch 1 and weighed before each after it.
func boost() *baseline.ACRBoost {
	return &baseline.ACRBoost{Sigma: 0.25, M: 2, Steps: 2, Alpha: 0.25, Start: 0.6, Threshold: 0.3, Renew: 1}
}

// boostJob is a job with that recipe: 27 updates in 3 epochs, 116 progress reports of judging before the second and 16
// before the third.
func boostJob(t testing.TB) Job {
	job := linearJob(t, boost())
	job.Settings.Epochs, job.Settings.LR, job.Settings.LRPeriod = 3, 0.05, 100
	job.Method = boost() // not scaled
	return job
}

// attackedBoost is the recipe's step after its start, in every epoch.
func attackedBoost() method.Method {
	m := boost()
	return method.NewCustom("attacked", "", m, m.Loss)
}

// A million draws have the probabilities of the weights: the chi-square statistic is below its quantile of 1 − 1e-6.
// Dropped images are never drawn.
func TestDrawsFollowTheWeights(t *testing.T) {
	const n = 1_000_000
	c := &choice{Epoch: 3, Copies: 16}
	for i := range 500 {
		c.Right = append(c.Right, []byte{16, 13, dropped, 3, 15}[i%5])
	}
	weights := c.weights(baseline.NewACRBoost())
	order, repeats := drawImages(weights, 7, 3, n)
	total, counts := 0., make([]int, len(weights))
	for _, w := range weights {
		total += w
	}
	for position, i := range order {
		if int(repeats[position]) != counts[i] {
			t.Fatalf("draw %d of image %d is its number %d, got %d", position, i, counts[i], repeats[position])
		}
		counts[i]++
	}
	chi := 0.
	for i, w := range weights {
		if w == 0 {
			if counts[i] != 0 {
				t.Errorf("dropped image %d was drawn %d times", i, counts[i])
			}
			continue
		}
		expected := n * w / total
		chi += math.Pow(float64(counts[i])-expected, 2) / expected
	}
	if bound := (distuv.ChiSquared{K: float64(c.kept() - 1)}).Quantile(1 - 1e-6); !(chi < bound) {
		t.Errorf("χ² = %.0f, want less than %.0f", chi, bound)
	}
}

// A draw depends on seed, epoch and position only, not on how many there are.
func TestDrawsAreAddressed(t *testing.T) {
	weights := []float64{1, 0, 2, 0.5}
	all, _ := drawImages(weights, 5, 2, 1000)
	if few, _ := drawImages(weights, 5, 2, 300); !slices.Equal(few, all[:300]) {
		t.Error("the first draws depend on the number of all")
	}
	for name, other := range map[string][2]uint64{"seed": {6, 2}, "epoch": {5, 3}} {
		if again, _ := drawImages(weights, other[0], int(other[1]), 1000); slices.Equal(again, all) {
			t.Errorf("another %s gives the same draws", name)
		}
	}
	if last, _ := drawImages([]float64{0, 1, 0}, 1, 1, 100); slices.ContainsFunc(last, func(i int) bool { return i != 1 }) {
		t.Error("an image of weight 0 was drawn")
	}
}

// An impossible choice of images is refused with a sentence.
func TestDamagedChoice(t *testing.T) {
	good := choice{Epoch: 1, Copies: 16, Right: []byte{16, dropped, 0}}
	if err := good.check(3); err != nil || (*choice)(nil).check(3) != nil {
		t.Fatal(err)
	}
	for want, damage := range map[string]func(*choice){
		"among 2 images, the data set has 3": func(c *choice) { c.Right = c.Right[:2] },
		"dropped all images":                 func(c *choice) { c.Right = []byte{dropped, dropped, dropped} },
		"17 of 16 copies of image 2 were":    func(c *choice) { c.Right = []byte{0, 0, 17} },
		"judged -1 copies":                   func(c *choice) { c.Copies = -1 },
	} {
		c := good
		damage(&c)
		if err := c.check(3); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want a sentence with %q, got %v", want, err)
		}
	}
}

// A run drops hard images once, weighs the others, and records this in history and result. Stopped anywhere, also while
// it judges images, and resumed, it ends with the bytes of an uninterrupted run.
func TestChosenImages(t *testing.T) {
	job := boostJob(t)
	judged := map[int]int{}
	job.Progress = func(p Progress, _ Control) {
		if p.Judging > 0 {
			judged[p.Epoch] = p.Judging
		}
	}
	run, err := Train(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	kept := 0
	for _, w := range run.Weights {
		if w > 0 {
			kept++
		}
		if w != 0 && w != boost().Weight(16, 16) && !(w >= boost().Weight(0, 16) && w < boost().Weight(16, 16)) {
			t.Errorf("weight %g", w)
		}
	}
	if h := run.History; len(run.Weights) != 160 || kept == 0 || kept == 160 ||
		h[0].Kept != 0 || h[1].Kept != kept || h[2].Kept != kept {
		t.Errorf("%d of %d images have a weight, history %+v", kept, len(run.Weights), h)
	}
	if want := map[int]int{1: 160 * 116, 2: kept * 16}; !maps.Equal(judged, want) {
		t.Errorf("copies judged before the epochs: %v, want %v", judged, want)
	}
	job.Settings.Augment = "crop+flip"
	sameWhenStopped(t, job, 27, 3, 50, 130, 5, 20, 1000)
}

// Images are judged by the share of right copies: a run in which no image reaches the threshold stops with a sentence,
// and one that never reaches its start epoch is refused.
func TestNoImageIsLeft(t *testing.T) {
	job := boostJob(t)
	job.Settings.LR = 1e-9
	m := boost()
	m.Sigma, m.Threshold = 5, 1 // under so much noise untrained weights do not take 100 copies for one class
	job.Method = m
	run, err := Train(t.Context(), job)
	if err == nil || !strings.Contains(err.Error(), "acrboost drops every image before epoch 1") || run.Update != 9 {
		t.Errorf("%v", err)
	}
	m.Start = 3
	_, err = Train(t.Context(), job)
	if err == nil || !strings.Contains(err.Error(), "starts to choose images at epoch 3, and the training has 3") {
		t.Errorf("%v", err)
	}
}

// Several devices take the same attacked steps as one.
func TestAttackedNoiseOnSeveralDevices(t *testing.T) {
	job := oneBatch(t, "linear", attackedBoost())
	steptest.CompareWeights(t, job.Start, updatesOn(t, job, 1, 2), updatesOn(t, job, 4, 2), tolShared)
}
