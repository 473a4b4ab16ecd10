package certify

import (
	"context"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"smoothlab/noise"
	"smoothlab/smoothing"
)

// ladder is NewLadder without the error.
func ladder(t testing.TB, fixed Plan, sigma float64, evaluation bool, radii ...float64) Plan {
	t.Helper()
	p, err := NewLadder(fixed, smoothing.Gaussian{Sigma: sigma}, radii, evaluation)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Check(); err != nil {
		t.Fatal(err)
	}
	return p
}

// quarters returns the radii 0, 0.25 … up to largest, the paper's grid.
func quarters(largest float64) (radii []float64) {
	for r := 0.0; r <= largest; r += 0.25 {
		radii = append(radii, r)
	}
	return radii
}

// The numbers of the design: doubling rungs, weights from the first to the last, and the last rung, which allows as
// many misses at the largest radius as the fixed plan does.
func TestNewLadder(t *testing.T) {
	fixed := Fixed(100, 100_000, 0.001)
	flat := ladder(t, fixed, 0.25, false, quarters(0.75)...).Ladder
	if want := []int{
		500,
		1000,
		2000,
		4000,
		8000,
		16_000,
		32_000,
		64_000,
	}; !slices.Equal(flat.Rungs[:8], want) ||
		len(flat.Rungs) != 9 {
		t.Errorf("the rungs are %v, expected %v and a last", flat.Rungs, want)
	}
	if want := []float64{.01, .01, .02, .03, .05, .08, .15, .25, .40}; !slices.Equal(flat.Weights, want) {
		t.Errorf("up to 3 sigma the weights are %v, expected %v", flat.Weights, want)
	}
	steep := ladder(t, fixed, 0.5, false, quarters(1.75)...).Ladder
	if w := steep.Weights; w[8] != 0.8 || math.Abs(w[0]-0.01/3) > 1e-12 {
		t.Errorf("beyond 3 sigma the weights are %v", w)
	}
	// 9 misses in 100,000 votes prove radius 1.75 at sigma 0.5. At 0.40 of alpha, 104,000 votes may have as many; at
	// 0.8 of it, 100,000 may.
	if needed := fixed.votesFor(100_000, 0.001, smoothing.Gaussian{Sigma: 0.5}, 1.75); needed != 100_000-9 {
		t.Errorf("radius 1.75 needs %d of 100,000 votes, expected all but 9", needed)
	}
	bound := func(count, n int) float64 { return LowerBound(count, n, 0.4*0.001) }
	if n := Fixed(100, 100_000, 0.001).lastRung(9, smoothing.Gaussian{Sigma: 0.5}, 1.75, bound); n != 104_000 {
		t.Errorf("at 0.40 of alpha the last rung is %d, expected 104,000", n)
	}
	for _, c := range []struct {
		fixed Plan
		sigma float64
		radii []float64
	}{
		{fixed, 0.5, quarters(1.75)}, {fixed, 0.25, quarters(0.75)}, {fixed, 1, []float64{2}}, {fixed, 1, quarters(3.75)},
		{Fixed(100, 10_000, 0.001), 1, quarters(3)}, {Fixed(10, 1000, 0.05), 1, []float64{0, 1}}, {Fixed(10, 60, 0.05), 1, []float64{1}},
	} {
		p := ladder(t, c.fixed, c.sigma, false, c.radii...)
		l, largest := p.Ladder, c.radii[len(c.radii)-1]
		misses := p.N - Plan{}.votesFor(p.N, p.Alpha, smoothing.Gaussian{Sigma: c.sigma}, largest)
		got := p.steps().last() - Plan{}.votesFor(
			p.steps().last(),
			p.Alpha*l.Weights[len(l.Weights)-1],
			smoothing.Gaussian{Sigma: c.sigma},
			largest,
		)
		if got < misses || p.steps().last() < p.N {
			t.Errorf("%v: the last of the rungs %v allows %d misses, and the fixed plan %d", p, l.Rungs, got, misses)
		}
	}
}

func TestBadLadders(t *testing.T) {
	fixed := Fixed(100, 10_000, 0.001)
	for _, c := range []struct {
		plan  Plan
		sigma float64
		radii []float64
		want  string
	}{
		{fixed, 0.5, nil, "at least one radius"},
		{fixed, 0.5, []float64{0, 0.5, 0.5}, "the radii of a ladder must increase, and 0.5 comes after 0.5"},
		{fixed, 0.5, []float64{0.5, 0.25}, "0.25 comes after 0.5"},
		{fixed, 0.5, []float64{-1}, "a radius cannot be -1"},
		{fixed, 0.5, []float64{math.NaN()}, "a radius cannot be NaN"},
		{fixed, 0.5, []float64{1, 1.75}, "radius 1.75 is beyond what N=10,000 votes can prove at sigma 0.5 and alpha 0.001, at most 1.59: leave it out, or give n=29,691 or more"},
		{fixed, 0, []float64{1}, "sigma"},
		{Plan{}, 0.5, []float64{1}, "n0"},
	} {
		if _, err := NewLadder(
			c.plan,
			smoothing.Gaussian{Sigma: c.sigma},
			c.radii,
			false,
		); err == nil ||
			!strings.Contains(err.Error(), c.want) {
			t.Errorf("%v at sigma %v: %v, expected %q", c.radii, c.sigma, err, c.want)
		}
	}
	for want, damage := range map[string]func(*Ladder){
		"a weight for each rung":            func(l *Ladder) { l.Weights = l.Weights[1:] },
		"must increase from 1":              func(l *Ladder) { l.Rungs[0] = 0 },
		"add up to 1":                       func(l *Ladder) { l.Weights[0] *= 1.001 },
		"weights of a ladder must be above": func(l *Ladder) { l.Weights[0] = -l.Weights[0] },
		"hopeless must be between":          func(l *Ladder) { l.Hopeless = 1 },
		"radii of a ladder must":            func(l *Ladder) { l.Radii[1] = 0 },
	} {
		p := ladder(t, fixed, 0.5, false, 0, 0.5, 1)
		damage(p.Ladder)
		if err := p.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, expected %q", err, want)
		}
	}
}

// small returns a ladder of few votes, so that every sequence of counts can be enumerated.
func small() Plan {
	return Plan{
		N0:    3,
		N:     24,
		Alpha: 0.05,
		Ladder: &Ladder{
			Radii:    []float64{0, 0.25, 0.5, 1},
			Rungs:    []int{6, 12, 24},
			Weights:  []float64{.1, .3, .6},
			Hopeless: 0.05,
		},
	}
}

// Every sequence of counts of a small ladder, weighted by exact binomial coefficients, against the dynamic programming;
// and each row against the bounds of its rungs.
func TestOutcomeFollowsAllWays(t *testing.T) {
	p := small()
	c := newClimb(p, smoothing.Gaussian{Sigma: 1})
	l := p.Ladder
	for _, share := range []float64{0, 0.3, 0.5, 0.62, 0.9, 0.99, 1} {
		proved, votes := make([]float64, len(l.Radii)), 0.0
		var walk func(k, before int, on []int, weight float64)
		walk = func(k, before int, on []int, weight float64) {
			n := l.Rungs[k]
			if k > 0 {
				n -= l.Rungs[k-1]
			}
			for x := 0; x <= n; x++ {
				coefficient, _ := new(big.Float).SetInt(new(big.Int).Binomial(int64(n), int64(x))).Float64()
				w := weight * coefficient * math.Pow(share, float64(x)) * math.Pow(1-share, float64(n-x))
				way := append(slices.Clone(on), before+x)
				best := 0.0
				for i, count := range way {
					best = max(best, LowerBound(count, l.Rungs[i], p.Alpha*l.Weights[i]))
				}
				reached := 0
				for reached < len(l.Radii) && best >= 0.5 && radius(1, best) >= l.Radii[reached] {
					reached++
				}
				ends := k == len(l.Rungs)-1 || reached == len(l.Radii) || before+x <= c.hopeless[k][reached]
				if !ends {
					walk(k+1, before+x, way, w)
					continue
				}
				votes += w * float64(l.Rungs[k])
				for j := range reached {
					proved[j] += w
				}
				row, err := c.follow(joined(way))
				if err != nil || row.PLower != best || row.Used != l.Rungs[k] ||
					(reached > 0 && row.Radius != l.Radii[reached-1]) {
					t.Fatalf(
						"the votes %v make the row %+v (%v), expected the bound %v and %d radii",
						way,
						row,
						err,
						best,
						reached,
					)
				}
			}
		}
		walk(0, 0, nil, 1)
		o := c.outcome(share, negligible)
		for j := range proved {
			if math.Abs(o.Proved[j]-proved[j]) > 1e-12 {
				t.Errorf(
					"p %v: radius %v is proved with probability %v, expected %v",
					share,
					l.Radii[j],
					o.Proved[j],
					proved[j],
				)
			}
		}
		if math.Abs(o.Votes-votes) > 1e-9 {
			t.Errorf("p %v: %v votes, expected %v", share, o.Votes, votes)
		}
	}
}

// A radius is given up exactly if a class with the share of votes that the last rung needs would have so few votes with
// probability at most Hopeless: binomial tails in 256-bit arithmetic.
func TestHopelessCounts(t *testing.T) {
	p := ladder(t, Fixed(100, 10_000, 0.001), 0.5, false, 0, 0.5, 1, 1.5)
	c := newClimb(p, smoothing.Gaussian{Sigma: 0.5})
	last := len(c.Rungs) - 1
	for k, n := range c.Rungs[:last] {
		for j := range c.Radii {
			share := float64(c.proves[last][j]) / float64(c.last())
			h := c.hopeless[k][j]
			for count, want := range map[int]bool{h: true, h + 1: false} {
				if count < 0 || count >= n {
					continue
				}
				tail := new(big.Float).Sub(exact(1), exactTail(count+1, n, share)) // P(X <= count)
				if got := tail.Cmp(exact(c.Hopeless)) <= 0; got != want {
					t.Errorf(
						"rung %d, radius %v: P(X <= %d) is %v, and the largest hopeless count %d",
						n,
						c.Radii[j],
						count,
						tail,
						h,
					)
				}
			}
		}
	}
}

// worstShares lists the probabilities at which a plan fails most often, just below those at which a radius becomes
// true, and some others.
func worstShares(sigma float64, radii []float64) (shares []float64) {
	for _, r := range radii {
		p := 0.5 * math.Erfc(-r/sigma/math.Sqrt2)
		for radius(sigma, p) >= r {
			p = math.Nextafter(p, 0)
		}
		shares = append(shares, p)
	}
	return append(shares, 0.3, 0.45, 0.55, 0.7, 0.9, 0.99, 0.9995)
}

// failure returns the probability that some radius above the true one is proved.
func (c *climb) failure(sigma, p float64) float64 {
	o := c.outcome(p, negligible)
	for j, r := range c.Radii {
		if !(p >= 0.5 && radius(sigma, p) >= r) {
			return o.Proved[j] + o.Lost
		}
	}
	return 0
}

// The failure probability of ladders, exactly: never above alpha, with and without giving up.
func TestLadderFailure(t *testing.T) {
	for _, alpha := range []float64{0.05, 0.001} {
		for _, c := range []struct {
			fixed Plan
			sigma float64
			radii []float64
		}{
			{Fixed(100, 1000, alpha), 0.5, quarters(0.75)},
			{Fixed(100, 10_000, alpha), 0.25, quarters(0.75)},
			{Fixed(100, 10_000, alpha), 0.5, quarters(1.5)},
			{Fixed(100, 10_000, alpha), 1, []float64{2}},
			{Fixed(100, 100_000, alpha), 0.5, quarters(1.75)},
		} {
			p := ladder(t, c.fixed, c.sigma, false, c.radii...)
			l := newClimb(p, smoothing.Gaussian{Sigma: c.sigma})
			worst := 0.0
			for _, share := range worstShares(c.sigma, c.radii) {
				failure := l.failure(c.sigma, share)
				worst = max(worst, failure)
				if failure > alpha {
					t.Errorf("%v at sigma %v and p %v fails with probability %v", p, c.sigma, share, failure)
				}
			}
			t.Logf("%v at sigma %v fails with probability %.3g at most", p, c.sigma, worst)
			if worst == 0 {
				t.Errorf("%v: no failure is possible, so nothing was tested", p)
			}
		}
	}
}

// The largest bound of all rungs exceeds p with probability at most alpha, whatever ends the votes. No radius is given
// up here, so this holds for all stopping rules and all radii.
func TestRunningMaximumFailure(t *testing.T) {
	for _, alpha := range []float64{0.05, 0.001} {
		p := ladder(t, Fixed(100, 10_000, alpha), 0.5, false, quarters(1.5)...)
		l := *p.Ladder
		l.Radii, l.Hopeless = []float64{0}, 0
		for i := 1; i < 20; i++ {
			share := float64(i) / 20
			c := &climb{steps: l.steps(Plan{Alpha: alpha})}
			for k, n := range l.Rungs {
				least := 0
				for step := n; step > 0; step /= 2 {
					for least+step <= n && !(LowerBound(least+step, n, alpha*l.Weights[k]) > share) {
						least += step
					}
				}
				c.proves, c.hopeless = append(c.proves, []int{least + 1}), append(c.hopeless, []int{-1})
			}
			o := c.outcome(share, negligible)
			if failure := o.Proved[0] + o.Lost; failure > alpha || failure < alpha/20 {
				t.Errorf("alpha %v: the bound exceeds p = %v with probability %v", alpha, share, failure)
			}
		}
	}
}

// The fixed plan's exact failure probability is never above alpha, and near alpha if p is just below a bound.
func TestFixedFailure(t *testing.T) {
	for _, alpha := range []float64{0.05, 0.001} {
		for _, n := range []int{100, 10_000, 100_000} {
			worst := 0.0
			for i := 1; i < 40; i++ {
				k := n * (40 + i) / 80
				share := math.Nextafter(LowerBound(k, n, alpha), 0)
				failure, _ := exactTail(k, n, share).Float64()
				worst = max(worst, failure)
			}
			if worst > alpha || worst < alpha*(1-1e-6) {
				t.Errorf("N %d: the bound fails with probability %v, alpha is %v", n, worst, alpha)
			}
		}
	}
}

// coin votes for class 0 with one probability, by its own generator, for simulations.
type coin struct {
	share float64
	rng   *rand.Rand
}

func (coin) Source() Source { return gaussian(0.5, Plan{}).Source }

func (coin) Slack() float64 { return 0 }

func (coin) Digests(context.Context, []Image) ([]Digest, error) { return nil, nil }

func (c coin) Vote(_ context.Context, _ int, _ noise.Purpose, _, n int, counts []int) error {
	for range n {
		if c.rng.Float64() < c.share {
			counts[0]++
		} else {
			counts[1]++
		}
	}
	return nil
}

// Simulated images against the exact outcome: proved radii and votes within 4 standard errors.
func TestLadderSimulated(t *testing.T) {
	const images = 3000
	plan := Plan{
		N0:    1,
		N:     500,
		Alpha: 0.05,
		Ladder: &Ladder{
			Radii:    []float64{0, 0.25, 0.5, 0.75},
			Rungs:    []int{20, 60, 150, 500},
			Weights:  []float64{.1, .2, .3, .4},
			Hopeless: 0.02,
		},
	}
	p := newSampler(gaussian(0.5, plan))
	for _, share := range []float64{0.45, 0.69, 0.9} {
		want := p.evaluator.(forecaster).outcome(share, negligible)
		v := coin{share, rand.New(rand.NewPCG(5, 6))}
		proved, votes, squares := make([]float64, len(plan.Ladder.Radii)), 0.0, 0.0
		for i := range images {
			// The class is given, so that a rare wrong choice of the class does not affect the test.
			row, err := p.bound(t.Context(), &voteCounter{voter: v, img: Image{Index: i}, classes: 2}, 0)
			if err != nil {
				t.Fatal(err)
			}
			for j, r := range plan.Ladder.Radii {
				if row.PLower >= 0.5 && row.Radius >= r {
					proved[j]++
				}
			}
			votes, squares = votes+float64(row.Used), squares+float64(row.Used)*float64(row.Used)
		}
		for j, q := range want.Proved {
			if se := math.Sqrt(q * (1 - q) / images); math.Abs(proved[j]/images-q) > 4*se+1e-9 {
				t.Errorf(
					"p %v: radius %v was proved of %v, expected %v ± %v",
					share,
					plan.Ladder.Radii[j],
					proved[j]/images,
					q,
					se,
				)
			}
		}
		mean := votes / images
		if se := math.Sqrt((squares/images - mean*mean) / images); math.Abs(mean-want.Votes) > 4*se {
			t.Errorf("p %v: %v votes, expected %v ± %v", share, mean, want.Votes, se)
		}
	}
}

// A ladder's thresholds are ordered: larger radii need more votes, no count both proves a radius and gives it up, and a
// part of alpha needs at least as many votes as all of it.
func TestClimbIsMonotone(t *testing.T) {
	for _, radii := range [][]float64{quarters(1.75), quarters(1.5), {1}} {
		c := newClimb(ladder(t, Fixed(100, 100_000, 0.001), 0.5, false, radii...), smoothing.Gaussian{Sigma: 0.5})
		for k, n := range c.Rungs {
			if !slices.IsSorted(c.proves[k]) || !slices.IsSorted(c.hopeless[k]) {
				t.Errorf("on the rung of %d votes the counts are %v and %v", n, c.proves[k], c.hopeless[k])
			}
			for j, count := range c.proves[k] {
				if c.hopeless[k][j] >= count && k < len(c.Rungs)-1 {
					t.Errorf(
						"on the rung of %d votes, %d prove %v, and %d give it up",
						n,
						count,
						radii[j],
						c.hopeless[k][j],
					)
				}
				if advanceOne := c.plan.votesFor(
					n,
					c.plan.Alpha,
					smoothing.Gaussian{Sigma: 0.5},
					radii[j],
				); count < advanceOne {
					t.Errorf(
						"on the rung of %d votes, %d prove %v, and all of alpha wants %d",
						n,
						count,
						radii[j],
						advanceOne,
					)
				}
			}
		}
	}
}

// The last rung also takes into account what sound sampling subtracts from every bound: it proves the largest radius
// with as many misses as the fixed plan does.
func TestLastRungWithSlack(t *testing.T) {
	const sigma, largest = 0.5, 1.0
	fixed := Fixed(100, 9000, 0.001)
	fixed.Slack = 0.01
	p, err := NewLadder(fixed, smoothing.Gaussian{Sigma: sigma}, []float64{0.5, largest}, false)
	if err != nil {
		t.Fatal(err)
	}
	misses := fixed.N - fixed.votesFor(fixed.N, fixed.Alpha, smoothing.Gaussian{Sigma: sigma}, largest)
	last, weights := p.steps().last(), p.Ladder.Weights
	if r := radius(sigma, p.lower(last-misses, last, p.Alpha*weights[len(weights)-1])); r < largest {
		t.Errorf("%d votes prove %v with %d misses, not %v", last, r, misses, largest)
	}
}
