package certify

import (
	"context"
	"time"

	"smoothlab/noise"
)

// Abstain is the predicted class of an image about which the votes prove nothing.
const Abstain = -1

// Image identifies an image to certify: its position in the voter's data set, its index in the original data set
// (which the log shows) and its true class.
type Image struct{ Pos, Index, Label int }

// Row is the result for one image.
type Row struct {
	Index     int // index in the original data set
	Label     int // the true class
	Predicted int // the certified class, or Abstain
	Radius    float64
	Correct   bool // Predicted equals Label; an abstention is not correct
	Time      time.Duration
	Votes     int     // votes for the bounded class, of those drawn for the bound; 0 if the log does not have them
	Used      int     // votes drawn for the bound; 0 if the log does not have them
	PLower    float64 // lower bound of the probability of the bounded class; 0 if the log does not have it

	// Where radii are of a grid:
	Rungs string // votes for the bounded class on each rung reached, separated by commas; empty if none was
	Ended Ending // why its votes ended
}

// Certify implements CERTIFY of Cohen et al. 2019 (figure 2): plan.N0 votes choose a class, plan.N fresh votes bound
// its probability from below. It abstains if the bound is below ½. Except with probability plan.Alpha, no perturbation
// whose norm is below the row's radius changes the smoothed classifier's class for the image. Other procedures than the
// fixed one draw the votes for the bound, and read the radius from it, in their own way. Noise, norm and classes come
// from the voter.
func Certify(ctx context.Context, v Voter, img Image, plan Plan) (Row, error) {
	s, err := settingsOf(v, plan)
	if err != nil {
		return Row{}, err
	}
	return newSampler(s).certify(ctx, &voteCounter{voter: v, img: img, classes: s.Classes})
}

// sampler certifies images by a plan under one smoothing.
type sampler struct {
	Plan
	looks []int // numbers of votes for the bound after which an image is evaluated
	evaluator
}

func newSampler(s Settings) *sampler {
	procedure := s.Plan.Procedure()
	return &sampler{Plan: s.Plan, looks: procedure.looks(s.Plan), evaluator: procedure.begin(s.Plan, s.Smoothing)}
}

// certify does what Certify does, without its checks.
func (p *sampler) certify(ctx context.Context, b *voteCounter) (Row, error) {
	start := time.Now()
	counts := make([]int, b.classes)
	if err := b.draw(ctx, noise.Select, 0, p.N0, counts); err != nil {
		return Row{}, err
	}
	class, _ := topTwo(counts)
	row, err := p.bound(ctx, b, class)
	if err != nil {
		return Row{}, err
	}
	row = row.of(b.img, class)
	row.Time = time.Since(start)
	return row, nil
}

// bound draws the votes for the bound and returns what they prove about a class.
func (p *sampler) bound(ctx context.Context, b *voteCounter, class int) (Row, error) {
	counts := make([]int, b.classes)
	image, drawn := p.image(b.img, class), 0
	for k := 0; !image.ended(); k++ {
		if err := b.draw(ctx, noise.Bound, drawn, p.looks[k], counts); err != nil {
			return Row{}, err
		}
		image.take(counts[class])
		drawn = p.looks[k]
	}
	return image.row(), nil
}

// of returns the row of an image, from a row that holds what votes prove about a class.
func (r Row) of(img Image, class int) Row {
	r.Index, r.Label, r.Predicted = img.Index, img.Label, Abstain
	if r.PLower >= 0.5 {
		r.Predicted, r.Correct = class, class == img.Label
	}
	return r
}

// Predict implements PREDICT of Cohen et al. 2019 (figure 2): the class with the most of n votes, unless a two-sided
// exact binomial test at level alpha does not separate it from the second; then Abstain. Except with probability alpha,
// a returned class is the smoothed classifier's. It also returns the votes per class.
func Predict(ctx context.Context, v Voter, img Image, n int, alpha float64) (class int, counts []int, err error) {
	classes, err := checkPredictions(v, n, alpha)
	if err != nil {
		return Abstain, nil, err
	}
	counts = make([]int, classes)
	if err := (&voteCounter{voter: v, img: img, classes: classes}).draw(ctx, noise.Predict, 0, n, counts); err != nil {
		return Abstain, nil, err
	}
	return decide(counts, alpha), counts, nil
}

// decide returns the predicted class of votes, or Abstain.
func decide(counts []int, alpha float64) int {
	first, second := topTwo(counts)
	if !signTestRejects(counts[first], counts[first]+counts[second], alpha) {
		return Abstain
	}
	return first
}
