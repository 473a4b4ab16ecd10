package certify

import (
	"fmt"
	"math"
	"slices"

	"smoothlab/internal/humanize"
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
	// defaultHopeless is the level at which a radius is given up: votes that have less than this probability for an
	// image whose radius the last rung proves on average.
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

func ladderKind() ProcedureKind {
	return ProcedureKind{
		Name:   (&Ladder{}).Name(),
		OnGrid: true,
		Source: "Bonferroni's inequality over the rungs, each by Cohen et al. 2019, theorem 1",
		New: func(fixed Plan, under smoothing.Smoothing, g RadiusGrid) (Plan, error) {
			return NewLadder(fixed, under, g.Radii, g.Evaluation)
		},
		empty: &Ladder{},
	}
}

// NewLadder returns a plan with a ladder that proves the radii of the grid, under a smoothing, about where the fixed
// plan does. Its last rung is the smallest that allows as many misses at the largest radius as fixed.N votes do,
// rounded up. It returns an error if the grid is not increasing, or exceeds what the fixed plan can prove.
func NewLadder(fixed Plan, under smoothing.Smoothing, radii []float64, evaluation bool) (Plan, error) {
	fixed = fixed.fixed()
	misses, err := fixed.misses(&Ladder{}, under, radii)
	if err != nil {
		return Plan{}, err
	}
	largest := radii[len(radii)-1]
	l := &Ladder{Radii: slices.Clone(radii), Hopeless: defaultHopeless, Evaluation: evaluation}
	steep := largest > under.Radius(flatGrid)*(1+1e-12)
	// The weight of the last rung depends on the number of rungs, hence slightly on the last rung itself.
	last := fixed.N
	for range 3 {
		l.Rungs, l.Weights = rungs(last, steep)
		level := fixed.Alpha * l.Weights[len(l.Weights)-1]
		lower := func(count, n int) float64 { return fixed.lower(count, n, level) }
		last = fixed.lastRung(misses, under, largest, lower)
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
			weights[i] = humanize.Round(weights[i]/sum, 15)
		case end:
			weights[i] = steepWeight
		default:
			weights[i] = humanize.Round(weights[i]/rest*(1-steepWeight), 15)
		}
	}
	return votes, weights
}

// check returns an error if a ladder that was not made by NewLadder is invalid.
func (l *Ladder) check() error {
	if err := checkGrid(l, l.Radii); err != nil {
		return err
	}
	if len(l.Rungs) == 0 || len(l.Rungs) != len(l.Weights) || len(l.Rungs) > maxRungs {
		return fmt.Errorf(
			"a ladder needs a weight for each rung; got %d rungs and %d weights",
			len(l.Rungs),
			len(l.Weights),
		)
	}
	if err := checkRungs("ladder", l.Rungs, l.Hopeless); err != nil {
		return err
	}
	sum := 0.0
	for _, w := range l.Weights {
		if !(w > 0) {
			return fmt.Errorf("the weights of a ladder must be above 0; got %v", l.Weights)
		}
		sum += w
	}
	if !(math.Abs(sum-1) < 1e-12) { // less than the tenfold margin of a bound, see tailMargin
		return fmt.Errorf("the weights of a ladder must add up to 1; %v add up to %v", l.Weights, sum)
	}
	return nil
}

// Grid returns the radii of the plan.
func (l *Ladder) Grid() []float64 { return l.Radii }

// Adaptive returns true: the votes of an image end as soon as its radius is settled.
func (l *Ladder) Adaptive() bool { return true }

// UsesLabels reports whether the plan has evaluation mode.
func (l *Ladder) UsesLabels() bool { return l.Evaluation }

func (l *Ladder) Name() string                               { return "ladder" }
func (l *Ladder) noun() string                               { return "ladder" }
func (l *Ladder) looks(Plan) []int                           { return l.Rungs }
func (l *Ladder) checkNoise(under smoothing.Smoothing) error { return checkGridNorm(l, under) }
func (l *Ladder) ceiling(Plan, smoothing.Smoothing) float64  { return l.Radii[len(l.Radii)-1] }
func (l *Ladder) share(k int) float64                        { return l.Weights[k] }
func (l *Ladder) columns() []string                          { return rungColumns }
func (l *Ladder) cells(r Row) []string                       { return rungCells(r) }

func (l *Ladder) begin(p Plan, under smoothing.Smoothing) evaluator { return newClimb(p, under) }

func (l *Ladder) checkUse(p Plan, under smoothing.Smoothing) error {
	return newClimb(p, under).checkUse()
}

func (l *Ladder) guarantee(p Plan, norm string) string { return gridGuarantee(p, norm) }

func (l *Ladder) settings() []setting {
	return []setting{
		{"radii", gridText(l.Radii)},
		{"rungs", fmt.Sprint(l.Rungs)},
		{"weights", fmt.Sprint(l.Weights)},
		{"hopeless", fmt.Sprint(l.Hopeless)},
		{evaluationSetting, fmt.Sprint(l.Evaluation)},
	}
}

// steps returns the ladder's rungs and grid, with the bound at a rung's share of alpha.
func (l *Ladder) steps(p Plan) steps {
	return steps{
		Radii:      l.Radii,
		Rungs:      l.Rungs,
		Hopeless:   l.Hopeless,
		Evaluation: l.Evaluation,
		bound:      func(k, count int) float64 { return p.lower(count, l.Rungs[k], p.Alpha*l.Weights[k]) },
	}
}
