package certify

import (
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"smoothlab/smoothing"
)

// certifiedOf returns certificates of n images, k of them certified with radius 1, at alpha 0.001.
func certifiedOf(k, n int) *Certificates {
	c := &Certificates{Settings: gaussian(0.5, Fixed(100, 100_000, 0.001)), Planned: n}
	for i := range n {
		row := Row{Index: i, Radius: 1, Correct: i < k}
		if !row.Correct {
			row.Predicted = 1
		}
		c.Rows = append(c.Rows, row)
	}
	return c
}

// Clopper–Pearson by its definition, in 256-bit arithmetic: at each end of the interval the tail beyond it is half of 1
// − level.
func TestAccuracyInterval(t *testing.T) {
	for _, c := range [][2]int{{0, 10}, {10, 10}, {94, 100}, {1, 500}, {250, 500}, {9911, 10_000}} {
		k, n := c[0], c[1]
		i := certifiedOf(k, n).AccuracyInterval(1, 0.95)
		if k == 0 && i.Low != 0 || k == n && i.High != 1 {
			t.Errorf("%d of %d: %v", k, n, i)
		}
		if k > 0 && math.Abs(relativeTo(exactTail(k, n, i.Low), 0.025)) > 1e-8 {
			t.Errorf("%d of %d: the tail at %v is not 2.5%%", k, n, i.Low)
		}
		if k < n {
			below := new(big.Float).Sub(exact(1), exactTail(k+1, n, i.High))
			if math.Abs(relativeTo(below, 0.025)) > 1e-6 {
				t.Errorf("%d of %d: the tail at %v is not 2.5%%", k, n, i.High)
			}
		}
	}
	// Tables of the binomial distribution: 94 of 100, 95%.
	if i := certifiedOf(
		94,
		100,
	).AccuracyInterval(1, 0.95); math.Abs(i.Low-0.8740) > 5e-5 ||
		math.Abs(i.High-0.9777) > 5e-5 {
		t.Errorf("94 of 100 gives %v", i)
	}
	if i := certifiedOf(3, 4).AccuracyInterval(1, 1); i.Low == i.Low {
		t.Errorf("level 1 gives %v", i)
	}
}

// The number of wrong certificates follows from the exact tail.
func TestAccuracyAtLeast(t *testing.T) {
	for _, n := range []int{1, 20, 500, 10_000} {
		for _, delta := range []float64{0.05, 0.0012} { // 0.001 is the tail of one image, too near to call
			f := maxWrong(n, 0.001, delta)
			if f < n && exactTail(f+1, n, 0.001).Cmp(exact(delta)) > 0 ||
				f > 0 && exactTail(f, n, 0.001).Cmp(exact(delta)) <= 0 {
				t.Errorf("of %d images %d may be wrong at delta %v", n, f, delta)
			}
			c := certifiedOf(n-n/10, n)
			if got, want := c.AccuracyAtLeast(
				1,
				delta,
			), float64(
				n-n/10-f,
			)/float64(
				n,
			); math.Abs(
				got-max(0, want),
			) > 1e-12 {
				t.Errorf("%d images: at least %v, expected %v", n, got, want)
			}
		}
	}
	c := certifiedOf(5, 10)
	c.Plan.Alpha = 0
	if x := c.AccuracyAtLeast(1, 0.01); x == x {
		t.Errorf("without alpha: at least %v", x)
	}
}

func TestAccuracies(t *testing.T) {
	a := Accuracies{Radii: []float64{0, 1, 1.5}, Dimensions: 784, Level: 0.95, Delta: 0.001}
	g, err := a.Grid(certifiedOf(94, 100))
	if err != nil {
		t.Fatal(err)
	}
	// 1/28 = 0.0357142…, down; of 100 certificates more than 3 are wrong with probability 0.0000036, more than 2 with
	// 0.00015.
	const want = `100 images · sigma 0.5 · N 100,000 · alpha 0.001 per image · radii in full precision, rounded down
L2 radius R  contains L∞ of R/√d  contains L1 of R  certified  exact 95%       of these images, at least (delta 0.001)
0            0.0                  0                  94.00     [87.39, 97.77]   92.00
1            0.0357               1                  94.00     [87.39, 97.77]   92.00
1.5          0.0535               1.5                 0.00     [0.00, 3.63]      0.00
`
	if got := trimLines(g.Text()); got != want {
		t.Errorf("the table is\n%s", got)
	}
	for want, a := range map[string]Accuracies{
		"dimensions, the number of values of an image": {Dimensions: -1, Level: 0.95, Delta: 0.1},
		"the level of an interval must be":             {Level: 1, Delta: 0.1},
		"delta, the failure probability":               {Level: 0.95},
		"a radius cannot be -1":                        {Level: 0.95, Delta: 0.1, Radii: []float64{-1}},
	} {
		if _, err := a.Grid(certifiedOf(1, 2)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, expected %q", err, want)
		}
	}
}

// Differences of one run a side on few images: skewed ones, whose interval Student's t gets wrong. Coverage of 95%
// within 3 points, which is nearly 3 standard errors of 400 simulations.
func TestBootstrapTCovers(t *testing.T) {
	const simulations, images = 400, 20
	rng := rand.New(rand.NewPCG(10, 11))
	covered, student := 0, 0
	for range simulations {
		d := make([]float64, images)
		for i := range d {
			d[i] = rng.ExpFloat64()
		}
		mean, se := meanAndError(d)
		e := newEstimate(mean, se*se, images-1)
		const truth = 1
		if e.Low <= truth && truth <= e.High {
			student++
		}
		e, ok := bootstrapT(e, d)
		if !ok {
			t.Fatal("no interval")
		}
		if e.Low <= truth && truth <= e.High {
			covered++
		}
	}
	t.Logf("of %d intervals %d cover by the bootstrap-t, and %d by Student's t", simulations, covered, student)
	if share := float64(covered) / simulations; math.Abs(share-0.95) > 0.03 || covered <= student {
		t.Errorf("of %d intervals %d cover, and %d by Student's t", simulations, covered, student)
	}
}

// The bootstrap-t is used between 10 and 199 images, with one run per side; if nearly all differences are equal,
// Student's t is used.
func TestBootstrapTWhere(t *testing.T) {
	some := func(n int, radius func(i int) float64) *Certificates {
		c := certifiedOf(n, n)
		for i := range c.Rows {
			c.Rows[i].Radius = radius(i)
		}
		return c
	}
	wave := func(i int) float64 { return 1 + math.Abs(math.Sin(float64(i))) }
	for n, want := range map[int]bool{9: false, 10: true, 199: true, 200: false} {
		d, err := Compare(some(n, wave), certifiedOf(n, n))
		if err != nil || d.Bootstrap != want || strings.Contains(d.Text(), "by bootstrap-t") != want {
			t.Errorf("%d images: %+v, %v", n, d.Estimate, err)
		}
		if back, err := Compare(
			certifiedOf(n, n),
			some(n, wave),
		); err != nil || math.Abs(back.Low+d.High) > 1e-12 ||
			math.Abs(back.High+d.Low) > 1e-12 {
			t.Errorf("%d images: the other way round it is %+v, not the negative of %+v", n, back.Estimate, d.Estimate)
		}
	}
	d, err := Compare(
		some(50, func(i int) float64 { return float64(min(2, i+1)) }),
		some(50, func(int) float64 { return 2 }),
	)
	if err != nil || d.Bootstrap || math.IsInf(d.Low, 0) {
		t.Errorf("one of 50 images differs: %+v, %v", d, err)
	}
}

// sumNorm is a noise that certifies radii in L1.
type sumNorm struct{ smoothing.Gaussian }

func (sumNorm) Norm() string { return "L1" }

// The balls inside a certified one are known for L2 only.
func TestAccuraciesOfAnotherNorm(t *testing.T) {
	c := &Certificates{
		Settings: gaussian(0.5, Fixed(100, 100_000, 0.001)),
		Planned:  1,
		Rows:     []Row{{Correct: true, Radius: 1}},
	}
	table := Accuracies{Radii: []float64{0.75}, Dimensions: 784, Level: 0.95, Delta: 0.001}
	g, err := table.Grid(c)
	if err != nil || !slices.Equal(g.Head[:3], []string{"L2 radius R", "contains L∞ of R/√d", "contains L1 of R"}) ||
		!slices.Equal(g.Rows[0][:3], []string{"0.75", "0.0267", "0.75"}) {
		t.Errorf("L2: %+v, %v", g, err)
	}
	c.Smoothing = sumNorm{smoothing.Gaussian{Sigma: 0.5}}
	g, err = table.Grid(c)
	if err != nil || g.Head[0] != "L1 radius R" || g.Head[1] != "certified" || len(g.Rows[0]) != len(g.Head) {
		t.Errorf("L1: %+v, %v", g, err)
	}
	if s := c.Plan.Guarantee(c.Smoothing.Norm()); !strings.Contains(s, "no perturbation of L1 norm below the radius") {
		t.Errorf("the guarantee is %q", s)
	}
}
