package certify

import (
	"math"
	"math/rand/v2"
	"testing"

	"smoothlab/smoothing"
)

// The wealth in closed form equals that of betting vote by vote with the forecasts (hits + ½)/(votes + 1), in any
// order.
func TestWealthIsOfBets(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 50 {
		p, share := rng.Float64(), rng.Float64()
		n := 1 + rng.IntN(300)
		wealth, hits := 0.0, 0
		for i := range n {
			q := (float64(hits) + 0.5) / (float64(i) + 1)
			if rng.Float64() < share {
				wealth += math.Log(q / p)
				hits++
			} else {
				wealth += math.Log((1 - q) / (1 - p))
			}
		}
		if got := logWealth(hits, n, p); math.Abs(got-wealth) > 1e-9*(1+math.Abs(wealth)) {
			t.Fatalf("%d of %d votes against %v: log wealth %v, expected %v", hits, n, p, got, wealth)
		}
	}
}

func TestBettingBound(t *testing.T) {
	for _, n := range []int{1, 10, 1000, 100_000, 1_000_000_000} {
		for _, count := range []int{0, 1, n / 2, n - n/100, n - 1, n} {
			for _, alpha := range []float64{0.05, 0.001} {
				b := BettingBound(count, n, alpha)
				// A bound that holds at all times is lower than a bound for one time.
				if !(b >= 0 && b <= LowerBound(count, n, alpha)) {
					t.Errorf(
						"%d of %d votes at alpha %v: bound %v, and Clopper–Pearson's %v",
						count,
						n,
						alpha,
						b,
						LowerBound(count, n, alpha),
					)
				}
				if b > 0 &&
					(logWealth(count, n, b) < -math.Log(alpha) || logWealth(count, n, b+1e-6*min(b, 1-b)) > -math.Log(alpha)+1e-3*float64(n)) {
					t.Errorf(
						"%d of %d votes at alpha %v: the wealth at the bound %v is e^%v",
						count,
						n,
						alpha,
						b,
						logWealth(count, n, b),
					)
				}
			}
		}
	}
	// All of 1000 votes: the forecasts' product is B(1000.5, 0.5)/B(0.5, 0.5) = C(2000, 1000)/4^1000 = 0.0178390…; with
	// p^1000 = 0.001·0.0178390….
	if b, want := BettingBound(1000, 1000, 0.001), math.Pow(0.001*0.017839011, 1./1000); math.Abs(b-want) > 1e-9 {
		t.Errorf("1000 of 1000 votes give %v, expected %v", b, want)
	}
	for _, bad := range []float64{BettingBound(-1, 10, 0.1), BettingBound(11, 10, 0.1), BettingBound(0, 0, 0.1), BettingBound(5, 10, 0)} {
		if !math.IsNaN(bad) {
			t.Errorf("arguments out of range give %v, expected NaN", bad)
		}
	}
}

// The chance that the bound ever exceeds p in 2000 votes, exactly, by following all counts vote by vote.
func TestBettingFailure(t *testing.T) {
	for _, alpha := range []float64{0.05, 0.001} {
		for _, p := range []float64{0.3, 0.5, 0.9, 0.99} {
			failed := 0.0
			at := []float64{1} // probability of each count among those not yet rejected
			for n := 1; n <= 2000; n++ {
				next := make([]float64, n+1)
				for k, mass := range at {
					next[k] += mass * (1 - p)
					next[k+1] += mass * p
				}
				for k := range next {
					if float64(k) > p*float64(n) && logWealth(k, n, p) >= -math.Log(alpha) {
						failed += next[k]
						next[k] = 0
					}
				}
				at = next
			}
			if failed > alpha || failed < alpha/100 {
				t.Errorf("alpha %v, p %v: the bound ever exceeds p with probability %v", alpha, p, failed)
			}
		}
	}
}

// From the same votes betting mostly proves what the ladder proves, and hardly ever more.
func TestCrossCheck(t *testing.T) {
	const images = 400
	s := toySettings()
	s.Plan = ladder(t, Fixed(100, 10_000, 0.001), 0.5, true, quarters(1.5)...)
	rng := rand.New(rand.NewPCG(8, 9))
	p := newSampler(s)
	c := &Certificates{Settings: s, Planned: images}
	for i := range images {
		row, err := p.bound(
			t.Context(),
			&voteCounter{voter: coin{1 - 0.3*rng.Float64()*rng.Float64(), rng}, img: Image{Index: i}, classes: 2},
			0,
		)
		if err != nil {
			t.Fatal(err)
		}
		c.Rows = append(c.Rows, row)
	}
	for i := range c.Rows {
		c.Rows[i].Correct = true
	}
	check := c.CrossCheck()
	if check.Same+check.Smaller+check.Larger != images || check.Same < images/2 || check.Larger > images/20 {
		t.Errorf("of %d images, betting proves %+v", images, *check)
	}
	if check := (&Certificates{Settings: toySettings()}).CrossCheck(); check != nil {
		t.Errorf("a fixed plan is checked: %+v", *check)
	}
}

// The exact failure probability of betting plans, like that of ladders, is never above alpha.
func TestBettingPlanFailure(t *testing.T) {
	for _, alpha := range []float64{0.05, 0.001} {
		for _, c := range []struct {
			fixed Plan
			sigma float64
			radii []float64
		}{
			{Fixed(100, 1000, alpha), 0.5, quarters(0.75)},
			{Fixed(100, 10_000, alpha), 0.5, quarters(1.5)},
		} {
			under := smoothing.Gaussian{Sigma: c.sigma}
			p, err := NewBetting(c.fixed, under, c.radii, false)
			if err != nil {
				t.Fatal(err)
			}
			climb, worst := newClimb(p, under), 0.0
			for _, share := range worstShares(c.sigma, c.radii) {
				worst = max(worst, climb.failure(c.sigma, share))
			}
			if worst > alpha || worst == 0 {
				t.Errorf("%v at sigma %v fails with probability %v", p, c.sigma, worst)
			}
			t.Logf("%v at sigma %v fails with probability %.3g at most", p, c.sigma, worst)
		}
	}
}
