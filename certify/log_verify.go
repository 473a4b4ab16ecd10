package certify

import (
	"fmt"
	"math"
)

// How far a recomputed bound or radius may lie from the one in a log, relatively to its distance from the nearer of 0 and 1
// and to itself: other processors, and other releases, round their last digits differently. An edited digit of those that
// matter is far outside.
const (
	boundTolerance  = 1e-9
	radiusTolerance = 1e-12
)

// verify recomputes the rows of a log of ours from their votes, as far as the settings are known, and names the line and
// column of the first that does not follow.
func (l parsedLog) verify(name string, s Settings) error {
	if !l.full {
		return nil
	}
	fits := s.fixedMisfit()
	if s.Plan.Ladder != nil {
		fits = newClimb(s.Plan, s.Sigma).misfit
	}
	for i, row := range l.rows {
		column, problem := row.misfit(s, l.printed[i])
		if problem == "" {
			column, problem = fits(row)
		}
		if problem != "" {
			return fmt.Errorf("%s:%d: column %s: %s; the log was edited or damaged, or the settings are not its own", name, l.lines[i], column, problem)
		}
	}
	return nil
}

// misfit says in which column, and how, a row contradicts itself or the settings; printed is its three-digit radius as the log
// writes it.
func (r Row) misfit(s Settings, printed string) (column, problem string) {
	if s.Classes > 0 && r.Label >= s.Classes {
		return "label", fmt.Sprintf("%d is not below the %d classes", r.Label, s.Classes)
	}
	if s.Classes > 0 && r.Predicted >= s.Classes {
		return "predict", fmt.Sprintf("%d is not below the %d classes", r.Predicted, s.Classes)
	}
	if abstains := r.Predicted == Abstain; abstains != (r.PLower < 0.5) {
		return "predict", fmt.Sprintf("%d, where p_lower %v means to %s", r.Predicted, r.PLower, map[bool]string{true: "name a class", false: "abstain"}[abstains])
	}
	if r.Predicted == Abstain && r.Radius != 0 {
		return "radius_full", fmt.Sprintf("%v of an image without a certified class", r.Radius)
	}
	if down := threeDigitsDown(r.Radius); down != printed {
		return "radius", fmt.Sprintf("%s, where radius_full %v is %s in three digits, rounded down", printed, r.Radius, down)
	}
	return "", ""
}

// fixedMisfit recomputes rows of the fixed plan.
func (s Settings) fixedMisfit() func(Row) (column, problem string) {
	bound := remember(func(c [2]int) float64 { return s.Plan.lower(c[0], c[1], s.Plan.Alpha) })
	return func(r Row) (column, problem string) {
		if s.Plan.N > 0 && r.Used != s.Plan.N {
			return "used", fmt.Sprintf("%d votes were used, and the plan has N %d", r.Used, s.Plan.N)
		}
		if s.Plan.Alpha > 0 {
			if want := bound([2]int{r.Votes, r.Used}); !r.near(want) {
				return "p_lower", fmt.Sprintf("%v, where %d of %d votes at alpha %v prove %v", r.PLower, r.Votes, r.Used, s.Plan.Alpha, want)
			}
		}
		if s.Sigma > 0 && r.Predicted != Abstain {
			if want := Radius(s.Sigma, r.PLower); !(math.Abs(r.Radius-want) <= radiusTolerance*want) {
				return "radius_full", fmt.Sprintf("%v, where sigma %v and p_lower %v prove %v", r.Radius, s.Sigma, r.PLower, want)
			}
		}
		return "", ""
	}
}

// near tells whether the row's bound is this one, but for last digits.
func (r Row) near(bound float64) bool {
	return math.Abs(r.PLower-bound) <= boundTolerance*min(bound, 1-bound)+4*ulp(bound)
}

// misfit recomputes a row of the ladder from its votes on the rungs.
func (c *climb) misfit(r Row) (column, problem string) {
	want, err := c.follow(r.Rungs)
	switch {
	case err != nil:
		return "rungs", err.Error()
	case r.Ended == EndedLabel && (!c.Evaluation || r.Correct):
		return "ended", "only evaluation mode ends the votes of an image by its label, where that is not the selected class"
	case r.Ended != want.Ended:
		return "ended", fmt.Sprintf("%q, where the votes on the rungs, %s, mean %q", r.Ended, r.Rungs, want.Ended)
	case r.Used != want.Used:
		return "used", fmt.Sprintf("%d votes were used, and the rungs reached have %d", r.Used, want.Used)
	case r.Votes != want.Votes:
		return "votes", fmt.Sprintf("%d, where the last rung reached has %d", r.Votes, want.Votes)
	case !r.near(want.PLower):
		return "p_lower", fmt.Sprintf("%v, where the votes on the rungs, %s, prove %v", r.PLower, r.Rungs, want.PLower)
	case r.Radius != want.Radius:
		return "radius_full", fmt.Sprintf("%v, where the votes on the rungs, %s, prove the grid's %v", r.Radius, r.Rungs, want.Radius)
	}
	return "", ""
}
