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
	bound := remember(func(c [2]int) float64 { return LowerBound(c[0], c[1], s.Plan.Alpha) })
	for i, row := range l.rows {
		column, problem := row.misfit(s, l.printed[i], bound)
		if problem != "" {
			return fmt.Errorf("%s:%d: column %s: %s; the log was edited or damaged, or the settings are not its own", name, l.lines[i], column, problem)
		}
	}
	return nil
}

// misfit says in which column, and how, a row contradicts its votes; printed is its three-digit radius as the log writes it.
func (r Row) misfit(s Settings, printed string, bound func([2]int) float64) (column, problem string) {
	if s.Classes > 0 && r.Label >= s.Classes {
		return "label", fmt.Sprintf("%d is not below the %d classes", r.Label, s.Classes)
	}
	if s.Classes > 0 && r.Predicted >= s.Classes {
		return "predict", fmt.Sprintf("%d is not below the %d classes", r.Predicted, s.Classes)
	}
	if s.Plan.N > 0 && r.Used != s.Plan.N {
		return "used", fmt.Sprintf("%d votes were used, and the plan has N %d", r.Used, s.Plan.N)
	}
	if s.Plan.Alpha > 0 {
		want := bound([2]int{r.Votes, r.Used})
		if margin := boundTolerance*min(want, 1-want) + 4*ulp(want); !(math.Abs(r.PLower-want) <= margin) {
			return "p_lower", fmt.Sprintf("%v, where %d of %d votes at alpha %v prove %v", r.PLower, r.Votes, r.Used, s.Plan.Alpha, want)
		}
	}
	if abstains := r.Predicted == Abstain; abstains != (r.PLower < 0.5) {
		return "predict", fmt.Sprintf("%d, where p_lower %v means to %s", r.Predicted, r.PLower, map[bool]string{true: "name a class", false: "abstain"}[abstains])
	}
	want := r.Radius
	switch {
	case r.Predicted == Abstain:
		want = 0
	case s.Sigma > 0:
		want = Radius(s.Sigma, r.PLower)
	}
	if !(math.Abs(r.Radius-want) <= radiusTolerance*want) {
		return "radius_full", fmt.Sprintf("%v, where sigma %v and p_lower %v prove %v", r.Radius, s.Sigma, r.PLower, want)
	}
	if down := threeDigitsDown(r.Radius); down != printed {
		return "radius", fmt.Sprintf("%s, where radius_full %v is %s in three digits, rounded down", printed, r.Radius, down)
	}
	return "", ""
}
