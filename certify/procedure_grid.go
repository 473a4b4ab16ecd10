package certify

import (
	"fmt"
	"math"
	"sort"
	"strings"

	"smoothlab/internal/humanize"
	"smoothlab/smoothing"
)

// This file holds what procedures that prove radii of a grid have in common.

// misses returns the number of votes for other classes with which a fixed plan just proves the largest radius of a
// grid. It returns an error if the grid is not increasing, or exceeds what the fixed plan can prove.
func (p Plan) misses(of Procedure, under smoothing.Smoothing, radii []float64) (int, error) {
	if err := p.Check(); err != nil {
		return 0, err
	}
	if err := checkSmoothing(under); err != nil {
		return 0, err
	}
	if err := checkGridNorm(of, under); err != nil {
		return 0, err
	}
	if err := checkGrid(of, radii); err != nil {
		return 0, err
	}
	largest := radii[len(radii)-1]
	needed := p.votesFor(p.N, p.Alpha, under, largest)
	if needed > p.N {
		return 0, fmt.Errorf(
			"radius %s is beyond what N=%s votes can prove at %s and alpha %v, at most %s: leave it out, or give n=%s or more",
			radiusText(largest),
			humanize.Grouped(p.N),
			smoothing.Describe(under),
			p.Alpha,
			threeDigitsDown(p.Ceiling(under)),
			humanize.Grouped(p.minVotes(under.Probability(largest))),
		)
	}
	return p.N - needed, nil
}

// lastRung returns the smallest number of votes, at least the plan's, whose bound proves a radius with the given number
// of misses, rounded up to three digits.
func (p Plan) lastRung(misses int, under smoothing.Smoothing, radius float64, bound func(count, n int) float64) int {
	n := p.N
	more := sort.Search(9*n, func(i int) bool { return under.Radius(bound(n+i-misses, n+i)) >= radius })
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
func (k ProcedureKind) CheckGrid(radii []float64) error { return checkGrid(k.empty, radii) }

func checkGrid(p Procedure, radii []float64) error {
	if len(radii) == 0 {
		return fmt.Errorf("a %s needs at least one radius, as in radii=[0, 0.25, 0.5]", p.noun())
	}
	for i, r := range radii {
		if !(r >= 0 && r <= maxRadius) {
			return fmt.Errorf("a radius cannot be %v; expected 0 or more", r)
		}
		if i > 0 && r <= radii[i-1] {
			return fmt.Errorf(
				"the radii of a %s must increase, and %s comes after %s",
				p.noun(),
				radiusText(r),
				radiusText(radii[i-1]),
			)
		}
	}
	return nil
}

// checkGridNorm returns an error if the noise certifies radii in a norm other than that of grids.
func checkGridNorm(p Procedure, under smoothing.Smoothing) error {
	if norm := under.Norm(); norm != defaultNorm {
		return fmt.Errorf("a %s is for grids of %s radii, and %s certifies %s radii: take a fixed plan",
			p.noun(), defaultNorm, smoothing.Describe(under), norm)
	}
	return nil
}

// maxRungs bounds what a damaged file can ask for.
const maxRungs = 1000

// checkRungs returns an error if rungs do not increase, or the level at which a radius is given up is invalid.
func checkRungs(name string, rungs []int, hopeless float64) error {
	for i, n := range rungs {
		if n < 1 || i > 0 && n <= rungs[i-1] {
			return fmt.Errorf("the rungs of a %s must increase from 1 or more; got %v", name, rungs)
		}
	}
	if !(hopeless >= 0 && hopeless < 1) {
		return fmt.Errorf(
			"the level at which a radius is hopeless must be between 0 and 1 (%v is usual); got %v",
			defaultHopeless,
			hopeless,
		)
	}
	return nil
}

// gridText formats radii, for instance "0, 0.25, 0.5".
func gridText(radii []float64) string {
	var list []string
	for _, r := range radii {
		list = append(list, radiusText(r))
	}
	return strings.Join(list, ", ")
}

// gridGuarantee describes what proved radii of a grid mean.
func gridGuarantee(p Plan, norm string) string {
	s := fmt.Sprintf(
		"for each image, with probability at least 1 - %v over its votes, all radii of the grid that are proved are right at once: no perturbation of smaller %s norm changes the smoothed classifier's class",
		p.Alpha,
		norm,
	)
	if p.Procedure().UsesLabels() {
		s += "; labels ended the votes of images whose selected class is wrong, which leaves certified accuracy as it is, and abstentions, wrong predictions and p_A undefined"
	}
	return s
}

// Columns that logs of these plans have in addition: see [Row].
var rungColumns = []string{"rungs", "ended"}

// noRungs is written to a log for the rungs of an image without votes for the bound.
const noRungs = "-"

// rungCells formats the columns of a row.
func rungCells(r Row) []string {
	if r.Rungs == "" {
		return []string{noRungs, string(r.Ended)}
	}
	return []string{r.Rungs, string(r.Ended)}
}
