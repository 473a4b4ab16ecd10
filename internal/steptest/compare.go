package steptest

import (
	"math"
	"slices"
	"testing"

	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/method"
)

// TolWalked bounds the difference between a walked and a trained step: the largest difference of a weight, divided by
// the largest change of a weight. The arithmetic is the same, but XLA fuses one long program and several short ones
// differently, and a search step multiplies the last bit's error as in the golden tests.
const TolWalked = 1e-5

// Quick is a method with fewer steps and noises, so that it compiles quickly.
func Quick(t *testing.T, m method.Method) method.Method {
	t.Helper()
	for name, most := range map[string]float64{"steps": 3, "m": 2} {
		if v, ok := method.Setting(m, name); ok && v > most {
			var err error
			if m, err = method.With(m, name, most); err != nil {
				t.Fatal(err)
			}
		}
	}
	return m
}

// Fit returns images with what a method needs of them: smoothed labels as targets, 0.9 for the label.
func Fit(t testing.TB, m method.Method, d *dataset.Dataset) *dataset.Dataset {
	t.Helper()
	if !m.Traits().Targets {
		return d
	}
	with, err := d.WithSmoothedLabels(0.1)
	if err != nil {
		t.Fatal(err)
	}
	return with
}

// CompareSteps compares the weights and facts after a step that was trained and one that was walked.
func CompareSteps(t *testing.T, start, trained, walked *classifier.Classifier) {
	t.Helper()
	CompareWeights(t, start, trained, walked, TolWalked)
	if a, b := walked.Facts, trained.Facts; a.Method != b.Method || a.Sigma != b.Sigma || a.Noise != b.Noise ||
		a.Dataset != b.Dataset ||
		a.Seed != b.Seed ||
		!slices.Equal(a.Classes, b.Classes) {
		t.Errorf("facts %+v, want %+v", a, b)
	}
}

// CompareWeights bounds the largest difference of a weight by the largest change from start.
func CompareWeights(t *testing.T, start, want, got *classifier.Classifier, tol float64) {
	t.Helper()
	worst, change := 0., 0.
	for i := range start.Params {
		for k := range start.Params[i] {
			worst = max(worst, math.Abs(float64(got.Params[i][k])-float64(want.Params[i][k])))
			change = max(change, math.Abs(float64(start.Params[i][k])-float64(want.Params[i][k])))
		}
	}
	t.Logf("largest difference %.2g, largest change %.2g, bit for bit %t", worst, change, worst == 0)
	if !(worst <= tol*change) || change == 0 {
		t.Errorf("weights differ by up to %g, the change is up to %g", worst, change)
	}
}

// CompareRectified is CompareSteps for a network whose rectifiers multiply the last bits' differences: see
// tolRectified. The statistics are compared like weights, and counters exactly: two passes.
func CompareRectified(t *testing.T, start, trained, walked *classifier.Classifier) {
	t.Helper()
	worst := 0.
	for i, p := range start.Arch.Params {
		a, b, was := walked.Params[i], trained.Params[i], start.Params[i]
		if p.Role == classifier.Counter {
			if a[0] != was[0]+2 || b[0] != was[0]+2 {
				t.Errorf("%s: %g and %g after two passes from %g", p.Name, a[0], b[0], was[0])
			}
			continue
		}
		change, off := Norm(Minus(b, was)), Norm(Minus(a, b))
		worst = max(worst, off/change)
		if !(off <= tolRectified*change) || change == 0 {
			t.Errorf("%s: a change of %g differs by %g", p.Name, change, off)
		}
	}
	t.Logf("largest relative difference %.2g", worst)
}
