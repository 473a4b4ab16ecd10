package certify

import (
	"context"
	"time"

	"smoothlab/noise"
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
}

// Certify is CERTIFY of Cohen et al. 2019 (figure 2): plan.N0 votes choose a class, plan.N fresh votes bound its
// probability from below; with the bound under ½ it abstains. Except with probability plan.Alpha, no perturbation of
// L2 norm below the row's radius changes the class that the smoothed classifier gives the image.
func Certify(ctx context.Context, v Voter, img Image, sigma float64, plan Plan, classes int) (Row, error) {
	if err := plan.Check(); err != nil {
		return Row{}, err
	}
	if err := checkSigma(sigma); err != nil {
		return Row{}, err
	}
	return certifyImage(ctx, &ballot{voter: v, img: img, classes: classes}, sigma, plan)
}

// certifyImage is Certify without its checks.
func certifyImage(ctx context.Context, b *ballot, sigma float64, plan Plan) (Row, error) {
	start := time.Now()
	selection, err := b.draw(ctx, noise.Select, plan.N0)
	if err != nil {
		return Row{}, err
	}
	class, _ := topTwo(selection)
	counts, err := b.draw(ctx, noise.Bound, plan.N)
	if err != nil {
		return Row{}, err
	}
	img := b.img
	row := Row{Index: img.Index, Label: img.Label, Predicted: Abstain, Votes: counts[class], Used: plan.N}
	row.PLower = LowerBound(row.Votes, plan.N, plan.Alpha)
	if row.PLower >= 0.5 {
		row.Predicted, row.Radius = class, Radius(sigma, row.PLower)
		row.Correct = class == img.Label
	}
	row.Time = time.Since(start)
	return row, nil
}

// Predict is PREDICT of Cohen et al. 2019 (figure 2): the class with the most of n votes, unless a two-sided exact
// binomial test at level alpha cannot tell it from the second; then Abstain. Except with probability alpha, a class it
// names is the smoothed classifier's. The votes per class come too.
func Predict(ctx context.Context, v Voter, img Image, n int, alpha float64, classes int) (class int, counts []int, err error) {
	if err := checkPrediction(n, alpha, classes); err != nil {
		return Abstain, nil, err
	}
	counts, err = (&ballot{voter: v, img: img, classes: classes}).draw(ctx, noise.Predict, n)
	if err != nil {
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
