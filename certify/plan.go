package certify

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"

	"smoothlab/internal/humanize"
	"smoothlab/smoothing"
)

// Plan sets the number of votes per image, and when they end. N0 votes choose a class. What happens then is the plan's
// [Procedure]. Without Ladder or Betting it is the authors' fixed plan: N fresh votes bound the probability of that
// class from below, and the radius of an image is wrong with probability at most Alpha. With one of them, up to about N
// votes prove radii of a grid, all of them at once with probability 1 - Alpha.
type Plan struct {
	N0      int      `json:"n0"`
	N       int      `json:"n"` // over a grid, the votes of the fixed plan that the last rung is derived from
	Alpha   float64  `json:"alpha"`
	Ladder  *Ladder  `json:"ladder,omitempty"`  // may be nil
	Betting *Betting `json:"betting,omitempty"` // may be nil

	// Slack is subtracted from every lower bound. It bounds the difference between a probability under the voter's
	// noise and under ideal noise. 0 means unknown (float32 noise). Run and Certify take it from the voter.
	Slack float64 `json:"slack"`
}

// Fixed returns the plan of CERTIFY (Cohen et al. 2019, figure 2; n0 100, n 100000 and alpha 0.001 in the authors'
// code/certify.py).
func Fixed(n0, n int, alpha float64) Plan { return Plan{N0: n0, N: n, Alpha: alpha} }

// Check returns an error if a value of the plan is out of range.
func (p Plan) Check() error {
	if p.N0 <= 0 {
		return fmt.Errorf(
			"n0, the number of votes that choose a class, must be at least 1 (100 is usual); got %d",
			p.N0,
		)
	}
	if p.N <= 0 {
		return fmt.Errorf("n, the number of votes for the bound, must be at least 1 (100000 is usual); got %d", p.N)
	}
	if !(p.Slack >= 0 && p.Slack < 0.5) {
		return fmt.Errorf("the slack of a plan is a small probability, from 0 to below 0.5; got %v", p.Slack)
	}
	if p.Ladder != nil && p.Betting != nil {
		return errors.New("a plan has one procedure: give a ladder or betting, not both")
	}
	return cmp.Or(checkAlpha(p.Alpha), p.Procedure().check())
}

// CheckUse returns an error for a plan that is refused for new work: its alpha is above ½, or no image can be certified
// with it. For a fixed plan the smoothing may be nil. Older logs of such plans can still be read.
func (p Plan) CheckUse(under smoothing.Smoothing) error {
	if err := p.Check(); err != nil {
		return err
	}
	if err := checkUsedAlpha(p.Alpha); err != nil {
		return err
	}
	procedure := p.Procedure()
	if err := procedure.checkNoise(under); err != nil {
		return err
	}
	return procedure.checkUse(p, under)
}

// fixed returns the fixed plan with the same votes and alpha.
func (p Plan) fixed() Plan {
	p.Ladder, p.Betting = nil, nil
	return p
}

// minVotes returns the smallest number of votes that prove a probability if all agree. ½ certifies an image.
func (p Plan) minVotes(probability float64) int {
	return 1 + sort.Search(maxNeeded, func(n int) bool { return p.lower(n+1, n+1, p.Alpha) >= probability })
}

// maxNeeded is more votes than ½ needs at any alpha, and more than a certification can draw.
const maxNeeded = math.MaxInt32

// maxUsedAlpha is the largest alpha of new work. With a larger one certificates would be wrong more often than right.
const maxUsedAlpha = 0.5

// checkUsedAlpha checks the alpha of new work.
func checkUsedAlpha(alpha float64) error {
	if err := checkAlpha(alpha); err != nil {
		return err
	}
	if alpha > maxUsedAlpha {
		return fmt.Errorf(
			"alpha is the failure probability, and with alpha %v a certificate may be wrong more often than right: "+
				"give 0.001, which is usual, or at most %v",
			alpha,
			maxUsedAlpha,
		)
	}
	return nil
}

func checkAlpha(alpha float64) error {
	if !(alpha > 0 && alpha < 1) {
		return fmt.Errorf("alpha is the failure probability here, between 0 and 1 (0.001 is usual); got %v", alpha)
	}
	return nil
}

// Ceiling returns the largest radius the plan can prove: the radius of an image whose votes all agree, or the last of a
// grid.
func (p Plan) Ceiling(under smoothing.Smoothing) float64 { return p.Procedure().ceiling(p, under) }

// lower returns the bound that count of n votes give at level alpha, which is the plan's or a part of it.
func (p Plan) lower(count, n int, alpha float64) float64 {
	return p.lowered(LowerBound(count, n, alpha))
}

// lowered subtracts the slack from a lower bound.
func (p Plan) lowered(bound float64) float64 {
	if p.Slack == 0 {
		return bound
	}
	return max(0, math.Nextafter(bound-p.Slack, 0))
}

// MaxVotes returns the largest number of votes that one image takes.
func (p Plan) MaxVotes() int {
	looks := p.Procedure().looks(p)
	return p.N0 + looks[len(looks)-1]
}

// Guarantee describes what certificates of the plan promise about radii in a norm. Logs keep it in their JSON file.
func (p Plan) Guarantee(norm string) string {
	sound := ""
	if p.Slack > 0 {
		sound = fmt.Sprintf(
			"; the noise was drawn on the pixel grid, and all bounds are lowered by %.2g, more than any probability under it differs from that under ideal noise",
			p.Slack,
		)
	}
	return p.Procedure().guarantee(p, norm) + sound
}

// String returns the plan as one writes it in a session.
func (p Plan) String() string {
	procedure := p.Procedure()
	return call(procedure.Name(), p, RadiusGrid{procedure.Grid(), procedure.UsesLabels()})
}

// Look is a number of votes for the bound after which an image is evaluated, and the share of alpha that the bound may
// use there.
type Look struct {
	Votes int
	Share float64
}

// Looks lists the numbers of votes after which an image is evaluated.
func (p Plan) Looks() (list []Look) {
	procedure := p.Procedure()
	for k, n := range procedure.looks(p) {
		list = append(list, Look{n, procedure.share(k)})
	}
	return list
}

// call formats the call that makes a plan in a session.
func call(name string, p Plan, g RadiusGrid) string {
	radii, evaluation := "", ""
	if g.Radii != nil {
		radii = fmt.Sprintf("radii=[%s], ", gridText(g.Radii))
	}
	if g.Evaluation {
		evaluation = ", evaluation=True"
	}
	return fmt.Sprintf("%s(%sn0=%d, n=%d, alpha=%v%s)", name, radii, p.N0, p.N, p.Alpha, evaluation)
}

// Kind names the kind of plan, such as "fixed plan" or "ladder".
func (p Plan) Kind() string { return p.Procedure().noun() }

// alike reports whether two plans prove the same from the same votes. Evaluation mode does not change certified
// accuracy.
func (p Plan) alike(q Plan) bool {
	a, b := p.Procedure(), q.Procedure()
	ours := slices.DeleteFunc(a.settings(), isEvaluation)
	return a.Name() == b.Name() && slices.Equal(ours, slices.DeleteFunc(b.settings(), isEvaluation))
}

// DefinesACR reports whether the average certified radius is defined. It is not where radii are rounded down to a grid.
func (p Plan) DefinesACR() bool { return p.Procedure().Grid() == nil }

// DefinesAbstention reports whether rows without a class are abstentions. Over a grid they may be unproved for other
// reasons, unless it begins at 0 and labels end no votes.
func (p Plan) DefinesAbstention() bool {
	procedure := p.Procedure()
	grid := procedure.Grid()
	return grid == nil || grid[0] == 0 && !procedure.UsesLabels()
}

// DefinesAccuracy reports whether certified accuracy at radius r, to 12 significant digits, is defined: where radii are
// rounded down to a grid, at those of the grid.
func (p Plan) DefinesAccuracy(r float64) bool {
	grid := p.Procedure().Grid()
	return grid == nil ||
		slices.ContainsFunc(grid, func(x float64) bool { return humanize.Round(x, 12) == humanize.Round(r, 12) })
}
