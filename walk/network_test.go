package walk

import (
	"math"
	"testing"

	"smoothlab/baseline"
	"smoothlab/classifier"
	"smoothlab/internal/steptest"
	"smoothlab/internal/testengine"
	"smoothlab/smoothmix"
	"smoothlab/train"
)

// A walk with ResNet-20 is a training step, running statistics included.
func TestWalkOfResNet20(t *testing.T) {
	m := &smoothmix.SmoothMix{Sigma: 0.25, M: 2, Steps: 2, Alpha: 0.5, Eta: 5, MixStep: 1, Warmup: 10}
	var job *train.Job
	steptest.With(t, "resnet20_forward", func(g *steptest.Golden) {
		s := train.DefaultSettings()
		s.Batch, s.Split, s.Seed, s.Epochs = 4, 1, 5, 2
		job = &train.Job{Engine: testengine.Open(t), Start: g.Classifier(), Data: g.Dataset(), Method: m, Settings: s}
	})
	trained, loss, _ := trainedStep(t, job)
	w, err := New(Job{Engine: job.Engine, Start: job.Start, Data: firstBatch(t, job, 4), Seed: 5}, m)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if _, err := w.Search(t.Context(), m, m.Steps); err != nil {
		t.Fatal(err)
	}
	u, err := w.Update(t.Context(), m, job.Settings)
	if err != nil {
		t.Fatal(err)
	}
	steptest.CompareRectified(t, job.Start, trained, u.Classifier)
	if !(math.Abs(u.Loss-loss) <= steptest.TolMixed*loss) {
		t.Errorf("loss %g, the training step has %g", u.Loss, loss)
	}
	changed, length := 0., 0.
	for _, i := range job.Start.Arch.Trained() {
		changed += math.Pow(distance(u.Classifier.Params[i], job.Start.Params[i]), 2)
		length += math.Pow(distance(job.Start.Params[i], make([]float32, len(job.Start.Params[i]))), 2)
	}
	if want := math.Sqrt(changed / length); !(math.Abs(u.Change/want-1) <= 1e-3) { // without statistics
		t.Errorf("change %g, want %g", u.Change, want)
	}
}

// Stability passes the clean images first, then the noisy ones (code/train_stab.py:125-129), as the running mean shows.
func TestOrderOfStability(t *testing.T) {
	m := baseline.NewStability()
	w, job := smallWalk(t, "linear", m, 0)
	job.Start = classifier.New(steptest.Centred(), 1)
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
