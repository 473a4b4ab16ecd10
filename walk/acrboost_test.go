package walk

import (
	"math"
	"slices"
	"testing"

	"smoothlab/baseline"
	"smoothlab/classifier"
	"smoothlab/internal/steptest"
	"smoothlab/method"
	"smoothlab/train"
)

// The attack of a walk is the training step's: copies that are misclassified stay where they are, all others move, and
// the update is the same as in training. Before its start epoch the recipe does not attack.
func TestWalkOfACRBoost(t *testing.T) {
	m := &baseline.ACRBoost{Sigma: 0.5, M: 2, Steps: 3, Alpha: 0.5, Start: 4, Threshold: 0.4, Renew: 1}
	attacked := method.NewCustom("attacked", "", m, m.Loss) // without phases, so that training begins with it
	job := oneBatch(t, "linear", attacked)
	job.Start = trainedOn(t, job)
	// three images get another label, so that their copies are misclassified from the beginning
	job.Data.Labels = slices.Clone(job.Data.Labels)
	for i := range 3 {
		job.Data.Labels[i] = (job.Data.Labels[i] + 1) % 10
	}
	trained, loss, _ := trainedStep(t, job)
	w, err := New(Job{Engine: job.Engine, Start: job.Start, Data: firstBatch(t, job, 8), Seed: 5, Epoch: -1}, attacked)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	points, err := w.Attack(t.Context(), attacked, m.Steps)
	if err != nil {
		t.Fatal(err)
	}
	wrong, moved := 0, 0
	for step := 1; step < len(points); step++ {
		for k := range points[step].Distance {
			for i, d := range points[step].Distance[k] {
				before := points[step-1]
				if before.Wrong[k][i] {
					if wrong++; d != before.Distance[k][i] || !points[step].Wrong[k][i] {
						t.Errorf("step %d: copy %d of image %d is misclassified and moves on", step, k, i)
					}
				} else if moved++; !(d > before.Distance[k][i]) {
					t.Errorf("step %d: copy %d of image %d stays at %g", step, k, i, d)
				}
			}
		}
	}
	if wrong == 0 || moved == 0 {
		t.Errorf("%d copies were misclassified and %d moved: the test wants both", wrong, moved)
	}
	u, err := w.Update(t.Context(), attacked, job.Settings)
	if err != nil {
		t.Fatal(err)
	}
	steptest.CompareWeights(t, job.Start, trained, u.Classifier, steptest.TolWalked)
	if !(math.Abs(u.Loss-loss) <= steptest.TolMixed*math.Max(1, loss)) {
		t.Errorf("loss %g, the training step has %g", u.Loss, loss)
	}
	early, err := New(Job{Engine: job.Engine, Start: job.Start, Data: firstBatch(t, job, 8), Seed: 5, Epoch: 3}, m)
	if err != nil {
		t.Fatal(err)
	}
	defer early.Close()
	if _, err := early.Attack(t.Context(), m, 1); err == nil {
		t.Error("noise is attacked before the start")
	}
}

// trainedOn returns a classifier that is right about the noisy copies of the job's images.
func trainedOn(t *testing.T, job *train.Job) *classifier.Classifier {
	t.Helper()
	first := *job
	first.Method = baseline.NewGaussian()
	first.Settings.Epochs, first.Settings.LR = 6, 0.05
	run, err := train.Train(t.Context(), first)
	if err != nil {
		t.Fatal(err)
	}
	return run.Classifier
}
