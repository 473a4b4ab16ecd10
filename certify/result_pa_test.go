package certify

import (
	"math"
	"slices"
	"strings"
	"testing"

	"smoothlab/figure"
	"smoothlab/internal/testreference"
	"smoothlab/smoothing"
)

// By hand, at sigma ½: a radius of ½·Φ⁻¹(p) proves p. Φ(1) and Φ(2) are from SciPy's norm.cdf.
func TestPACurve(t *testing.T) {
	c := radii(0.5, 1, -1, 0.5)
	p, share, err := c.PACurve()
	if err != nil {
		t.Fatal(err)
	}
	const one, two = 0.8413447460685429, 0.9772498680518208
	wantP, wantShare := []float64{0.5, one, one, two, two}, []float64{0.75, 0.75, 0.25, 0.25, 0}
	if !slices.Equal(share, wantShare) {
		t.Errorf("the shares are %v, expected %v", share, wantShare)
	}
	for i := range wantP {
		if math.Abs(p[i]-wantP[i]) > 1e-12 {
			t.Errorf("corner %d is at %v, expected %v", i, p[i], wantP[i])
		}
	}
	c.Plan.Ladder = small().Ladder
	if _, _, err := c.PACurve(); err == nil || !strings.Contains(err.Error(), "a ladder ends votes early") {
		t.Errorf("of a ladder: %v", err)
	}
	c = radii(1, 1)
	c.Smoothing = nil
	if _, _, err := c.PACurve(); err == nil || !strings.Contains(err.Error(), "give it to read_log") {
		t.Errorf("without sigma: %v", err)
	}
}

// The published curve of Consistency (Sun et al. 2025, sigma ½: 64.1, 57.5, 46.4 and 31.7% of the images have a p_A of
// at least .5, .7, .9 and .99) is of another run than the log of SmoothMix's authors, which has their settings. The
// shares of two runs of a method differ by some tenths of a point; the tolerance is half a point.
func TestPublishedPA(t *testing.T) {
	path := testreference.Dir(t, "logs", "cifar10/consistency/cohen/num_2/lbd_10.0/eta_0.5/cifar_resnet110/noise_0.50.gz")
	c, err := ReadLog(path, smoothing.Gaussian{Sigma: 0.5}, Fixed(100, 100_000, 0.001))
	if err != nil {
		t.Fatal(err)
	}
	x, y, err := c.PACurve()
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range []float64{0.5, 0.7, 0.9, 0.99} {
		share := 0.0
		for k := range x {
			if x[k] <= p {
				share = y[k]
			}
		}
		if want := []float64{64.1, 57.5, 46.4, 31.7}[i]; math.Abs(100*share-want) > 0.5 {
			t.Errorf("%.2f%% of the images have a p_A of at least %v, published are %v%%", 100*share, p, want)
		}
	}
}

// DKW: √(ln 40 / 2n) = 0.3 for n = 20.49…; Clopper–Pearson of 2 in 4 by R's binom.test: 0.06758599, 0.93241401.
func TestBands(t *testing.T) {
	c := radii(1, 0.5, -1, -1)
	low, high, err := c.band(Pointwise, []float64{0.5, 0})
	if err != nil || math.Abs(low[0]-0.06758599) > 1e-7 || math.Abs(high[0]-0.93241401) > 1e-7 {
		t.Errorf("2 of 4: %v to %v, %v", low, high, err)
	}
	if math.Abs(low[1]) > 0 || math.Abs(high[1]-0.6023646) > 1e-6 { // 1 − 0.025^(1/4)
		t.Errorf("0 of 4: %v to %v", low[1], high[1])
	}
	many := radii(make([]float64, 200)...)
	low, high, err = many.band(Whole, []float64{0.5, 0.01})
	if reach := 0.09603227913199208; err != nil || low[1] != 0 ||
		math.Abs(high[0]-0.5-reach) > 1e-12 || math.Abs(0.5-low[0]-reach) > 1e-12 { // √(ln 40 / 400)
		t.Errorf("of 200: %v to %v, %v", low, high, err)
	}
	if low, _, err := c.band(NoBand, []float64{1}); low != nil || err != nil {
		t.Errorf("without a band: %v, %v", low, err)
	}
	if _, err := ParseBand("dkw"); err == nil || !strings.Contains(err.Error(), `unknown band "dkw"; known: pointwise, whole`) {
		t.Errorf("dkw: %v", err)
	}
}

// The bands of a whole curve hold for 95% of data sets or more: here curves of 50 uniform radii.
func TestWholeBandCovers(t *testing.T) {
	const sets, n = 400, 50
	missed := 0
	state := uint64(1)
	uniform := func() float64 { // Knuth's linear congruence
		state = state*6364136223846793005 + 1442695040888963407
		return float64(state>>11) / (1 << 53)
	}
	for range sets {
		var r []float64
		for range n {
			r = append(r, uniform())
		}
		c := radii(r...)
		x, y := c.Curve()
		low, high, err := c.band(Whole, y)
		if err != nil {
			t.Fatal(err)
		}
		for i := range x {
			if 1-x[i] < low[i] || 1-x[i] > high[i] {
				missed++
				break
			}
		}
	}
	// Binomial(400, .05): more than 34 has a probability below 1%.
	if missed > 34 {
		t.Errorf("%d of %d bands miss the curve", missed, sets)
	}
}

// By hand: the reference certifies images 1 (Φ(1) = .841) and 2 (Φ(2) = .977), not 0 and 3.
func TestByDifficulty(t *testing.T) {
	c, reference := radii(0.5, 1, 2, -1), radii(-1, 0.5, 1, -1)
	groups, err := c.ByDifficulty(reference, []float64{0.9})
	if err != nil || len(groups) != 3 {
		t.Fatalf("%v, %v", groups, err)
	}
	for i, want := range []Group{
		{0, 0.5, 2, 0.25, 0.125}, {0.5, 0.9, 1, 1, 0.25}, {0.9, 1, 1, 2, 0.5},
	} {
		if groups[i] != want {
			t.Errorf("group %d is %+v, expected %+v", i, groups[i], want)
		}
	}
	for _, cuts := range [][]float64{{0.4}, {0.9, 0.8}, {1}} {
		if _, err := c.ByDifficulty(reference, cuts); err == nil || !strings.Contains(err.Error(), "cuts are probabilities") {
			t.Errorf("%v: %v", cuts, err)
		}
	}
}

func TestFront(t *testing.T) {
	x := []float64{0.9, 0.8, 0.7, 0.8, 0.9, math.NaN()}
	y := []float64{0.3, 0.5, 0.4, 0.5, 0.2, 9}
	if got := Front(x, y); !slices.Equal(got, []int{1, 0}) {
		t.Errorf("the front is %v", got)
	}
	f, err := ParetoFigure([]Entry{NewEntry("a", radii(1, 1), radii(2, -1)), NewEntry("b", radii(0.5, 0.5))})
	if err != nil || len(f.Lines) != 3 || !slices.Equal(f.Lines[2].X, []float64{1}) || f.Lines[2].Y[0] != 1 {
		t.Errorf("%+v, %v", f, err)
	}
}

// A tail scale shows what is near 1.
func TestPAFigure(t *testing.T) {
	f, err := PAFigure([]Entry{NewEntry("a", radii(1, 0.5, -1))}, Whole, figure.Tail)
	if err != nil || f.X.Min != 0.5 || !(f.X.Max > 0.97 && f.X.Max < 0.98) || f.Lines[0].Low == nil {
		t.Errorf("%+v, %v", f, err)
	}
	if _, err := f.Draw("svg"); err != nil {
		t.Error(err)
	}
}
