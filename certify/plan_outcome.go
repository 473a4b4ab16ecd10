package certify

import "math"

// Outcome is the distribution of a plan's results for an image whose selected class has a known probability under
// noise: exact, by dynamic programming over counts of votes.
type Outcome struct {
	Proved []float64 // for each radius of the grid, the probability that it is proved
	Votes  float64   // expected votes for the bound
	Lost   float64   // probability that was cut off as too small; the other fields may be off by it
}

// paths holds the probabilities of counts among images that continue, for one number of proved radii.
type paths struct {
	first int // the count of p[0]
	p     []float64
}

// Probabilities below these are cut off; there are far fewer than 1e6 of them.
const (
	negligible        = 1e-22 // compared with any alpha
	negligibleInMeans = 1e-13 // compared with a share of the images
)

// forecaster is an evaluator whose outcome can be computed.
type forecaster interface{ outcome(p, cut float64) Outcome }

// outcome follows all paths of the counts at probability p, except those whose probability is below cut.
func (c *climb) outcome(p, cut float64) Outcome {
	o := Outcome{Proved: make([]float64, len(c.Radii))}
	at := make([]paths, len(c.Radii)+1) // by proved radii
	at[0] = paths{p: []float64{1}}
	before := 0
	for k, n := range c.Rungs {
		steps := binomial(n-before, p, cut)
		o.Lost += cut * float64(n-before) // each count that was left out is less likely than cut
		next := make([]paths, len(at))
		for proved, from := range at {
			if len(from.p) == 0 {
				continue
			}
			to := from.convolve(steps)
			for i, mass := range to.p {
				if mass < cut {
					o.Lost += mass
					continue
				}
				count := to.first + i
				now, end := c.look(k, count, proved)
				for j := proved; j < now; j++ {
					o.Proved[j] += mass
				}
				if end != "" {
					o.Votes += mass * float64(n)
					continue
				}
				next[now].add(count, mass)
			}
		}
		at, before = next, n
	}
	return o
}

// add adds mass at a count.
func (q *paths) add(count int, mass float64) {
	if q.p == nil {
		q.first = count
	}
	for count < q.first { // another source begins earlier
		q.p = append(make([]float64, q.first-count), q.p...)
		q.first = count
	}
	for count >= q.first+len(q.p) {
		q.p = append(q.p, 0)
	}
	q.p[count-q.first] += mass
}

// convolve adds independent counts.
func (q paths) convolve(r paths) paths {
	sum := paths{first: q.first + r.first, p: make([]float64, len(q.p)+len(r.p)-1)}
	for i, x := range q.p {
		if x == 0 {
			continue
		}
		for j, y := range r.p {
			sum.p[i+j] += x * y
		}
	}
	return sum
}

// binomial returns the probabilities of counts of n votes, without those below cut on either side.
func binomial(n int, p, cut float64) paths {
	switch {
	case p <= 0:
		return paths{p: []float64{1}}
	case p >= 1:
		return paths{first: n, p: []float64{1}}
	}
	mode := min(n, int(float64(n+1)*p))
	odds := p / (1 - p)
	top := math.Exp(logPMF(mode, n, p))
	low := []float64{}
	for k, x := mode, top; k > 0; k-- {
		if x *= float64(k) / (float64(n-k+1) * odds); x < cut {
			break
		}
		low = append(low, x)
	}
	b := paths{first: mode - len(low)}
	for i := len(low) - 1; i >= 0; i-- {
		b.p = append(b.p, low[i])
	}
	for k, x := mode, top; x >= cut && k <= n; k++ {
		b.p = append(b.p, x)
		x *= float64(n-k) / float64(k+1) * odds
	}
	return b
}
