package train

import (
	"errors"
	"math"
	"testing"

	"smoothlab/baseline"
	"smoothlab/classifier"
	"smoothlab/internal/steptest"
)

// The number of passes in training mode per step, from docs/algorithms.md §4 to §9 and §15. All searches are in
// evaluation mode and change no statistics.
func TestPasses(t *testing.T) {
	want := map[string]float32{
		"gaussian":              1,
		"stability":             2,
		"smoothadv":             1,
		"laplace":               1,
		"uniform":               1,
		"macer":                 1,
		"consistency":           1,
		"smoothadv+consistency": 1,
		"smoothadv+ddn":         1,
		"smoothmix":             2,
		"catrs":                 2,
		"acrboost":              1,
	}
	all := variants(t)
	for _, e := range Methods() {
		t.Run(e.Name, func(t *testing.T) {
			m := all[e.Name]
			job := oneBatch(t, "linear", m)
			job.Start = classifier.New(steptest.Centred(), 1)
			after, _, _ := trainedStep(t, job)
			if got := after.Params[2][0]; got != want[e.Name] {
				t.Errorf("%g passes in training mode, want %g", got, want[e.Name])
			}
			if mean := after.Params[1][0]; mean == 0.5 {
				t.Error("the running mean has not moved")
			}
		})
	}
}

// Running statistics with NaN stop a run, as weights with NaN do.
func TestStatisticsMustBeFinite(t *testing.T) {
	job := oneBatch(t, "linear", baseline.NewGaussian())
	job.Start = classifier.New(steptest.Centred(), 1)
	job.Start.Params[1][0] = float32(math.Inf(1))
	tr, err := newTrainer(job, nil, state{})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.free()
	if err := tr.step(t.Context()); !errors.Is(err, ErrNotFinite) || tr.state.Update != 0 {
		t.Errorf("update %d, error %v", tr.state.Update, err)
	}
}
