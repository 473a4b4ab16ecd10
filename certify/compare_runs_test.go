package certify

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// If all images of a run are alike, only the runs vary, and the interval is Welch's: scipy.stats.ttest_ind([1.69,
// 1.70], [1.55, 1.56, 1.60], equal_var=False).confidence_interval() of scipy 1.17.1.
func TestCompareRunsIsWelch(t *testing.T) {
	alike := func(acrs ...float64) (runs []*Certificates) {
		for _, r := range acrs {
			runs = append(runs, radii(r, r, r, r))
		}
		return runs
	}
	d, err := CompareRuns(alike(1.69, 1.70), alike(1.55, 1.56, 1.60), 1.555)
	if err != nil {
		t.Fatal(err)
	}
	near := func(name string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 1e-9 { // gonum's quantile of Student's t
			t.Errorf("%s is %v, expected %v", name, got, want)
		}
	}
	near("difference", d.Difference, 0.125)
	near("low", d.Low, 0.0657308262697179)
	near("high", d.High, 0.1842691737302812)
	// Two runs are certified at 1.555 against two of three: variances 0 and 1/3, two degrees of freedom, 97.5% point
	// 4.302653.
	a := d.Accuracies[0]
	near("accuracy difference", a.Difference, 1./3)
	if se := math.Sqrt(1. / 9); math.Abs(a.High-1./3-4.302653*se) > 1e-6 || math.Abs(a.Error-se) > 1e-9 {
		t.Errorf("the accuracies differ by %+v", a.Estimate)
	}
	if d.Runs != [2]int{2, 3} || d.Images != 4 || a.Discordant != nil {
		t.Errorf("%+v", d)
	}
	// A single run is taken to vary as the three others do: variance 0.0007·(1 + 1/3), two degrees of freedom.
	d, err = CompareRuns(alike(1.69), alike(1.55, 1.56, 1.60))
	if err != nil {
		t.Fatal(err)
	}
	near("error of one run beside three", d.Error, math.Sqrt(0.0007*4/3))
	if margin := d.High - d.Difference; math.Abs(margin-4.302653*d.Error) > 1e-6 {
		t.Errorf("one run beside three: half the interval is %v", margin)
	}
}

// With one run on each side, and if runs do not differ, the interval follows from the paired images alone.
func TestCompareRunsOfEqualRuns(t *testing.T) {
	a, b := radii(1.5, 0.6, 1, -1), radii(1, 0.5, -1, -1)
	want, err := Compare(a, b)
	if err != nil {
		t.Fatal(err)
	}
	again := func(c *Certificates) []*Certificates { return []*Certificates{c, c.Every(1), c.Every(1)} }
	got, err := CompareRuns(again(a), again(b))
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(got.Error-want.Error) > 1e-12 || math.Abs(got.High-want.High) > 1e-12 {
		t.Errorf("three equal runs give %v, one gives %v", got, want)
	}
}

// By hand, two runs of two images, 1 3 and 2 6, against nothing: run means 2 and 4, image means 1.5 and 4.5, and ½ is
// left unexplained everywhere. Runs 2/2 = 1, images 4.5/2 = 2.25, both 1/4: variance 3 with 9/(2.25² + 1²) degrees of
// freedom.
func TestVarianceOfCompareRuns(t *testing.T) {
	d, err := CompareRuns([]*Certificates{radii(1, 3), radii(2, 6)}, []*Certificates{radii(-1, -1), radii(-1, -1)})
	if err != nil {
		t.Fatal(err)
	}
	want := newEstimate(3, 3, 9/(2.25*2.25+1))
	if math.Abs(d.Error-math.Sqrt(3)) > 1e-12 || math.Abs(d.High-want.High) > 1e-9 {
		t.Errorf("%v, expected %v", d, want)
	}
}

// 2,000 simulated studies each: runs, images and what neither explains vary by turns and together. Intervals of 95%
// should contain the true difference in 95% of the studies; the simulation's own standard deviation is 0.5%. With two
// runs of a side and nothing but runs varying, Satterthwaite's degrees of freedom are cautious (97% is known for equal
// variances).
func TestCoverageOfCompareRuns(t *testing.T) {
	const studies, images = 2000, 30
	for _, c := range []struct {
		name              string
		runs              [2]int
		run, image, rest  float64 // standard deviations
		atLeast, notAbove float64
	}{
		{"runs vary, 2 each", [2]int{2, 2}, 1, 0, 0, 0.94, 0.99},
		{"runs vary, 5 each", [2]int{5, 5}, 1, 0, 0, 0.935, 0.965},
		{"runs vary, 2 and 5", [2]int{2, 5}, 1, 0, 0, 0.93, 0.99},
		{"images vary, 2 each", [2]int{2, 2}, 0, 1, 0, 0.935, 0.965},
		{"the rest varies, 2 each", [2]int{2, 2}, 0, 0, 1, 0.935, 0.995},
		{"all vary, 2 each", [2]int{2, 2}, 0.2, 1, 1, 0.935, 0.98},
		{"the rest varies most, 3 each", [2]int{3, 3}, 0.2, 0.5, 2, 0.935, 0.99},
		{"all vary, 1 and 3", [2]int{1, 3}, 0.2, 1, 1, 0.935, 0.98},
	} {
		rng := rand.New(rand.NewPCG(17, uint64(len(c.name))))
		covered := 0
		for range studies {
			var sides [2][]*Certificates
			for s := range sides {
				own := make([]float64, images) // effect of the method on each image
				for j := range own {
					own[j] = c.image * rng.NormFloat64() / math.Sqrt2
				}
				for range c.runs[s] {
					u := c.run * rng.NormFloat64()
					run := &Certificates{Planned: images}
					for j := range images {
						run.Rows = append(
							run.Rows,
							Row{Index: j, Correct: true, Radius: 10 + own[j] + u + c.rest*rng.NormFloat64()},
						)
					}
					sides[s] = append(sides[s], run)
				}
			}
			d, err := CompareRuns(sides[0], sides[1])
			if err != nil {
				t.Fatal(err)
			}
			if d.Low <= 0 && d.High >= 0 {
				covered++
			}
		}
		share := float64(covered) / studies
		t.Logf("%s: %.3f", c.name, share)
		if share < c.atLeast || share > c.notAbove {
			t.Errorf(
				"%s: the interval holds the difference in %.3f of the studies, expected %v to %v",
				c.name,
				share,
				c.atLeast,
				c.notAbove,
			)
		}
	}
}

func TestCompareRunsCaptions(t *testing.T) {
	runs := func(n int) (list []*Certificates) {
		for i := range n {
			list = append(list, radii(1+0.1*float64(i), 0.5, 1))
		}
		return list
	}
	for _, c := range []struct {
		a, b int
		want string
	}{
		{1, 1, "the first − the second: 3 common images, one run each: about these two classifiers, not yet about the methods (give lists of runs)"},
		{2, 2, "the first − the second: 3 common images, 2 runs each: about the methods"},
		{2, 3, "the first − the second: 3 common images, 2 and 3 runs: about the methods"},
		{1, 3, "the first − the second: 3 common images, 1 run and 3 runs: the single run is taken to vary as the others do"},
	} {
		d, err := CompareRuns(runs(c.a), runs(c.b), 1, 1.05)
		if err != nil {
			t.Fatal(err)
		}
		if got := d.Caption(); got != c.want {
			t.Errorf("the caption is %q, expected %q", got, c.want)
		}
		if c.a+c.b > 2 && !slices.Equal(d.Head(), []string{"r", "diff", "s.e.", "95%"}) {
			t.Errorf("the heads are %q", d.Head())
		}
	}
	d, err := CompareRuns(runs(2), runs(3), 1, 1.05)
	if err != nil {
		t.Fatal(err)
	}
	// By hand: all runs are certified at 1 on images 0 and 2; at 1.05 on image 0 by the second of two, and by two of
	// three.
	text := d.Text()
	for _, want := range []string{"\nr      diff      s.e.", "\n1     +0.00 pt   0.00", "\n1.05  −5.56      "} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
}

func TestCompareRunsRefuses(t *testing.T) {
	a := radii(1, 2)
	for _, c := range []struct {
		as, bs []*Certificates
		radii  []float64
		want   string
	}{
		{nil, []*Certificates{a}, nil, "at least one certification on each side"},
		{[]*Certificates{a, a}, []*Certificates{radii(1, 2)}, nil, "given twice"},
		{[]*Certificates{a}, []*Certificates{radii(1, 2)}, []float64{math.NaN()}, "a radius cannot be NaN"},
		{[]*Certificates{a, radii(1)}, []*Certificates{radii(1, 2)}, nil, "one image in common"},
	} {
		if _, err := CompareRuns(c.as, c.bs, c.radii...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, expected %q", err, c.want)
		}
	}
}
