package certify

import (
	"errors"
	"fmt"
	"math"
	"sort"

	"smoothlab/internal/humanize"
)

// Interval is a confidence interval of a share.
type Interval struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// AccuracyInterval returns the exact (Clopper–Pearson, two-sided) confidence interval of certified accuracy at radius
// r: of the share of all images like these that get such a certificate. It is NaN where the accuracy is, and for
// re-expressed certificates, whose rows are probabilities, not counts.
func (c *Certificates) AccuracyInterval(r, level float64) Interval {
	k, n, ok := c.certified(r)
	if !ok || !(level > 0 && level < 1) {
		return Interval{math.NaN(), math.NaN()}
	}
	tail := (1 - level) / 2
	return Interval{Low: LowerBound(k, n, tail), High: 1 - LowerBound(n-k, n, tail)}
}

// certified counts the rows that are correct with a radius of r or more.
func (c *Certificates) certified(r float64) (k, n int, ok bool) {
	if len(c.Rows) == 0 || c.ReexpressedFrom > 0 || !c.Plan.DefinesAccuracy(r) {
		return 0, 0, false
	}
	for _, x := range c.robust(r) {
		k += int(x)
	}
	return k, len(c.Rows), true
}

// AccuracyAtLeast returns a lower bound on the share of these very images that are right and robust within radius r.
// Each certificate is wrong with probability at most alpha, independently, so more than f of n are wrong with
// probability at most P(Binomial(n, alpha) > f). f is the smallest number for which that is at most delta, and f images
// are subtracted. It holds except with probability delta over the votes. (Cohen et al. 2019, code/analyze.py, bound the
// same by Bernstein's inequality.) It is NaN where the accuracy is not a count, or alpha is unknown.
func (c *Certificates) AccuracyAtLeast(r, delta float64) float64 {
	k, n, ok := c.certified(r)
	if !ok || checkAlpha(c.Plan.Alpha) != nil || !(delta > 0 && delta < 1) {
		return math.NaN()
	}
	return max(0, float64(k-maxWrong(n, c.Plan.Alpha, delta))/float64(n))
}

// maxWrong returns the smallest f with P(Binomial(n, alpha) > f) <= delta.
func maxWrong(n int, alpha, delta float64) int {
	return sort.Search(n, func(f int) bool { return math.Exp(logUpperTail(f+1, n, alpha)) <= delta })
}

// Accuracies describes a table of certified accuracy at radii, with the balls that each radius contains and the
// uncertainty of the accuracy.
type Accuracies struct {
	Radii      []float64
	Dimensions int     // number of values of an image, for the L∞ balls; 0 if unknown
	Level      float64 // confidence level of the exact interval, which is about all images like these
	Delta      float64 // failure probability of the lower bound, which is about these images
}

// ball is a ball that a certified ball contains, so the same accuracy is certified in it. Its radius is the certified
// radius divided by divisor.
type ball struct {
	head    string // header of its column
	divisor float64
	format  func(float64) string
}

// contained lists the balls inside an L2 ball of radius R: L∞ of radius R/√d, where d is the number of values of an
// image, and L1 of radius R. For other norms it lists none.
func (a Accuracies) contained(norm string) (balls []ball) {
	if norm != defaultNorm {
		return nil
	}
	if a.Dimensions > 0 {
		balls = append(balls, ball{"contains L∞ of R/√d", math.Sqrt(float64(a.Dimensions)), threeDigitsDown})
	}
	return append(balls, ball{"contains L1 of R", 1, radiusText})
}

// defaultNorm is the norm of the radii under Gaussian noise.
const defaultNorm = "L2"

// norm returns the norm of the radii. Logs without their noise are published ones, with L2 radii.
func (s Source) norm() string {
	if s.Smoothing == nil {
		return defaultNorm
	}
	return s.Smoothing.Norm()
}

// Grid computes the table, with the balls that each certified ball contains.
func (a Accuracies) Grid(c *Certificates) (*Grid, error) {
	switch {
	case len(c.Rows) == 0:
		return nil, errors.New("there are no rows to compute accuracies from")
	case a.Dimensions < 0:
		return nil, fmt.Errorf(
			"dimensions, the number of values of an image (784 for MNIST), must be at least 1; got %d",
			a.Dimensions,
		)
	case !(a.Level > 0 && a.Level < 1):
		return nil, fmt.Errorf("the level of an interval must be between 0 and 1 (0.95 is usual); got %v", a.Level)
	case !(a.Delta > 0 && a.Delta < 1):
		return nil, fmt.Errorf(
			"delta, the failure probability of the lower bound, must be between 0 and 1 (0.001 is usual); got %v",
			a.Delta,
		)
	}
	if err := checkRadii(a.Radii); err != nil {
		return nil, err
	}
	entry := []Entry{NewEntry("", c)}
	caption, _ := describe(entry, entry)
	g := &Grid{Caption: caption, Head: []string{c.norm() + " radius R"}}
	balls := a.contained(c.norm())
	for _, b := range balls {
		g.Head = append(g.Head, b.head)
	}
	g.Head = append(g.Head, "certified", fmt.Sprintf("exact %v%%", humanize.Round(100*a.Level, 12)),
		fmt.Sprintf("of these images, at least (delta %v)", a.Delta))
	for _, r := range a.Radii {
		i := c.AccuracyInterval(r, a.Level)
		interval := "–"
		if !math.IsNaN(i.Low) {
			interval = fmt.Sprintf("[%.2f, %.2f]", roundDown(100*i.Low), roundUp(100*i.High))
		}
		row := []string{radiusText(r)}
		for _, b := range balls {
			row = append(row, b.format(r/b.divisor))
		}
		least := c.AccuracyAtLeast(r, a.Delta)
		accuracy, atLeast := 100*c.Accuracy(r), roundDown(100*least)
		row = append(row, humanize.OrDash("%6.2f", accuracy), interval, humanize.OrDash("%6.2f", atLeast))
		g.Rows = append(g.Rows, row)
	}
	return g, nil
}

// roundDown and roundUp return a share in percent with two decimals. They treat 87.000…01 as 87.
func roundDown(x float64) float64 { return math.Floor(humanize.Round(100*x, 12)) / 100 }
func roundUp(x float64) float64   { return math.Ceil(humanize.Round(100*x, 12)) / 100 }
