package certify

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"strings"

	"smoothlab/smoothing"
)

// Tolerances of a recomputed bound, relative to its distance from the nearer of 0 and 1, and of a recomputed radius,
// relative to itself. Other processors and other releases round the last digits differently. An edited digit that
// matters exceeds them by far.
const (
	boundTolerance  = 1e-9
	radiusTolerance = 1e-12
)

// verify recomputes the rows of this program's log from their votes, as far as the settings are known. Its error names
// the line and column of the first value that is not what the votes give.
func (l parsedLog) verify(name string, s Settings) error {
	if err := l.checkRadii(name, s); err != nil || !l.full {
		return err
	}
	byProcedure := s.Plan.Procedure().begin(s.Plan, s.Smoothing).mismatch
	for i, row := range l.rows {
		column, problem := row.mismatch(s, l.printed[i])
		if problem == "" {
			column, problem = byProcedure(row)
		}
		if problem != "" {
			return fmt.Errorf(
				"%s:%d: column %s: %s; the log was edited or damaged, or the settings belong to another log",
				name,
				l.lines[i],
				column,
				problem,
			)
		}
	}
	return nil
}

// anyPlan has the votes and alpha whose radii no certification exceeds; it is used for logs whose plan is not known.
var anyPlan = Plan{N0: 1, N: 1_000_000_000, Alpha: maxUsedAlpha}

// checkRadii returns an error for the first line with a radius that noise and plan, as far as known, cannot give, or
// with a radius of an abstention. Published radii are rounded to nearest, so half of the last digit is allowed.
func (l parsedLog) checkRadii(name string, s Settings) error {
	plan := s.Plan
	if plan.N == 0 || plan.Alpha == 0 {
		plan.N, plan.Alpha = cmp.Or(plan.N, anyPlan.N), cmp.Or(plan.Alpha, anyPlan.Alpha)
	}
	ceiling := math.Inf(1)
	if s.Smoothing != nil {
		ceiling = plan.Ceiling(s.Smoothing)
	}
	for i, row := range l.rows {
		if row.Predicted == Abstain && row.Radius != 0 && !l.full {
			return fmt.Errorf(
				"%s:%d: column radius: %v for an abstention, which proves no radius; the log was edited or damaged",
				name,
				l.lines[i],
				row.Radius,
			)
		}
		limit := ceiling * (1 + radiusTolerance)
		if !l.full {
			limit += halfDigit(l.printed[i])
		}
		if row.Radius <= limit {
			continue
		}
		if s.Plan.N == 0 || s.Plan.Alpha == 0 {
			return fmt.Errorf(
				"%s:%d: column radius: %v, but no plan proves more than %s at %s: the log was made with other noise, or was edited",
				name,
				l.lines[i],
				row.Radius,
				threeDigitsDown(ceiling),
				smoothing.Describe(s.Smoothing),
			)
		}
		return fmt.Errorf(
			"%s:%d: column radius: %v, but %v proves %s at most at %s: the log was made with other noise or another plan, or was edited",
			name,
			l.lines[i],
			row.Radius,
			plan,
			threeDigitsDown(ceiling),
			smoothing.Describe(s.Smoothing),
		)
	}
	return nil
}

// halfDigit returns half a unit of the last digit of a printed number of 0 or more.
func halfDigit(printed string) float64 {
	mantissa, exponent, _ := strings.Cut(strings.ToLower(printed), "e")
	_, decimals, _ := strings.Cut(mantissa, ".")
	exp, _ := strconv.Atoi(exponent) // 0 where there is none
	return 0.5 * math.Pow10(exp-len(decimals))
}

// mismatch returns the column in which a row contradicts itself or the settings, and the problem. printed is the row's
// three-digit radius as the log writes it.
func (r Row) mismatch(s Settings, printed string) (column, problem string) {
	if s.Classes > 0 && r.Label >= s.Classes {
		return "label", fmt.Sprintf("%d is not below the %d classes", r.Label, s.Classes)
	}
	if s.Classes > 0 && r.Predicted >= s.Classes {
		return "predict", fmt.Sprintf("%d is not below the %d classes", r.Predicted, s.Classes)
	}
	if abstains := r.Predicted == Abstain; abstains != (r.PLower < 0.5) {
		return "predict", fmt.Sprintf(
			"%d, but p_lower %v means to %s",
			r.Predicted,
			r.PLower,
			map[bool]string{true: "name a class", false: "abstain"}[abstains],
		)
	}
	if r.Predicted == Abstain && r.Radius != 0 {
		return "radius_full", fmt.Sprintf("%v for an image without a certified class", r.Radius)
	}
	if down := threeDigitsDown(r.Radius); down != printed {
		return "radius", fmt.Sprintf(
			"%s, but radius_full %v is %s in three digits, rounded down",
			printed,
			r.Radius,
			down,
		)
	}
	return "", ""
}

// near reports whether the row's bound is this one, up to rounding.
func (r Row) near(bound float64) bool {
	return math.Abs(r.PLower-bound) <= boundTolerance*min(bound, 1-bound)+4*ulp(bound)
}
