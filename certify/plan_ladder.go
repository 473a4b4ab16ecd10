package certify

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"

	"smoothlab/smoothing"
)

// Ladder makes a plan group-sequential over a grid of radii. The votes for the bound are evaluated on rungs. At each
// rung the Clopper–Pearson bound is taken at the rung's share of alpha, and the largest bound so far counts. By the
// union bound all radii that are proved for an image are right at once with probability 1 - alpha, whenever its votes
// end. They end when the last radius is proved, or the next is hopeless, or the last rung is reached. All of this is
// fixed before any vote.
type Ladder struct {
	Radii      []float64 `json:"radii"`      // increasing grid, in pixel units of [0,1]; radius 0 proves the smoothed classifier's class only
	Rungs      []int     `json:"rungs"`      // numbers of votes at which the bound is evaluated, increasing
	Weights    []float64 `json:"weights"`    // shares of alpha, one per rung; their sum is 1
	Hopeless   float64   `json:"hopeless"`   // level of the upper bound that ends hopeless images; it affects certified accuracy, not the guarantee
	Evaluation bool      `json:"evaluation"` // whether to end an image whose selected class is wrong; needs labels
}

const (
	firstRung = 500
	// defaultHopeless is the level at which a radius is given up: votes that have less than this probability for an image
	// whose radius the last rung proves on average.
	defaultHopeless = 0.01
)

// defaultWeights are the weights of the last rungs, for grids up to the radius of the probability flatGrid (three
// standard deviations of Gaussian noise). There early rungs end most images, so they get a share. Beyond, only the last
// rung can prove the largest radius, and gets steepWeight.
var defaultWeights = [...]float64{.01, .01, .02, .03, .05, .08, .15, .25, .40}

const (
	flatGrid    = 0.99865010196836990
	steepWeight = 0.8
)

// NewLadder returns a plan with a ladder that proves the radii of the grid, under a smoothing, about where the fixed
// plan does. Its last rung is the smallest that allows as many misses at the largest radius as fixed.N votes do,
// rounded up. It returns an error if the grid is not increasing, or exceeds what the fixed plan can prove.
func NewLadder(fixed Plan, under smoothing.Smoothing, radii []float64, evaluation bool) (Plan, error) {
	fixed.Ladder = nil
	if err := fixed.Check(); err != nil {
		return Plan{}, err
	}
	if err := checkSmoothing(under); err != nil {
		return Plan{}, err
	}
	if err := checkGridNorm(under); err != nil {
		return Plan{}, err
	}
	if err := CheckGrid(radii); err != nil {
		return Plan{}, err
	}
	largest := radii[len(radii)-1]
	needed := fixed.votesFor(fixed.N, fixed.Alpha, under, largest)
	if needed > fixed.N {
		return Plan{}, fmt.Errorf(
			"radius %s is beyond what N=%s votes can prove at %s and alpha %v, at most %s: leave it out, or give n=%s or more",
			radiusText(
				largest,
			),
			grouped(fixed.N),
			smoothing.Describe(under),
			fixed.Alpha,
			threeDigitsDown(fixed.Ceiling(under)),
			grouped(fixed.minVotes(under.Probability(largest))),
		)
	}
	l := &Ladder{Radii: slices.Clone(radii), Hopeless: defaultHopeless, Evaluation: evaluation}
	steep := largest > under.Radius(flatGrid)*(1+1e-12)
	// The weight of the last rung depends on the number of rungs, hence slightly on the last rung itself.
	last := fixed.N
	for range 3 {
		l.Rungs, l.Weights = rungs(last, steep)
		last = fixed.lastRung(fixed.N-needed, fixed.Alpha*l.Weights[len(l.Weights)-1], under, largest)
	}
	l.Rungs, l.Weights = rungs(last, steep)
	fixed.Ladder = l
	return fixed, nil
}

// rungs returns rungs that double from firstRung up to two thirds of the last one, and their weights.
func rungs(last int, steep bool) (votes []int, weights []float64) {
	for n := firstRung; 3*n <= 2*last; n *= 2 {
		votes = append(votes, n)
	}
	votes = append(votes, last)
	sum := 0.0
	for i := range votes {
		w := defaultWeights[max(0, len(defaultWeights)-len(votes)+i)]
		weights, sum = append(weights, w), sum+w
	}
	rest := sum - weights[len(weights)-1]
	for i := range weights {
		switch end := i == len(weights)-1; {
		case !steep || rest == 0:
			weights[i] = significant(weights[i]/sum, 15)
		case end:
			weights[i] = steepWeight
		default:
			weights[i] = significant(weights[i]/rest*(1-steepWeight), 15)
		}
	}
	return votes, weights
}

// lastRung returns the smallest number of votes, at least the plan's, that proves a radius with the given number of
// misses at level alpha, rounded up to three digits.
func (p Plan) lastRung(misses int, alpha float64, under smoothing.Smoothing, radius float64) int {
	n := p.N
	more := sort.Search(9*n, func(i int) bool {
		return under.Radius(p.lower(n+i-misses, n+i, alpha)) >= radius
	})
	unit := max(1, int(math.Pow10(int(math.Log10(float64(n))))/100))
	return (n + more + unit - 1) / unit * unit
}

// votesFor returns the smallest count of n votes whose lower bound at level alpha proves a radius, n+1 if none does.
func (p Plan) votesFor(n int, alpha float64, under smoothing.Smoothing, radius float64) int {
	return sort.Search(n+1, func(k int) bool { return proves(p.lower(k, n, alpha), under, radius) })
}

// proves reports whether a class of probability at least p has a certified radius of r or more.
func proves(p float64, under smoothing.Smoothing, r float64) bool {
	return p >= 0.5 && under.Radius(p) >= r
}

// CheckGrid returns an error if radii are not an increasing grid of finite numbers of 0 or more.
func CheckGrid(radii []float64) error {
	if len(radii) == 0 {
		return fmt.Errorf("a ladder needs at least one radius, as in radii=[0, 0.25, 0.5]")
	}
	for i, r := range radii {
		if !(r >= 0 && r <= maxRadius) {
			return fmt.Errorf("a radius cannot be %v; expected 0 or more", r)
		}
		if i > 0 && r <= radii[i-1] {
			return fmt.Errorf(
				"the radii of a ladder must increase, and %s comes after %s",
				radiusText(r),
				radiusText(radii[i-1]),
			)
		}
	}
	return nil
}

// checkGridNorm returns an error if the noise certifies radii in a norm other than a ladder's.
func checkGridNorm(under smoothing.Smoothing) error {
	if norm := under.Norm(); norm != usualNorm {
		return fmt.Errorf("a ladder is for grids of %s radii, and %s certifies %s radii: take a fixed plan",
			usualNorm, smoothing.Describe(under), norm)
	}
	return nil
}

// maxRungs bounds what a damaged file can ask for.
const maxRungs = 1000

// check returns an error if a ladder that was not made by NewLadder is invalid.
func (l *Ladder) check() error {
	if err := CheckGrid(l.Radii); err != nil {
		return err
	}
	if len(l.Rungs) == 0 || len(l.Rungs) != len(l.Weights) || len(l.Rungs) > maxRungs {
		return fmt.Errorf(
			"a ladder needs a weight for each rung; got %d rungs and %d weights",
			len(l.Rungs),
			len(l.Weights),
		)
	}
	sum := 0.0
	for i, n := range l.Rungs {
		if n < 1 || i > 0 && n <= l.Rungs[i-1] {
			return fmt.Errorf("the rungs of a ladder must increase from 1 or more; got %v", l.Rungs)
		}
		if !(l.Weights[i] > 0) {
			return fmt.Errorf("the weights of a ladder must be above 0; got %v", l.Weights)
		}
		sum += l.Weights[i]
	}
	if !(math.Abs(sum-1) < 1e-12) { // less than the tenfold margin of a bound, see tailMargin
		return fmt.Errorf("the weights of a ladder must add up to 1; %v add up to %v", l.Weights, sum)
	}
	if !(l.Hopeless >= 0 && l.Hopeless < 1) {
		return fmt.Errorf(
			"the level at which a radius is hopeless must be between 0 and 1 (%v is usual); got %v",
			defaultHopeless,
			l.Hopeless,
		)
	}
	return nil
}

// last returns the number of votes on the last rung.
func (l *Ladder) last() int { return l.Rungs[len(l.Rungs)-1] }

// Has reports whether r, to 12 significant digits, is a radius of the grid.
func (l *Ladder) Has(r float64) bool {
	return slices.ContainsFunc(l.Radii, func(x float64) bool { return significant(x, 12) == significant(r, 12) })
}

// grid formats the radii, for instance "0, 0.25, 0.5".
func (l *Ladder) grid() string {
	var list []string
	for _, r := range l.Radii {
		list = append(list, radiusText(r))
	}
	return strings.Join(list, ", ")
}
