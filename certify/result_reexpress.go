package certify

import (
	"errors"
	"fmt"
	"math"
	"sort"

	"smoothlab/internal/humanize"
	"smoothlab/smoothing"
)

// AtVotes re-expresses certificates of N votes at n < N: it computes what n of the same votes would have given,
// averaged over all ways to choose them. The number for the chosen class is hypergeometric. Votes are exchangeable,
// hence the mean over images of the expected radius has the expectation of the ACR at n votes, whatever the true
// probabilities are. (Drawing afresh with probability count/N instead would add the spread of that estimate to the
// radii.)
//
// The result is an estimate and certifies nothing: [Row.Radius] is an expected radius, 0 where n votes would abstain,
// and [Certificates.Accuracy] an expected share. It is also a lower estimate: a log does not have the class of an
// abstention, so those stay abstentions. For a radius of a published log, the count with the nearest radius is used.
//
// At n = N it returns the certificates unchanged. It returns an error if n is above N, since votes can be left out but
// not invented, or if the log does not have what is needed.
func (c *Certificates) AtVotes(n int) (*Certificates, error) {
	switch {
	case n < 1:
		return nil, fmt.Errorf("n, the number of votes for the bound, must be at least 1; got %d", n)
	case c.Smoothing == nil || c.Plan.N == 0 || c.Plan.Alpha == 0:
		return nil, errors.New(
			"re-expressing needs sigma, N and alpha, but the log does not have all of them: give them to read_log",
		)
	case c.Plan.Procedure().Adaptive():
		return nil, fmt.Errorf(
			"certificates of a %s cannot be re-expressed at another number of votes, since it differs from image to image: certify with the fixed plan",
			c.Plan.Kind(),
		)
	case n == c.Plan.N:
		return c, nil
	case c.ReexpressedFrom > 0:
		return nil, fmt.Errorf(
			"these certificates are already re-expressed at N %s: start from those of %s votes",
			humanize.Grouped(c.Plan.N),
			humanize.Grouped(c.ReexpressedFrom),
		)
	case n > c.Plan.N:
		return nil, fmt.Errorf(
			"certificates of %s votes cannot be re-expressed at %s: votes can be left out, not invented; certify again with that many",
			humanize.Grouped(c.Plan.N),
			humanize.Grouped(n),
		)
	}
	s := *c
	s.Plan.N, s.ReexpressedFrom, s.Printed = n, c.Plan.N, false
	s.Rows = make([]Row, len(c.Rows))
	radius := s.radius()
	mean := memoize(func(votes int) float64 { return s.subset(votes).mean(radius) })
	votes, err := c.votes()
	if err != nil {
		return nil, err
	}
	for i, row := range c.Rows {
		row.PLower = 0 // an expected radius belongs to no single bound
		if row.Predicted != Abstain {
			row.Votes, row.Used = votes[i], c.Plan.N
			row.Radius = mean(row.Votes)
		}
		s.Rows[i] = row
	}
	return &s, nil
}

// votes returns the votes for the class of each row. If a log does not have them, they follow from the radius; for an
// abstention they are half of all votes.
func (c *Certificates) votes() ([]int, error) {
	votes := make([]int, len(c.Rows))
	counts := map[float64]int{} // by printed radius
	for i, row := range c.Rows {
		switch {
		case row.Used > 0:
			votes[i] = row.Votes
			continue
		case row.Predicted == Abstain:
			votes[i] = c.Plan.N / 2
			continue
		}
		known, found := counts[row.Radius]
		if !found {
			var err error
			if known, err = c.count(row.Radius); err != nil {
				return nil, fmt.Errorf("image %d: %w", row.Index, err)
			}
			counts[row.Radius] = known
		}
		votes[i] = known
	}
	return votes, nil
}

// count returns the number of votes whose radius, printed with three digits, is r.
func (c *Certificates) count(r float64) (int, error) {
	n, p := c.Plan.N, c.Smoothing.Probability(r)
	// From here on the lower bound is p or more.
	k := 1 + sort.Search(
		n-1,
		func(i int) bool { return logUpperTail(i+1, n, min(p, 1-1e-16)) <= math.Log(c.Plan.Alpha) },
	)
	best, distance := 0, math.Inf(1)
	for _, k := range []int{k - 1, k, k + 1} {
		if k < 1 || k > n {
			continue
		}
		if d := math.Abs(c.Smoothing.Radius(LowerBound(k, n, c.Plan.Alpha)) - r); d < distance {
			best, distance = k, d
		}
	}
	if half := 0.5 * math.Pow(10, math.Floor(math.Log10(r))-2); r > 0 && distance > half*(1+1e-9) {
		return 0, fmt.Errorf(
			"no count of %s votes gives the radius %v at %s and alpha %v: the log was made with other settings",
			humanize.Grouped(n),
			r,
			smoothing.Describe(c.Smoothing),
			c.Plan.Alpha,
		)
	}
	return best, nil
}

// radius returns a function from a number of votes to the radius it proves under the plan, 0 for an abstention.
func (c *Certificates) radius() func(votes int) float64 {
	return memoize(func(votes int) float64 {
		return max(0, c.Smoothing.Radius(c.Plan.lower(votes, c.Plan.N, c.Plan.Alpha)))
	})
}

// votesFor returns the smallest number of votes that proves a radius of r or more, N + 1 if none does. At r = 0 it is
// the smallest that does not abstain.
func (c *Certificates) votesFor(r float64) int {
	return sort.Search(c.Plan.N+1, func(k int) bool {
		p := c.Plan.lower(k, c.Plan.N, c.Plan.Alpha)
		return proves(p, c.Smoothing, r)
	})
}

// subset is the distribution of the votes for a class among those that are kept, hypergeometric.
type subset struct{ all, class, kept int }

func (c *Certificates) subset(votes int) subset {
	return subset{all: c.ReexpressedFrom, class: votes, kept: c.Plan.N}
}

// each visits the numbers of votes that are not negligibly unlikely, with their probabilities.
func (s subset) each(visit func(votes int, p float64)) {
	low, high := max(0, s.kept-(s.all-s.class)), min(s.class, s.kept)
	mode := int(float64(s.kept+1) * float64(s.class+1) / float64(s.all+2))
	mode = min(max(mode, low), high)
	// The saddle-point forms of the binomials avoid the cancellation of the hypergeometric's large factors.
	share := float64(s.kept) / float64(s.all)
	top := math.Exp(
		logPMF(mode, s.class, share) + logPMF(s.kept-mode, s.all-s.class, share) - logPMF(s.kept, s.all, share),
	)
	odds := func(j int) float64 { // P(j+1)/P(j)
		return float64(s.class-j) * float64(s.kept-j) / (float64(j+1) * float64(s.all-s.class-s.kept+j+1))
	}
	visit(mode, top)
	for j, p := mode, top; j < high && p > top*1e-18; j++ {
		p *= odds(j)
		visit(j+1, p)
	}
	for j, p := mode, top; j > low && p > top*1e-18; j-- {
		p /= odds(j - 1)
		visit(j-1, p)
	}
}

// mean returns the expectation of f.
func (s subset) mean(f func(votes int) float64) float64 {
	sum := 0.0
	s.each(func(votes int, p float64) { sum += p * f(votes) })
	return sum
}

// atLeast returns the probability of k votes or more.
func (s subset) atLeast(k int) float64 {
	sum := 0.0
	s.each(func(votes int, p float64) {
		if votes >= k {
			sum += p
		}
	})
	return min(1, sum)
}

// memoize caches the values of f.
func memoize[K comparable, V any](f func(K) V) func(K) V {
	known := map[K]V{}
	return func(k K) V {
		v, found := known[k]
		if !found {
			v = f(k)
			known[k] = v
		}
		return v
	}
}
