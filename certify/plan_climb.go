package certify

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"

	"smoothlab/noise"
	"smoothlab/smoothing"
)

// Ending is the reason why the votes of an image ended under a ladder.
type Ending string

// The endings of an image under a ladder.
const (
	EndedProved   Ending = "proved"   // the last radius of the grid is proved
	EndedHopeless Ending = "hopeless" // the next radius is out of reach
	EndedVotes    Ending = "votes"    // the last rung is reached
	EndedLabel    Ending = "label"    // the selected class is not the label: known only in evaluation mode
)

var endings = [...]Ending{EndedProved, EndedHopeless, EndedVotes, EndedLabel}

// climb is a ladder expressed in counts of votes for the selected class, under one smoothing.
type climb struct {
	*Ladder
	plan     Plan
	proves   [][]int // by rung and radius: smallest count that proves the radius
	hopeless [][]int // by rung and radius: largest count with which the radius is out of reach; -1 if none is
}

// newClimb computes the counts.
func newClimb(p Plan, under smoothing.Smoothing) *climb {
	c := &climb{Ladder: p.Ladder, plan: p}
	for k, n := range c.Rungs {
		var counts []int
		for _, r := range c.Radii {
			counts = append(counts, p.votesFor(n, p.Alpha*c.Weights[k], under, r))
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

// bound returns the lower bound that a count on rung k gives.
func (c *climb) bound(k, count int) float64 {
	return c.plan.lower(count, c.Rungs[k], c.plan.Alpha*c.Weights[k])
}

// certify draws the votes for the bound, rung by rung.
func (c *climb) certify(ctx context.Context, b *voteCounter, class int) (Row, error) {
	if c.Evaluation && class != b.img.Label {
		return Row{Ended: EndedLabel}, nil
	}
	var on []int // votes for the class on each rung
	counts := make([]int, b.classes)
	for proved, drawn := 0, 0; ; {
		k := len(on)
		if err := b.draw(ctx, noise.Bound, drawn, c.Rungs[k], counts); err != nil {
			return Row{}, err
		}
		on, drawn = append(on, counts[class]), c.Rungs[k]
		var end Ending
		if proved, end = c.look(k, counts[class], proved); end != "" {
			return c.row(on, proved, end), nil
		}
	}
}

// row returns what the votes on the rungs prove; its fields about the image are not set.
func (c *climb) row(on []int, proved int, end Ending) Row {
	r := Row{Ended: end}
	for k, count := range on {
		r.Votes, r.Used = count, c.Rungs[k]
		r.PLower = max(r.PLower, c.bound(k, count))
	}
	r.Rungs = joined(on)
	if proved > 0 {
		r.Radius = c.Radii[proved-1]
	}
	return r
}

// follow returns the row for the votes in a log, or an error if they are impossible under the ladder.
func (c *climb) follow(rungs string) (Row, error) {
	if rungs == "" {
		return Row{Ended: EndedLabel}, nil
	}
	on, err := readCounts(rungs)
	if err != nil {
		return Row{}, err
	}
	proved, end := 0, Ending("")
	for k, count := range on {
		if k >= len(c.Rungs) || end != "" {
			return Row{}, fmt.Errorf("%s has votes on %d rungs, but they ended on rung %d", rungs, len(on), k)
		}
		if count > c.Rungs[k] || k > 0 && (count < on[k-1] || count-on[k-1] > c.Rungs[k]-c.Rungs[k-1]) {
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
	return c.row(on, proved, end), nil
}

// joined formats numbers separated by commas.
func joined(on []int) string {
	var list []string
	for _, n := range on {
		list = append(list, strconv.Itoa(n))
	}
	return strings.Join(list, ",")
}

// readCounts reads numbers separated by commas.
func readCounts(list string) (on []int, err error) {
	for part := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(part)
		if err != nil || n < 0 {
			return nil, fmt.Errorf("%q is not a list of counts separated by commas", list)
		}
		on = append(on, n)
	}
	return on, nil
}
