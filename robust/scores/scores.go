// Package scores measures how well confidences fit outcomes: Brier score, negative log-likelihood, calibration error.
// It needs neither networks nor engines.
//
// A confidence is a row of probabilities, one per class. [Of] returns all scores of a set of images; [Reliability]
// returns the bins of a reliability diagram.
//
// Traps. The calibration error of a finite sample is above zero even for a perfectly calibrated classifier, and much
// above zero for few images: compare it with [Scores.Simulated]. Brier score and likelihood are proper scores,
// calibration error is not: a classifier that always returns the classes' frequencies has a calibration error of 0.
package scores

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Bins is the usual number of bins of a calibration error (Guo et al. 2017, "On Calibration of Modern Neural
// Networks").
const Bins = 15

// Floor is the smallest probability whose logarithm is taken, as in the authors' loss (code/train.py:262).
const Floor = 1e-20

// Scores holds the scores of confidences of a set of images.
type Scores struct {
	Accuracy   float64 // share whose largest confidence is the label's
	Confidence float64 // mean of the largest confidence
	Brier      float64 // mean of Σ_k (p_k − [k is the label])², from 0 to 2 (Brier 1950)
	BrierTop   float64 // mean of (largest confidence − [it is the label's])²
	NLL        float64 // mean of −log max(p_label, Floor)
	ECE        float64 // mean over bins of |confidence − accuracy|, weighted by images

	Simulated   float64 // mean ECE of a classifier with the same confidences, perfectly calibrated
	Simulated95 float64 // 95% quantile of its ECE
}

// rounds is the number of simulations; their mean then has a standard error of 1/30 of the spread.
const rounds = 1000

// Of computes the scores of confidences p, one row per image, for labels. rng drives the simulation.
func Of(p [][]float64, labels []int, rng *rand.Rand) Scores {
	var s Scores
	n := float64(len(p))
	top, correct := Top(p, labels)
	for i, row := range p {
		s.Confidence += top[i] / n
		hit := 0.0
		if correct[i] {
			hit = 1
		}
		s.Accuracy += hit / n
		s.BrierTop += (top[i] - hit) * (top[i] - hit) / n
		for k, x := range row {
			if k == labels[i] {
				x--
			}
			s.Brier += x * x / n
		}
		s.NLL -= math.Log(max(row[labels[i]], Floor)) / n
	}
	s.ECE = ECE(Reliability(top, correct, Bins))
	s.Simulated, s.Simulated95 = simulated(top, rng)
	return s
}

// Top returns the largest confidence of each row, and whether it is the label's; the first of equals counts.
func Top(p [][]float64, labels []int) (top []float64, correct []bool) {
	for i, row := range p {
		best := 0
		for k, x := range row {
			if x > row[best] {
				best = k
			}
		}
		top, correct = append(top, row[best]), append(correct, best == labels[i])
	}
	return top, correct
}

// Bin is one bin of a reliability diagram: confidences above Low, up to High. An empty one has no means: NaN.
type Bin struct {
	Low, High  float64
	Images     int
	Confidence float64 // mean
	Accuracy   float64
}

// Reliability sorts images into bins of equal width by their largest confidence.
func Reliability(top []float64, correct []bool, bins int) []Bin {
	all := make([]Bin, bins)
	for b := range all {
		all[b].Low, all[b].High = float64(b)/float64(bins), float64(b+1)/float64(bins)
	}
	for i, x := range top {
		b := &all[bin(x, bins)]
		b.Images++
		b.Confidence += x
		if correct[i] {
			b.Accuracy++
		}
	}
	for b := range all {
		n := float64(all[b].Images)
		all[b].Confidence /= n
		all[b].Accuracy /= n
	}
	return all
}

// bin returns the bin of a confidence: (b/bins, (b+1)/bins], and 0 in the first.
func bin(x float64, bins int) int {
	return min(max(int(math.Ceil(x*float64(bins)))-1, 0), bins-1)
}

// ECE returns the expected calibration error.
func ECE(bins []Bin) float64 {
	n, sum := 0, 0.0
	for _, b := range bins {
		if b.Images > 0 {
			n += b.Images
			sum += float64(b.Images) * math.Abs(b.Confidence-b.Accuracy)
		}
	}
	return sum / float64(n)
}

// simulated returns the mean and 95% quantile of the ECE of a classifier that is right with exactly the probabilities
// top.
func simulated(top []float64, rng *rand.Rand) (mean, most float64) {
	all := make([]float64, rounds)
	in := make([]int, len(top))
	confidence := make([]float64, Bins)
	for i, x := range top {
		in[i] = bin(x, Bins)
		confidence[in[i]] += x
	}
	for r := range all {
		hits := make([]float64, Bins)
		for i, x := range top {
			if rng.Float64() < x {
				hits[in[i]]++
			}
		}
		for b := range hits {
			all[r] += math.Abs(confidence[b]-hits[b]) / float64(len(top))
		}
		mean += all[r] / rounds
	}
	slices.Sort(all)
	return mean, all[rounds*95/100]
}
