package train

import (
	"context"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"smoothlab/baseline"
	"smoothlab/classifier"
	"smoothlab/internal/steptest"
)

// tolAverage bounds the relative difference between averages in float32 and in float64: a rounding of 6e-8 for each of
// 18 updates.
const tolAverage = 2e-6

// With an average, a run's classifier is the debiased average of the weights after each step (optax.ema), in the run
// and in its checkpoint, and its facts state it. The averaged weights equal those of the run without the average.
func TestAverageOfWeights(t *testing.T) {
	const decay = 0.8
	job := linearJob(t, baseline.NewGaussian())
	plain, err := Train(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	job.Settings.EMA, job.SaveEvery = decay, 1
	job.Out = filepath.Join(t.TempDir(), "run")
	sum, share := make([][]float64, len(job.Start.Params)), 0.
	var last *classifier.Checkpoint
	job.Progress = func(p Progress, _ Control) {
		if p.Update == 0 {
			return
		}
		if last, err = classifier.Load(job.Out + ".safetensors"); err != nil {
			t.Fatal(err)
		}
		share = decay*share + 1 - decay
		for i, v := range last.Current {
			if sum[i] == nil {
				sum[i] = make([]float64, len(v))
			}
			for k, w := range v {
				sum[i][k] = decay*sum[i][k] + (1-decay)*float64(w)
				want := sum[i][k] / share
				if got := float64(last.Params[i][k]); !(math.Abs(got-want) <= tolAverage*math.Max(1, math.Abs(want))) {
					t.Fatalf("update %d: average %d of %d is %g, want %g", p.Update, k, i, got, want)
				}
			}
		}
	}
	run, err := Train(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	if run.Classifier.Fingerprint() != last.Fingerprint() {
		t.Error("the run returns other weights than the average")
	}
	if got := run.Classifier.Facts.Weights; got != "average with decay 0.8" || plain.Classifier.Facts.Weights != "" {
		t.Errorf("facts state %q with an average, and %q without", got, plain.Classifier.Facts.Weights)
	}
	current := last.Clone()
	current.Params = last.Current
	steptest.CompareWeights(t, job.Start, plain.Classifier, current, tolShared)
	if run.History[1].NoisyLoss == plain.History[1].NoisyLoss {
		t.Error("the test after an epoch takes the weights, not their average")
	}
}

// A bound on the gradient that no gradient reaches changes nothing; one that all reach makes every step of sgd without
// momentum and decay as long as lr·clip.
func TestClip(t *testing.T) {
	job := oneBatch(t, "linear", baseline.NewGaussian())
	job.Settings.Momentum, job.Settings.WeightDecay = 0, 0
	free, _, _ := trainedStep(t, job)
	job.Settings.Clip = 1e6
	wide, _, _ := trainedStep(t, job)
	steptest.CompareWeights(t, job.Start, free, wide, tolShared)
	job.Settings.Clip = 1e-3
	tight, _, _ := trainedStep(t, job)
	length := 0.
	for i := range job.Start.Params {
		length += math.Pow(steptest.Norm(steptest.Minus(tight.Params[i], job.Start.Params[i])), 2)
	}
	want := job.Settings.LR * 1e-3
	if got := math.Sqrt(length); !(math.Abs(got/want-1) < 1e-3) { // weights of .03 are rounded to 2e-9, steps are 1e-5
		t.Errorf("the step is %g long, want %g", got, want)
	}
}

// Several devices take the same steps of Adam, with a bound and an average, as one.
func TestOptimizersOnSeveralDevices(t *testing.T) {
	job := oneBatch(t, "linear", baseline.NewGaussian())
	job.Settings.Optimizer, job.Settings.Clip, job.Settings.EMA, job.Settings.LR = "adamw", 0.5, 0.9, 0.001
	// Adam divides a gradient by its own size, so that a weight whose gradient is rounding error moves by lr all the
	// same: epsilon keeps such weights in place.
	job.Settings.Epsilon = 1e-3
	steptest.CompareWeights(t, job.Start, updatesOn(t, job, 1, 2), updatesOn(t, job, 4, 2), tolShared)
}

// A checkpoint that lacks what its optimizer needs is refused with a sentence, not resumed from zero.
func TestMissingBuffers(t *testing.T) {
	job := linearJob(t, baseline.NewGaussian())
	job.Settings.Optimizer, job.Settings.EMA = "adam", 0.9
	job.Out = filepath.Join(t.TempDir(), "run.safetensors")
	ctx, progress := stopAfter(1)
	job.Progress = progress
	if _, err := Train(ctx, job); err == nil {
		t.Fatal("not stopped")
	}
	job.Progress = nil
	for want, spoil := range map[string]func(*classifier.Checkpoint){
		"no buffers exp_avg_sq": func(c *classifier.Checkpoint) { delete(c.Buffers, "exp_avg_sq") },
		"without the weights":   func(c *classifier.Checkpoint) { c.Current = nil },
	} {
		ck, err := classifier.Load(job.Out)
		if err != nil {
			t.Fatal(err)
		}
		spoil(ck)
		other := job
		other.Out = filepath.Join(t.TempDir(), "spoilt.safetensors")
		if err := ck.Save(other.Out); err != nil {
			t.Fatal(err)
		}
		if _, err = Train(context.Background(), other); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want a sentence with %q, got %v", want, err)
		}
	}
}
