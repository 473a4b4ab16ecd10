package certify

import (
	"context"
	"time"

	"smoothlab/noise"
	"smoothlab/smoothing"
)

// Abstain is the class of an image about which the votes prove nothing.
const Abstain = -1

// Image is an image to certify: where it lies in the data set given to the voter, its index in the original data set
// (which the log shows) and its true class.
type Image struct{ Pos, Index, Label int }

// Row is what was found out about one image.
type Row struct {
	Index     int // in the original data set
	Label     int // the true class
	Predicted int // the certified class, or Abstain
	Radius    float64
	Correct   bool // Predicted equals Label; an abstention is not correct
	Time      time.Duration
	Votes     int     // for the bounded class, of those drawn for the bound; 0 in a log that does not say
	Used      int     // votes drawn for the bound; 0 in a log that does not say
	PLower    float64 // lower bound of the probability of the bounded class; 0 in a log that does not say

	// Of a ladder:
	Rungs string // votes for the bounded class on each rung that was reached, with commas between; empty if none was
	Ended Ending // why its votes ended
}

// Certify is CERTIFY of Cohen et al. 2019 (figure 2): plan.N0 votes choose a class, plan.N fresh votes bound its
// probability from below; with the bound under ½ it abstains. Except with probability plan.Alpha, no perturbation whose
// norm is below the row's radius changes the class that the smoothed classifier gives the image. Of a ladder, the
// radius is the largest of its grid that is proved, and the votes end as soon as they can. Noise, norm and classes are
// the voter's.
func Certify(ctx context.Context, v Voter, img Image, plan Plan) (Row, error) {
	s, err := settingsOf(v, plan)
	if err != nil {
		return Row{}, err
	}
	return newProcedure(s).certify(ctx, &ballot{voter: v, img: img, classes: s.Classes})
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

// certify is Certify without its checks.
func (p *procedure) certify(ctx context.Context, b *ballot) (Row, error) {
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

// of is what a row, which tells what votes prove of a class, says of an image.
func (r Row) of(img Image, class int) Row {
	r.Index, r.Label, r.Predicted = img.Index, img.Label, Abstain
	if r.PLower >= 0.5 {
		r.Predicted, r.Correct = class, class == img.Label
	}
	return r
}

// fixedBound draws the votes of the fixed plan for the bound.
func (p *procedure) fixedBound(ctx context.Context, b *ballot, class int) (Row, error) {
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

// Predict is PREDICT of Cohen et al. 2019 (figure 2): the class with the most of n votes, unless a two-sided exact
// binomial test at level alpha cannot tell it from the second; then Abstain. Except with probability alpha, a class it
// names is the smoothed classifier's. The votes per class come too.
func Predict(ctx context.Context, v Voter, img Image, n int, alpha float64) (class int, counts []int, err error) {
	classes, err := checkPredictions(v, n, alpha)
	if err != nil {
		return Abstain, nil, err
	}
	counts = make([]int, classes)
	if err := (&ballot{voter: v, img: img, classes: classes}).draw(ctx, noise.Predict, 0, n, counts); err != nil {
		return Abstain, nil, err
	}
	return decide(counts, alpha), counts, nil
}

// decide is the class that votes name, or Abstain.
func decide(counts []int, alpha float64) int {
	first, second := topTwo(counts)
	if !signTestRejects(counts[first], counts[first]+counts[second], alpha) {
		return Abstain
	}
	return first
}
