package votes

import (
	"context"
	"fmt"
	"math"

	"smoothlab/certify"
	"smoothlab/noise"
)

// Prediction is the prediction from noisy copies of one image.
type Prediction struct {
	Counts []int     // votes by class
	Mean   []float64 // mean softmax by class: the smoothed prediction of training
}

// maxPredictions bounds the copies of an image, and with that the sums below.
const maxPredictions = 1 << 22

// share is the unit in which softmax values are added up: whole numbers, so that the sum is the same in every order.
const share = 0x1p-40

// Predictions returns the predictions from noisy copies first … first+n−1 of the images at positions.
func (v *Voter) Predictions(ctx context.Context, p noise.Purpose, positions []int, first, n int) ([]Prediction, error) {
	if n < 1 || n > maxPredictions {
		return nil, fmt.Errorf("a prediction takes 1 to %d noisy copies, got %d", maxPredictions, n)
	}
	if err := v.givesLogits(); err != nil {
		return nil, err
	}
	opinions := make([]Prediction, len(positions))
	requests := make([]certify.Request, len(positions))
	sums := make([][]int64, len(positions))
	for i, pos := range positions {
		opinions[i] = Prediction{Counts: make([]int, v.arch.Classes), Mean: make([]float64, v.arch.Classes)}
		sums[i] = make([]int64, v.arch.Classes)
		requests[i] = certify.Request{Pos: pos, First: first, N: n, Counts: opinions[i].Counts}
		if err := v.check(requests[i]); err != nil {
			return nil, err
		}
	}
	err := v.draw(ctx, p, requests, func(request, class int, logits []float32) {
		opinions[request].Counts[class]++
		addSoftmax(sums[request], logits, class)
	})
	if err != nil {
		return nil, err
	}
	for i, s := range sums {
		for k, x := range s {
			opinions[i].Mean[k] = float64(x) * share / float64(n)
		}
	}
	return opinions, nil
}

// givesLogits returns an error for a voter that may know the class of a copy without its logits.
func (v *Voter) givesLogits() error {
	if v.remote != nil {
		return fmt.Errorf("%s only votes: a mean softmax needs a network that is computed here", v.arch.Name)
	}
	if v.stopsEarly() {
		return fmt.Errorf("%s stops before it knows all logits: make the ensemble without consensus", v.arch.Name)
	}
	return nil
}

// addSoftmax adds the softmax of logits, of which class has the largest, to sums.
func addSoftmax(sums []int64, logits []float32, class int) {
	total := 0.0
	for _, x := range logits {
		total += math.Exp(float64(x) - float64(logits[class]))
	}
	for k, x := range logits {
		sums[k] += int64(math.Round(math.Exp(float64(x)-float64(logits[class])) / total / share))
	}
}
