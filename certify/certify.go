package certify

import (
	"context"
	"time"

	"smoothlab/noise"
	"smoothlab/smoothing"
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

	// Under a ladder:
	Rungs string // votes for the bounded class on each rung reached, separated by commas; empty if none was
	Ended Ending // why its votes ended
}

// Certify implements CERTIFY of Cohen et al. 2019 (figure 2): plan.N0 votes choose a class, plan.N fresh votes bound
// its probability from below. It abstains if the bound is below ½. Except with probability plan.Alpha, no perturbation
// whose norm is below the row's radius changes the smoothed classifier's class for the image. Under a ladder, the
// radius is the largest one proved of the grid, and the votes end as soon as they can. Noise, norm and classes come
// from the voter.
func Certify(ctx context.Context, v Voter, img Image, plan Plan) (Row, error) {
	s, err := settingsOf(v, plan)
	if err != nil {
		return Row{}, err
	}
	return newProcedure(s).certify(ctx, &voteCounter{voter: v, img: img, classes: s.Classes})
}

// procedure is a plan worked out under one smoothing.
type procedure struct {
	Plan
	under smoothing.Smoothing
	climb *climb // nil without a ladder
}

func newProcedure(s Settings) *procedure {
	c := &procedure{Plan: s.Plan, under: s.Smoothing}
	if s.Plan.Ladder != nil {
		c.climb = newClimb(s.Plan, s.Smoothing)
	}
	return c
}

// certify does what Certify does, without its checks.
func (p *procedure) certify(ctx context.Context, b *voteCounter) (Row, error) {
	start := time.Now()
	counts := make([]int, b.classes)
	if err := b.draw(ctx, noise.Select, 0, p.N0, counts); err != nil {
		return Row{}, err
	}
	class, _ := topTwo(counts)
	bound := p.fixedBound
	if p.climb != nil {
		bound = p.climb.certify
	}
	row, err := bound(ctx, b, class)
	if err != nil {
		return Row{}, err
	}
	row = row.of(b.img, class)
	row.Time = time.Since(start)
	return row, nil
}

// of returns the row of an image, from a row that holds what votes prove about a class.
func (r Row) of(img Image, class int) Row {
	r.Index, r.Label, r.Predicted = img.Index, img.Label, Abstain
	if r.PLower >= 0.5 {
		r.Predicted, r.Correct = class, class == img.Label
	}
	return r
}

// fixedBound draws the votes of the fixed plan for the bound.
func (p *procedure) fixedBound(ctx context.Context, b *voteCounter, class int) (Row, error) {
	counts := make([]int, b.classes)
	if err := b.draw(ctx, noise.Bound, 0, p.N, counts); err != nil {
		return Row{}, err
	}
	row := Row{Votes: counts[class], Used: p.N, PLower: p.lower(counts[class], p.N, p.Alpha)}
	if row.PLower >= 0.5 {
		row.Radius = p.under.Radius(row.PLower)
	}
	return row, nil
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
