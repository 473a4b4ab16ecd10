package certify

import (
	"fmt"
	"math"

	"smoothlab/internal/humanize"
	"smoothlab/smoothing"
)

// fixedProcedure is CERTIFY of Cohen et al. 2019: Plan.N votes for every image, and the radius of the lower bound.
type fixedProcedure struct{}

func fixedKind() ProcedureKind {
	return ProcedureKind{
		Name:   fixedProcedure{}.Name(),
		Source: "Cohen et al. 2019, figure 2 and theorem 1",
		New: func(fixed Plan, _ smoothing.Smoothing, _ RadiusGrid) (Plan, error) {
			fixed = fixed.fixed()
			return fixed, fixed.Check()
		},
		empty: fixedProcedure{},
	}
}

func (fixedProcedure) Name() string                         { return "fixed" }
func (fixedProcedure) noun() string                         { return "fixed plan" }
func (fixedProcedure) Grid() []float64                      { return nil }
func (fixedProcedure) Adaptive() bool                       { return false }
func (fixedProcedure) UsesLabels() bool                     { return false }
func (fixedProcedure) looks(p Plan) []int                   { return []int{p.N} }
func (fixedProcedure) share(int) float64                    { return 1 }
func (fixedProcedure) check() error                         { return nil }
func (fixedProcedure) checkNoise(smoothing.Smoothing) error { return nil }
func (fixedProcedure) settings() []setting                  { return nil }
func (fixedProcedure) columns() []string                    { return nil }
func (fixedProcedure) cells(Row) []string                   { return nil }

func (fixedProcedure) checkUse(p Plan, _ smoothing.Smoothing) error {
	if needed := p.minVotes(0.5); p.N < needed {
		return fmt.Errorf(
			"with n=%s votes at alpha %v no image can be certified, even if all votes agree: give n=%s or more",
			humanize.Grouped(p.N),
			p.Alpha,
			humanize.Grouped(needed),
		)
	}
	return nil
}

func (fixedProcedure) ceiling(p Plan, under smoothing.Smoothing) float64 {
	return max(0, under.Radius(p.lower(p.N, p.N, p.Alpha)))
}

func (fixedProcedure) guarantee(p Plan, norm string) string {
	return fmt.Sprintf(
		"for each image, with probability at least 1 - %v over its votes, no perturbation of %s norm below the radius changes the smoothed classifier's class",
		p.Alpha,
		norm,
	)
}

func (fixedProcedure) begin(p Plan, under smoothing.Smoothing) evaluator {
	return &fixedEvaluator{
		Plan:  p,
		under: under,
		bound: memoize(func(c [2]int) float64 { return p.lower(c[0], c[1], p.Alpha) }),
	}
}

// fixedEvaluator evaluates images by a fixed plan.
type fixedEvaluator struct {
	Plan
	under smoothing.Smoothing
	bound func(countAndVotes [2]int) float64
}

func (e *fixedEvaluator) image(Image, int) tally { return &fixedTally{of: e} }

// fixedTally is an image under a fixed plan.
type fixedTally struct {
	of     *fixedEvaluator
	result Row
	done   bool
}

func (t *fixedTally) ended() bool { return t.done }
func (t *fixedTally) row() Row    { return t.result }

func (t *fixedTally) take(count int) {
	n := t.of.N
	t.done, t.result = true, Row{Votes: count, Used: n, PLower: t.of.bound([2]int{count, n})}
	if t.result.PLower >= 0.5 {
		t.result.Radius = t.of.under.Radius(t.result.PLower)
	}
}

func (e *fixedEvaluator) mismatch(r Row) (column, problem string) {
	if e.N > 0 && r.Used != e.N {
		return "used", fmt.Sprintf("%d votes were used, but the plan has N %d", r.Used, e.N)
	}
	if e.Alpha > 0 {
		if want := e.bound([2]int{r.Votes, r.Used}); !r.near(want) {
			return "p_lower", fmt.Sprintf(
				"%v, but %d of %d votes at alpha %v prove %v",
				r.PLower,
				r.Votes,
				r.Used,
				e.Alpha,
				want,
			)
		}
	}
	if e.under != nil && r.Predicted != Abstain {
		if want := e.under.Radius(r.PLower); !(math.Abs(r.Radius-want) <= radiusTolerance*want) {
			return "radius_full", fmt.Sprintf(
				"%v, but %s and p_lower %v prove %v",
				r.Radius,
				smoothing.Describe(e.under),
				r.PLower,
				want,
			)
		}
	}
	return "", ""
}
