package certify

import (
	"fmt"
	"math"
	"slices"

	"smoothlab/smoothing"
)

// Betting makes a plan sequential over a grid of radii, as a [Ladder] does, by another bound: [BettingBound], which
// holds after every vote at once. So no part of alpha belongs to a rung, and there are many rungs: an image may end
// where a ladder would not look yet. In return the bound itself is somewhat lower.
type Betting struct {
	Radii      []float64 `json:"radii"`      // increasing grid, in pixel units of [0,1]; radius 0 proves the smoothed classifier's class only
	Rungs      []int     `json:"rungs"`      // numbers of votes at which the bound is evaluated, increasing
	Hopeless   float64   `json:"hopeless"`   // level of the upper bound that ends hopeless images; it affects certified accuracy, not the guarantee
	Evaluation bool      `json:"evaluation"` // whether to end an image whose selected class is wrong; needs labels
}

func bettingKind() ProcedureKind {
	return ProcedureKind{
		Name:   (&Betting{}).Name(),
		OnGrid: true,
		Source: "Ville's inequality; Voráček, NeurIPS 2024",
		New: func(fixed Plan, under smoothing.Smoothing, g RadiusGrid) (Plan, error) {
			return NewBetting(fixed, under, g.Radii, g.Evaluation)
		},
		empty: &Betting{},
	}
}

// NewBetting returns a plan that proves the radii of a grid by betting, under a smoothing, about where the fixed plan
// does. Its last rung is the smallest that allows as many misses at the largest radius as fixed.N votes do, rounded up.
// It returns an error if the grid is not increasing, or exceeds what the fixed plan can prove.
func NewBetting(fixed Plan, under smoothing.Smoothing, radii []float64, evaluation bool) (Plan, error) {
	fixed = fixed.fixed()
	misses, err := fixed.misses(&Betting{}, under, radii)
	if err != nil {
		return Plan{}, err
	}
	last := fixed.lastRung(misses, under, radii[len(radii)-1], fixed.betting)
	b := &Betting{Radii: slices.Clone(radii), Hopeless: defaultHopeless, Evaluation: evaluation}
	for n := firstRung; 10*n <= 9*last; n = threeDigitsUp(n + n/4) {
		b.Rungs = append(b.Rungs, n)
	}
	b.Rungs = append(b.Rungs, last)
	fixed.Betting = b
	return fixed, nil
}

// threeDigitsUp rounds a positive number up to three digits.
func threeDigitsUp(n int) int {
	unit := max(1, int(math.Pow10(int(math.Log10(float64(n))))/100))
	return (n + unit - 1) / unit * unit
}

// betting returns the bound that count of n votes give at the plan's alpha.
func (p Plan) betting(count, n int) float64 { return p.lowered(BettingBound(count, n, p.Alpha)) }

func (b *Betting) check() error {
	if err := checkGrid(b, b.Radii); err != nil {
		return err
	}
	if len(b.Rungs) == 0 || len(b.Rungs) > maxRungs {
		return fmt.Errorf("a betting plan needs from 1 to %d rungs; got %d", maxRungs, len(b.Rungs))
	}
	return checkRungs("betting plan", b.Rungs, b.Hopeless)
}

// Grid returns the radii of the plan.
func (b *Betting) Grid() []float64 { return b.Radii }

// Adaptive returns true: the votes of an image end as soon as its radius is settled.
func (b *Betting) Adaptive() bool { return true }

// UsesLabels reports whether the plan has evaluation mode.
func (b *Betting) UsesLabels() bool { return b.Evaluation }

func (b *Betting) Name() string                               { return "betting" }
func (b *Betting) noun() string                               { return "betting plan" }
func (b *Betting) looks(Plan) []int                           { return b.Rungs }
func (b *Betting) checkNoise(under smoothing.Smoothing) error { return checkGridNorm(b, under) }
func (b *Betting) ceiling(Plan, smoothing.Smoothing) float64  { return b.Radii[len(b.Radii)-1] }
func (b *Betting) share(int) float64                          { return 1 }
func (b *Betting) columns() []string                          { return rungColumns }
func (b *Betting) cells(r Row) []string                       { return rungCells(r) }

func (b *Betting) begin(p Plan, under smoothing.Smoothing) evaluator { return newClimb(p, under) }

func (b *Betting) checkUse(p Plan, under smoothing.Smoothing) error {
	return newClimb(p, under).checkUse()
}

func (b *Betting) guarantee(p Plan, norm string) string { return gridGuarantee(p, norm) }

func (b *Betting) settings() []setting {
	return []setting{
		{"radii", gridText(b.Radii)},
		{"rungs", fmt.Sprint(b.Rungs)},
		{"hopeless", fmt.Sprint(b.Hopeless)},
		{evaluationSetting, fmt.Sprint(b.Evaluation)},
	}
}

// steps returns the rungs and the grid, with the betting bound.
func (b *Betting) steps(p Plan) steps {
	return steps{
		Radii:      b.Radii,
		Rungs:      b.Rungs,
		Hopeless:   b.Hopeless,
		Evaluation: b.Evaluation,
		bound:      func(k, count int) float64 { return p.betting(count, b.Rungs[k]) },
	}
}
