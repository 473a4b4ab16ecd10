package certify

import (
	"context"
	"errors"
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"

	"smoothlab/noise"
	"smoothlab/smoothing"
)

// countVoter returns fixed counts for each purpose, at sigma 0.5.
type countVoter map[noise.Purpose][]int

func (v countVoter) Source() Source {
	s := Source{Smoothing: smoothing.Gaussian{Sigma: 0.5}}
	for _, counts := range v {
		s.Classes = len(counts)
	}
	return s
}

func (countVoter) Slack() float64 { return 0 }

func (countVoter) Digests(context.Context, []Image) ([]Digest, error) { return nil, nil }

func (v countVoter) Vote(_ context.Context, _ int, p noise.Purpose, _, _ int, counts []int) error {
	for i, c := range v[p] {
		counts[i] += c
	}
	return nil
}

func TestCertify(t *testing.T) {
	plan := Plan{N0: 10, N: 100, Alpha: 0.001}
	for _, c := range []struct {
		name           string
		selects, bound []int
		want           Row
	}{
		{"all agree: alpha^(1/N), Φ⁻¹ of it is 1.5005", []int{0, 10, 0}, []int{0, 100, 0},
			Row{Index: 30, Label: 1, Predicted: 1, Radius: 0.5 * 1.5005, Correct: true, Votes: 100, Used: 100, PLower: math.Pow(0.001, 0.01)}},
		{"the class is the selection's, even where the bound's votes differ", []int{6, 4, 0}, []int{10, 90, 0},
			Row{Index: 30, Label: 1, Predicted: Abstain, Votes: 10, Used: 100, PLower: LowerBound(10, 100, 0.001)}},
		{"a tie in the selection goes to the lowest class", []int{0, 5, 5}, []int{0, 100, 0},
			Row{Index: 30, Label: 1, Predicted: 1, Radius: 0.5 * 1.5005, Correct: true, Votes: 100, Used: 100, PLower: math.Pow(0.001, 0.01)}},
		{"wrong but confident keeps its radius", []int{0, 0, 10}, []int{0, 0, 100},
			Row{Index: 30, Label: 1, Predicted: 2, Radius: 0.5 * 1.5005, Votes: 100, Used: 100, PLower: math.Pow(0.001, 0.01)}},
	} {
		row, err := Certify(
			t.Context(),
			countVoter{noise.Select: c.selects, noise.Bound: c.bound},
			Image{Pos: 3, Index: 30, Label: 1},
			plan,
		)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if math.Abs(row.Radius-c.want.Radius) > 5e-5 ||
			math.Abs(row.PLower-c.want.PLower) > 1e-11 { // the ceiling has four decimals
			t.Errorf(
				"%s: radius %v, bound %v; expected %v, %v",
				c.name,
				row.Radius,
				row.PLower,
				c.want.Radius,
				c.want.PLower,
			)
		}
		row.Time, row.Radius, row.PLower = 0, c.want.Radius, c.want.PLower
		if row != c.want {
			t.Errorf("%s: %+v, expected %+v", c.name, row, c.want)
		}
	}
}

// The p-value of the binomial test against rational arithmetic: 2·Σ C(n,i)/2^n, i >= k, at most 1; the small cases are
// sums by hand, over 1024.
func TestSignTest(t *testing.T) {
	for _, c := range []struct {
		k, n int
		want float64
	}{{5, 10, 1}, {8, 10, 0.109375}, {9, 10, 0.021484375}, {10, 10, 0.001953125}, {1, 1, 1}, {2, 2, 0.5}} {
		if p := signTest(c.k, c.n); math.Abs(p-c.want) > 1e-13 {
			t.Errorf("signTest(%d, %d) = %v, expected %v", c.k, c.n, p, c.want)
		}
	}
	for _, c := range [][2]int{{3, 5}, {51, 100}, {60, 100}, {70, 100}, {100, 100}, {501, 1000}, {550, 1000}, {5000, 10_000}, {5165, 10_000}, {50_520, 100_000}} {
		k, n := c[0], c[1]
		sum, term := new(big.Int), new(big.Int).Binomial(int64(n), int64(k))
		for i := k; i <= n; i++ {
			sum.Add(sum, term)
			term.Mul(term, big.NewInt(int64(n-i)))
			term.Quo(term, big.NewInt(int64(i+1)))
		}
		exactP := new(big.Float).SetPrec(exactBits).SetInt(sum.Lsh(sum, 1))
		want, _ := exactP.SetMantExp(exactP, -n).Float64()
		if p := signTest(k, n); math.Abs(p-min(1, want)) > 1e-12*want {
			t.Errorf("signTest(%d, %d) = %v, expected %v", k, n, p, min(1, want))
		}
	}
}

// below is the number next to x.
func below(x float64) float64 { return math.Nextafter(x, 0) }

// With more trials than are compared exactly, a test that is too close to decide is an abstention; a difference of one
// part in 10^9 is decided.
func TestSignTestNearAlpha(t *testing.T) {
	const k, n = 5200, 10_000
	p := signTest(k, n)
	for alpha, want := range map[float64]bool{p * (1 + 1e-9): true, p: false, p * (1 - 1e-9): false} {
		if got := signTestRejects(k, n, alpha); got != want {
			t.Errorf("at alpha %v, for a p-value of %v: %v", alpha, p, got)
		}
	}
}

func TestPredict(t *testing.T) {
	for _, c := range []struct {
		counts []int
		alpha  float64
		want   int
	}{
		{[]int{1, 9, 0}, 0.05, 1},                  // p = 0.0215
		{[]int{1, 9, 0}, 0.01, Abstain},            //
		{[]int{2, 8, 0}, 0.05, Abstain},            // p = 0.109
		{[]int{0, 2, 0}, 0.5, 1},                   // p = 0.5: abstains only above alpha
		{[]int{0, 2, 0}, below(0.5), Abstain},      //
		{[]int{0, 0, 10}, 0x1p-9, 2},               // p = 2^-9
		{[]int{0, 0, 10}, below(0x1p-9), Abstain},  //
		{[]int{8, 2, 0}, 0.109375, 0},              // p = 112/1024
		{[]int{8, 2, 0}, below(0.109375), Abstain}, //
		{[]int{0, 1000, 0}, 0x1p-999, 1},           // p = 2^-999
		{[]int{0, 1000, 0}, below(0x1p-999), Abstain},
		{[]int{5, 5, 0}, 0.9, Abstain},             // p = 1
		{[]int{0, 1, 9}, 0.05, 2},                  //
		{[]int{30, 39, 31}, 0.05, Abstain},         // 39 of 70
		{[]int{1000, 1000, 98_000}, 0.001, 2},      //
		{[]int{49_600, 50_400, 0}, 0.001, Abstain}, // 2.53 standard deviations
		{[]int{49_400, 50_600, 0}, 0.001, 1},       // 3.79 standard deviations
		{[]int{0, 0, 10}, 0.002, 2},                // p = 0.00195
		{[]int{0, 0, 10}, 0.0019, Abstain},         //
	} {
		n := 0
		for _, x := range c.counts {
			n += x
		}
		if class := decide(c.counts, c.alpha); class != c.want {
			t.Errorf("votes %v at alpha %v: class %d, expected %d", c.counts, c.alpha, class, c.want)
		}
		if CheckPrediction(n, c.alpha) != nil { // so few that all abstain: see TestHopelessNumbers
			continue
		}
		class, counts, err := Predict(t.Context(), countVoter{noise.Predict: c.counts}, Image{}, n, c.alpha)
		if err != nil || class != c.want || !slices.Equal(counts, c.counts) {
			t.Errorf(
				"votes %v at alpha %v: class %d, %v, %v; expected class %d",
				c.counts,
				c.alpha,
				class,
				counts,
				err,
				c.want,
			)
		}
	}
}

// Certify's radius is right with probability 1-alpha when the class is chosen by votes too: 2000 images whose class 0
// has p = 0.7, alpha 0.05. By exact summation a bound from 200 votes is above p with probability 0.0359 (from 152 votes
// on): 71.9 bounds are expected, with standard deviation 8.3; the test allows four of them.
func TestCoverageOfCertify(t *testing.T) {
	const p, images = 0.7, 2000
	v := &toyVoter{seed: 11, share: slices.Repeat([]float64{p}, images)}
	failures := 0
	for i := range images {
		row, err := Certify(t.Context(), v, Image{Pos: i}, Plan{N0: 20, N: 200, Alpha: 0.05})
		if err != nil {
			t.Fatal(err)
		}
		if row.PLower > p {
			failures++
		}
	}
	if failures < 39 || failures > 105 {
		t.Errorf("%d of %d bounds are above the true probability; about 72 are expected", failures, images)
	}
}

func TestBadRequests(t *testing.T) {
	good := Plan{N0: 1, N: 2, Alpha: 0.5}
	for _, c := range []struct {
		plan    Plan
		sigma   float64
		classes int
		want    string
	}{
		{Plan{N0: 0, N: 1, Alpha: 0.5}, 1, 2, "n0, the number of votes that choose a class, must be at least 1 (100 is usual); got 0"},
		{Plan{N0: 1, N: -1, Alpha: 0.5}, 1, 2, "got -1"},
		{Plan{N0: 1, N: 1, Alpha: 1}, 1, 2, "alpha is the failure probability here, between 0 and 1 (0.001 is usual); got 1"},
		{Plan{N0: 1, N: 1, Alpha: 0}, 1, 2, "alpha is"},
		{Plan{N0: 1, N: 1, Alpha: math.NaN()}, 1, 2, "alpha is"},
		{good, 0, 2, "sigma, the standard deviation of the noise"},
		{good, -1, 2, "sigma"},
		{good, math.Inf(1), 2, "sigma"},
		{good, math.NaN(), 2, "sigma"},
		{good, 1, 1, "at least 2 classes"},
	} {
		v := &toyVoter{share: []float64{1}}
		v.reports(gaussian(c.sigma, c.plan))
		v.settings.Classes = c.classes
		_, err := Certify(t.Context(), v, Image{}, c.plan)
		if err == nil || !strings.Contains(err.Error(), c.want) || v.drawn > 0 {
			t.Errorf(
				"%+v, sigma %v, %d classes: %v after %d votes, expected %q",
				c.plan,
				c.sigma,
				c.classes,
				err,
				v.drawn,
				c.want,
			)
		}
	}
	if _, _, err := Predict(t.Context(), &toyVoter{share: []float64{1}}, Image{}, 0, 0.1); err == nil {
		t.Error("a prediction from 0 votes is not refused")
	}
	if _, _, err := Predict(t.Context(), &toyVoter{share: []float64{1}}, Image{}, 1, 2); err == nil {
		t.Error("a prediction at alpha 2 is not refused")
	}
	if _, err := Certify(
		t.Context(),
		countVoter{noise.Select: []int{3, 0}},
		Image{},
		good,
	); err == nil ||
		!strings.Contains(err.Error(), "3 votes") {
		t.Errorf("a voter that miscounts is not caught: %v", err)
	}
}

func TestInterruptedVotes(t *testing.T) {
	for name, call := range map[string]func(context.Context, Voter) error{
		"Certify": func(ctx context.Context, v Voter) error {
			_, err := Certify(ctx, v, Image{}, Plan{N0: 100, N: 1 << 40, Alpha: 0.001})
			return err
		},
		"Predict": func(ctx context.Context, v Voter) error {
			_, _, err := Predict(ctx, v, Image{}, 1<<40, 0.001)
			return err
		},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		v := &toyVoter{share: []float64{1}, each: func(votes int) {
			if votes == 1000 {
				cancel()
			}
		}}
		if err := call(ctx, v); !errors.Is(err, context.Canceled) || v.drawn > 1001 {
			t.Errorf("%s cancelled at vote 1000: %v after %d votes", name, err, v.drawn)
		}
	}
}

// Images predicted together, by a voter that draws their votes together or by one that does not, are predicted as
// alone.
func TestPredictAll(t *testing.T) {
	const n, alpha = 60, 0.05
	images := toyImages(7)
	for name, v := range map[string]Voter{"one by one": &toyVoter{seed: 1, share: toyShares(7)}, "packed": packingVoter{&toyVoter{seed: 1, share: toyShares(7)}}} {
		predicted, counts, err := PredictAll(t.Context(), v, images, n, alpha)
		if err != nil {
			t.Fatal(err)
		}
		for i, img := range images {
			class, advanceOne, err := Predict(t.Context(), v, img, n, alpha)
			if err != nil || class != predicted[i] || !slices.Equal(advanceOne, counts[i]) {
				t.Errorf(
					"%s, image %d: %d of %v together, %d of %v alone (%v)",
					name,
					img.Index,
					predicted[i],
					counts[i],
					class,
					advanceOne,
					err,
				)
			}
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	v := &toyVoter{share: toyShares(7), each: func(votes int) {
		if votes == n+5 {
			cancel()
		}
	}}
	if _, _, err := PredictAll(ctx, v, images, n, alpha); !errors.Is(err, context.Canceled) || v.drawn > n+6 {
		t.Errorf("error %v after %d votes, want context.Canceled in the second image", err, v.drawn)
	}
	for name, f := range map[string]func() error{
		"no votes": func() error { _, _, err := PredictAll(t.Context(), v, images, 0, alpha); return err },
		"alpha 1":  func() error { _, _, err := PredictAll(t.Context(), v, images, n, 1); return err },
		"one class": func() error {
			_, _, err := PredictAll(t.Context(), countVoter{noise.Predict: {n}}, images, n, alpha)
			return err
		},
		"a bad voter": func() error {
			_, _, err := PredictAll(t.Context(), countVoter{noise.Predict: {1, 2, 3}}, images, n, alpha)
			return err
		},
	} {
		if err := f(); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want one line", name, err)
		}
	}
}

// packingVoter is a toy that draws votes for several images in one call.
type packingVoter struct{ *toyVoter }

func (v packingVoter) VoteAll(ctx context.Context, p noise.Purpose, requests []Request) error {
	for _, r := range slices.Backward(requests) {
		if err := v.Vote(ctx, r.Pos, p, r.First, r.N, r.Counts); err != nil {
			return err
		}
	}
	return nil
}
