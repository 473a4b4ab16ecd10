package smoothmix

import (
	"errors"
	"math"
	"testing"

	"smoothlab/classifier"

	. "github.com/gomlx/gomlx/core/graph"
)

// centred is a linear network on images from which it takes their mean: the batch's in training mode, a running one else. It
// moves that by a tenth and counts, as batch norm does.
func centred() *classifier.Architecture {
	return &classifier.Architecture{Name: "centred", Input: classifier.Shape{Height: 28, Width: 28, Channels: 1}, Classes: 10,
		Params: []classifier.Param{
			{Name: "weight", Dims: []int{10, 784}, Init: classifier.Init{SD: 0.05}},
			{Name: "mean", Role: classifier.Statistic, Init: classifier.Init{Value: 0.5}},
			{Name: "passes", Role: classifier.Counter},
		},
		Logits: func(w classifier.Weights, x *Node, pass classifier.Pass) *Node {
			mean := w["mean"]
			if pass == classifier.Train {
				mean = ReduceAllMean(x)
				w["mean"] = Add(MulScalar(w["mean"], 0.9), MulScalar(StopGradient(mean), 0.1))
				w["passes"] = AddScalar(w["passes"], 1)
			}
			return DotGeneral(Reshape(Sub(x, mean), -1, 784), []int{1}, nil, w["weight"], []int{1}, nil)
		}}
}

// Passes in training mode a step, from docs/algorithms.md §4 to §9. All searches are in evaluation mode: they leave no trace.
func TestPasses(t *testing.T) {
	want := map[string]float32{"gaussian": 1, "stability": 2, "smoothadv": 1, "macer": 1, "consistency": 1, "smoothadv+consistency": 1, "smoothadv+ddn": 1, "smoothmix": 2}
	all := variants(t)
	for _, e := range Methods() {
		t.Run(e.Name, func(t *testing.T) {
			m := all[e.Name]
			_, job := smallWalk(t, "linear", m, 0)
			job.Start = classifier.New(centred(), 1)
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

// Stability looks at the clean images first, then at the noisy ones (code/train_stab.py:125-129): the running mean tells.
func TestOrderOfStability(t *testing.T) {
	m := NewStability()
	w, job := smallWalk(t, "linear", m, 0)
	job.Start = classifier.New(centred(), 1)
	after, _, _ := trainedStep(t, job)
	d, err := w.Noise(t.Context(), m, w.Seed())
	if err != nil {
		t.Fatal(err)
	}
	var clean, noisy float64
	for b, image := range d.Noisy[0] {
		for k, v := range image {
			clean += float64(w.job.Data.Image(b)[k]) / 255 / 784 / 8
			noisy += float64(v) / 784 / 8
		}
	}
	order := func(first, second float64) float64 { return 0.9*(0.9*0.5+0.1*first) + 0.1*second }
	want, swapped := order(clean, noisy), order(noisy, clean)
	if got := float64(after.Params[1][0]); !(math.Abs(got-want) < math.Abs(want-swapped)/10) {
		t.Errorf("running mean %.7f, want %.7f; the other order gives %.7f", got, want, swapped)
	}
}

// Running statistics that are no numbers stop a run like weights that are none.
func TestStatisticsMustBeFinite(t *testing.T) {
	_, job := smallWalk(t, "linear", NewGaussian(), 0)
	job.Start = classifier.New(centred(), 1)
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
