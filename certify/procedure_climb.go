package certify

import (
	"fmt"
	"math"
	"sort"
	"strconv"
	"strings"

	"smoothlab/internal/humanize"
	"smoothlab/smoothing"
)

// Ending is the reason why the votes of an image ended, under a plan over a grid.
type Ending string

// The endings of an image under a plan over a grid.
const (
	EndedProved   Ending = "proved"   // the last radius of the grid is proved
	EndedHopeless Ending = "hopeless" // the next radius is out of reach
	EndedVotes    Ending = "votes"    // the last rung is reached
	EndedLabel    Ending = "label"    // the selected class is not the label: known only in evaluation mode
)

var endings = [...]Ending{EndedProved, EndedHopeless, EndedVotes, EndedLabel}

// steps describes an adaptive procedure over a grid of radii: the numbers of votes after which an image is evaluated,
// and the lower bound that a count of votes for its class then gives. The largest bound so far counts.
type steps struct {
	Radii      []float64 // the grid
	Rungs      []int     // numbers of votes, increasing
	Hopeless   float64   // level of the upper bound that gives up a radius
	Evaluation bool      // whether labels end votes
	bound      func(k, count int) float64
}

// climb holds, for steps under one smoothing, which counts of votes for the selected class prove a radius or give it
// up.
type climb struct {
	steps
	plan     Plan
	under    smoothing.Smoothing
	proves   [][]int // by rung and radius: smallest count that proves the radius
	hopeless [][]int // by rung and radius: largest count with which the radius is out of reach; -1 if none is
}

// stepped is a procedure that is described by steps.
type stepped interface {
	Procedure
	steps(p Plan) steps
}

// steps returns the steps of a plan whose procedure has them.
func (p Plan) steps() steps { return p.Procedure().(stepped).steps(p) }

// newClimb computes the counts of a plan whose procedure has steps.
func newClimb(p Plan, under smoothing.Smoothing) *climb {
	c := &climb{steps: p.steps(), plan: p, under: under}
	for k, n := range c.Rungs {
		var counts []int
		for _, r := range c.Radii {
			enough := func(count int) bool { return proves(c.bound(k, count), under, r) }
			counts = append(counts, sort.Search(n+1, enough))
		}
		c.proves = append(c.proves, counts)
	}
	last := len(c.Rungs) - 1
	for _, n := range c.Rungs {
		var counts []int
		for j := range c.Radii {
			// The share of votes that the last rung needs.
			share := float64(c.proves[last][j]) / float64(c.last())
			counts = append(counts, outOfReach(n, share, c.Hopeless))
		}
		c.hopeless = append(c.hopeless, counts)
	}
	return c
}

// last returns the number of votes on the last rung.
func (s steps) last() int { return s.Rungs[len(s.Rungs)-1] }

// checkUse returns an error if no image can be certified.
func (c *climb) checkUse() error {
	for k, n := range c.Rungs {
		if c.proves[k][0] <= n {
			return nil
		}
	}
	return fmt.Errorf(
		"no image can be certified: %s votes, all for one class, do not prove radius %s at %s and alpha %v; give a larger n",
		humanize.Grouped(c.last()),
		radiusText(c.Radii[0]),
		smoothing.Describe(c.under),
		c.plan.Alpha,
	)
}

// outOfReach returns the largest count of n votes whose upper Clopper–Pearson bound at level alpha is below share; -1
// if none is.
func outOfReach(n int, share, alpha float64) int {
	if share > 1 {
		return n
	}
	// P(X <= k) = P(n - X >= n - k) for the misses n - X.
	low, high := -1, n // low is out of reach, high is not
	for high-low > 1 {
		k := (low + high) / 2
		if lowerTail(k, n, share) <= alpha {
			low = k
		} else {
			high = k
		}
	}
	return low
}

// lowerTail returns P(X <= k) for X ~ Binomial(n, p), 0 <= k < n.
func lowerTail(k, n int, p float64) float64 {
	if p >= 1 {
		return 0
	}
	return math.Exp(logUpperTail(n-k, n, 1-p))
}

// look evaluates the count on rung k (from 0), given the number of radii proved before. It returns the number proved
// now, and why the votes end, or "".
func (c *climb) look(k, count, proved int) (int, Ending) {
	for proved < len(c.Radii) && count >= c.proves[k][proved] {
		proved++
	}
	switch {
	case proved == len(c.Radii):
		return proved, EndedProved
	case k == len(c.Rungs)-1:
		return proved, EndedVotes
	case count <= c.hopeless[k][proved]:
		return proved, EndedHopeless
	}
	return proved, ""
}

// climber is the state of one image.
type climber struct {
	climb  *climb
	counts []int // votes for the class on each rung that was reached
	proved int
	end    Ending // "" until its votes end
}

func (c *climb) image(img Image, class int) tally {
	t := &climber{climb: c}
	if c.Evaluation && class != img.Label {
		t.end = EndedLabel
	}
	return t
}

func (t *climber) take(count int) {
	t.proved, t.end = t.climb.look(len(t.counts), count, t.proved)
	t.counts = append(t.counts, count)
}

func (t *climber) ended() bool { return t.end != "" }

func (t *climber) row() Row { return t.climb.row(t.counts, t.proved, t.end) }

// row returns what the counts on the rungs prove; its fields about the image are not set.
func (c *climb) row(counts []int, proved int, end Ending) Row {
	r := Row{Ended: end}
	for k, count := range counts {
		r.Votes, r.Used = count, c.Rungs[k]
		r.PLower = max(r.PLower, c.bound(k, count))
	}
	r.Rungs = joined(counts)
	if proved > 0 {
		r.Radius = c.Radii[proved-1]
	}
	return r
}

// follow returns the row for the counts on the rungs in a log, or an error if the plan cannot give them.
func (c *climb) follow(rungs string) (Row, error) {
	if rungs == "" {
		return Row{Ended: EndedLabel}, nil
	}
	counts, err := readCounts(rungs)
	if err != nil {
		return Row{}, err
	}
	proved, end := 0, Ending("")
	for k, count := range counts {
		if k >= len(c.Rungs) || end != "" {
			return Row{}, fmt.Errorf("%s has votes on %d rungs, but they ended on rung %d", rungs, len(counts), k)
		}
		if count > c.Rungs[k] || k > 0 && (count < counts[k-1] || count-counts[k-1] > c.Rungs[k]-c.Rungs[k-1]) {
			return Row{}, fmt.Errorf(
				"%s has %d votes on rung %d, which cannot follow those before",
				rungs,
				count,
				k+1,
			)
		}
		proved, end = c.look(k, count, proved)
	}
	if end == "" {
		return Row{}, fmt.Errorf("%s ends before the votes did", rungs)
	}
	return c.row(counts, proved, end), nil
}

// joined formats numbers separated by commas.
func joined(counts []int) string {
	var list []string
	for _, n := range counts {
		list = append(list, strconv.Itoa(n))
	}
	return strings.Join(list, ",")
}

// readCounts reads numbers separated by commas.
func readCounts(list string) (counts []int, err error) {
	for part := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(part)
		if err != nil || n < 0 {
			return nil, fmt.Errorf("%q is not a list of counts separated by commas", list)
		}
		counts = append(counts, n)
	}
	return counts, nil
}

// mismatch recomputes a row from its votes on the rungs, and returns what differs.
func (c *climb) mismatch(r Row) (column, problem string) {
	want, err := c.follow(r.Rungs)
	switch {
	case err != nil:
		return "rungs", err.Error()
	case r.Ended == EndedLabel && (!c.Evaluation || r.Correct):
		return "ended", "votes end by the label in evaluation mode only, and only if the selected class is not the label"
	case r.Ended != want.Ended:
		return "ended", fmt.Sprintf("%q, but the votes on the rungs, %s, mean %q", r.Ended, r.Rungs, want.Ended)
	case r.Used != want.Used:
		return "used", fmt.Sprintf("%d votes were used, but the rungs reached have %d", r.Used, want.Used)
	case r.Votes != want.Votes:
		return "votes", fmt.Sprintf("%d, but the last rung reached has %d", r.Votes, want.Votes)
	case !r.near(want.PLower):
		return "p_lower", fmt.Sprintf("%v, but the votes on the rungs, %s, prove %v", r.PLower, r.Rungs, want.PLower)
	case r.Radius != want.Radius:
		return "radius_full", fmt.Sprintf(
			"%v, but the votes on the rungs, %s, prove the grid's %v",
			r.Radius,
			r.Rungs,
			want.Radius,
		)
	}
	return "", ""
}
