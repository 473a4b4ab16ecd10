package certify

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"smoothlab/internal/humanize"
	"smoothlab/smoothing"
)

// radii makes certificates of correct images 0, 1, 2 … with these radii; a negative radius makes an abstention.
func radii(values ...float64) *Certificates {
	c := &Certificates{Settings: gaussian(0.5, Plan{N0: 100, N: 10_000, Alpha: 0.001}), Planned: len(values)}
	for i, r := range values {
		row := Row{Index: i, Radius: r, Correct: true}
		if r < 0 {
			row = Row{Index: i, Predicted: Abstain}
		}
		c.Rows = append(c.Rows, row)
	}
	return c
}

// Differences 0.5, 0.1, 1, 0 by hand: mean 0.4, sum of squares 0.62, standard error √(0.62/3/4); Student's t has 3
// degrees of freedom and 97.5% point 3.182446 (any table).
func TestCompare(t *testing.T) {
	d, err := Compare(radii(1.5, 0.6, 1, -1, 9), radii(1, 0.5, -1, -1))
	if err != nil {
		t.Fatal(err)
	}
	se := math.Sqrt(0.62 / 12)
	for name, pair := range map[string][2]float64{
		"difference": {d.Difference, 0.4}, "error": {d.Error, se}, "low": {d.Low, 0.4 - 3.182446*se}, "high": {d.High, 0.4 + 3.182446*se},
	} {
		if math.Abs(pair[0]-pair[1]) > 1e-6 { // the table's digits
			t.Errorf("%s is %v, expected %v", name, pair[0], pair[1])
		}
	}
	if d.Images != 4 || d.Significant() || d.String() != "+0.4000 ± 0.2273, 95% [−0.3234, +1.1234]" {
		t.Errorf("%+v prints as %v", d, d)
	}
}

// A log with three digits is compared with ours rounded in the same way: 1.9057 equals its printed 1.91.
func TestComparePrinted(t *testing.T) {
	ours, theirs := radii(1.9057, 1.2449), radii(1.91, 1.24)
	theirs.Printed = true
	for _, pair := range [][2]*Certificates{{ours, theirs}, {theirs, ours}} {
		d, err := Compare(pair[0], pair[1])
		if err != nil || d.Difference != 0 || d.Error != 0 {
			t.Errorf("%v, %v", d, err)
		}
	}
	if ours.Rows[0].Radius != 1.9057 {
		t.Error("comparing changed the certificates")
	}
}

func TestCompareRefuses(t *testing.T) {
	for _, c := range []struct {
		change func(b *Certificates)
		want   string
	}{
		{func(b *Certificates) { b.Plan.N = 100_000 }, "N differs (10,000 and 100,000) and the radius depends on N"},
		{func(b *Certificates) { b.Plan.N = 0 }, "N differs (10,000 and unknown)"},
		{func(b *Certificates) { b.Smoothing = smoothing.Gaussian{Sigma: 0.25} }, "sigma differs (0.5 and 0.25)"},
		{func(b *Certificates) { b.Smoothing = sumNorm{smoothing.Gaussian{Sigma: 0.5}} }, "the noise differs (sigma 0.5 and gaussian sigma 0.5)"},
		{func(b *Certificates) { b.Plan.Alpha = 0.01 }, "alpha differs (0.001 and 0.01)"},
		{func(b *Certificates) { b.Dataset = "cifar10" }, "the data differ (mnist test and cifar10 test)"},
		{func(b *Certificates) { b.Planned = 10 }, "3 of 10 planned images are certified"},
		{func(b *Certificates) { b.Rows[1].Label = 4 }, "image 1 has label 0 in one certification and 4 in another"},
		{func(b *Certificates) {
			for i := range b.Rows {
				b.Rows[i].Index += 100
			}
		}, "no images in common"},
		{func(b *Certificates) { b.Rows, b.Planned = b.Rows[:1], 1 }, "one image in common"},
	} {
		a, b := radii(1, 2, 3), radii(1, 2, 3)
		a.Dataset, a.Split, b.Dataset, b.Split = "mnist", "test", "mnist", "test"
		c.change(b)
		if _, err := Compare(a, b); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, expected %q", err, c.want)
		}
	}
	half := radii(1, 2, 3)
	half.Planned = 10
	if d, err := Compare(half.Partial(), radii(1, 2, 3, 4)); err != nil || d.Images != 3 {
		t.Errorf("so far: %+v, %v", d, err)
	}
}

// P-values of scipy.stats.binomtest(first, first+second), scipy 1.17.1; the first four are in the acceptance examples.
func TestMcNemar(t *testing.T) {
	for _, c := range []struct {
		first, second int
		p             float64
	}{
		{5, 46, 2.3280151140170346e-09}, {84, 100, 0.26875982532444}, {191, 141, 0.007071398020190007}, {366, 160, 1.3435929110484077e-19},
		{0, 1, 1}, {3, 3, 1}, {0, 8, 0.0078125}, {2, 9, 0.0654296875}, {0, 0, 1},
	} {
		for _, d := range []*Discordant{mcnemar(c.first, c.second), mcnemar(c.second, c.first)} {
			if math.Abs(d.P-c.p) > 1e-10*c.p { // the error of logUpperTail
				t.Errorf("%d and %d: p %v, expected %v", c.first, c.second, d.P, c.p)
			}
		}
	}
}

// By hand: at 1 both certify image 0, only the first image 1, only the second images 2 and 3; at 0 also an abstention
// differs.
func TestCompareAccuracies(t *testing.T) {
	a, b := radii(1, 1.5, 0.5, 0.9, -1), radii(1, 0.9, 1, 2, 0)
	d, err := Compare(a, b, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	want := []AccuracyDifference{
		{
			Radius:     1,
			Estimate:   Estimate{Difference: -1. / 5},
			Discordant: &Discordant{OnlyFirst: 1, OnlySecond: 2, P: 1},
		},
		{
			Radius:     0,
			Estimate:   Estimate{Difference: -1. / 5},
			Discordant: &Discordant{OnlyFirst: 0, OnlySecond: 1, P: 1},
		},
	}
	for i, w := range want {
		got := d.Accuracies[i]
		if got.Radius != w.Radius || math.Abs(got.Difference-w.Difference) > 1e-15 || *got.Discordant != *w.Discordant {
			t.Errorf(
				"at %v: %v, %+v; expected %v, %+v",
				got.Radius,
				got.Difference,
				got.Discordant,
				w.Difference,
				w.Discordant,
			)
		}
	}
	// Terms 0 1 −1 −1 0: squares about the mean 2.8, standard error √(2.8/4/5).
	if se := math.Sqrt(0.14); math.Abs(d.Accuracies[0].Error-se) > 1e-15 {
		t.Errorf("standard error %v, expected %v", d.Accuracies[0].Error, se)
	}
	if _, err := json.Marshal(d); err != nil {
		t.Errorf("as JSON: %v", err)
	}
	if text := d.Text(); !strings.Contains(
		text,
		"\n1     −20.00 pt        1             2       1.00\n0     −20.00           0             1       1.00\n",
	) {
		t.Errorf("laid out as\n%s", text)
	}
	if _, err := Compare(a, b, -1); err == nil || !strings.Contains(err.Error(), "a radius cannot be -1") {
		t.Errorf("a negative radius: %v", err)
	}
}

func TestSigned(t *testing.T) {
	for x, want := range map[float64]string{0.00561: "+0.0056", -0.00561: "−0.0056", 0: "+0.0000", -0.00001: "+0.0000", -0.00006: "−0.0001", math.Copysign(0, -1): "+0.0000"} {
		if got := humanize.Signed(x, 4); got != want {
			t.Errorf("%v is written %s, expected %s", x, got, want)
		}
	}
}

// A p-value is written with significant digits, also where it underflows a float64.
func TestPValue(t *testing.T) {
	for p, want := range map[float64]string{1: "1.00", 0.27: "0.27", 0.0071: "0.007", 2e-9: "2e-09", 1.2e-19: "1e-19", 0: "<1e-300"} {
		if got := pValue(p); got != want {
			t.Errorf("%v is written %s, want %s", p, got, want)
		}
	}
}

// The conclusion from the interval, with the names of the two sides.
func TestConclusion(t *testing.T) {
	estimate := func(low, high, se float64) Comparison {
		c := Comparison{Names: [2]string{"mix", "base"}, Runs: [2]int{1, 1}}
		c.Estimate = Estimate{Difference: (low + high) / 2, Error: se, Low: low, High: high}
		return c
	}
	reexpressed, methods := estimate(1, 2, 1), estimate(-0.3, -0.1, 0.1)
	reexpressed.ReexpressedFrom, methods.Runs = 1000, [2]int{3, 1}
	for want, c := range map[string]Comparison{
		"mix has the larger ACR: on images like these, 0 is outside the 95% interval of these two classifiers": estimate(0.1, 0.3, 0.1),
		"base has the larger ACR: on images like these, 0 is outside the 95% interval of the two methods":      methods,
		"these images do not show which of these two classifiers has the larger ACR, nor that they are equal; " +
			"differences beyond −0.1000 and +0.3000 are ruled out": estimate(-0.1, 0.3, 0.1),
		"all radii are equal":       estimate(0, 0, 0),
		"all differences are equal": estimate(1, 1, 0),
		"are estimates":             reexpressed,
	} {
		if got := c.Conclusion(); !strings.Contains(got, want) {
			t.Errorf("%q, expected %q", got, want)
		}
	}
	if caption := estimate(0, 1, 1).Caption(); !strings.HasPrefix(caption, "mix − base: ") {
		t.Errorf("the caption is %q", caption)
	}
}
