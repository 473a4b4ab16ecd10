package certify

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Below bootstrapBelow images Student's t is not trusted with differences that are far from normal. Below
// minBootstrap images there are too few differences for resampling to do better.
const (
	bootstrapBelow = 200
	minBootstrap   = 10
	resamples      = 9999
)

// bootstrapT returns the interval of an estimate by the bootstrap-t (Efron and Tibshirani, An Introduction to the
// Bootstrap, 1993, chapter 12): the distribution of (mean - true)/error is taken from resamples of the differences, in
// place of Student's t. It always draws the same resamples. ok is false if the interval would be infinite, because too
// many differences are equal.
func bootstrapT(e Estimate, differences []float64) (_ Estimate, ok bool) {
	if !(e.Error > 0) {
		return e, false
	}
	rng := rand.New(rand.NewPCG(1, uint64(len(differences))))
	ts, again := make([]float64, resamples), make([]float64, len(differences))
	for i := range ts {
		for j := range again {
			again[j] = differences[rng.IntN(len(differences))]
		}
		mean, se := meanAndError(again)
		if ts[i] = (mean - e.Difference) / se; math.IsNaN(ts[i]) {
			ts[i] = 0 // nothing differs
		}
	}
	slices.Sort(ts)
	const tail = (resamples + 1) / 40 // 2.5%
	low, high := ts[tail-1], ts[resamples-tail]
	if math.IsInf(low, 0) || math.IsInf(high, 0) {
		return e, false
	}
	e.Low, e.High = e.Difference-high*e.Error, e.Difference-low*e.Error
	return e, true
}
