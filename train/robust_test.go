package train

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"smoothlab/baseline"
	"smoothlab/classifier"
	"smoothlab/engine"
	"smoothlab/internal/lockfile"
	"smoothlab/internal/steptest"
	"smoothlab/internal/testengine"
	"smoothlab/method"

	"github.com/gomlx/gomlx/core/graph"
)

// linearJob is smallJob with the smallest network.
func linearJob(t testing.TB, m method.Method) Job {
	t.Helper()
	job := smallJob(t, m)
	a, err := classifier.Lookup("linear")
	if err != nil {
		t.Fatal(err)
	}
	job.Start = classifier.New(a, 1)
	return job
}

// A test loss of NaN stops neither training nor saving. Weights near the largest number are used: they work for black
// images with little noise, and overflow on digits.
func TestInfiniteTestLoss(t *testing.T) {
	job := linearJob(t, &baseline.Gaussian{Sigma: 1e-6})
	job.Settings.WeightDecay = 0
	job.Start.Params[0] = slices.Repeat([]float32{1e37}, len(job.Start.Params[0]))
	black := *job.Data
	black.Pixels = make([]byte, len(black.Pixels))
	job.Data = &black
	job.Out = filepath.Join(t.TempDir(), "run")
	run, err := Train(t.Context(), job)
	if err != nil || !run.Finished() || run.History[0].NoisyLoss != -1 {
		t.Fatalf("%+v, %v", run, err)
	}
	if run, err = Train(t.Context(), job); err != nil || !run.Loaded || run.History[1].NoisyLoss != -1 {
		t.Fatalf("again: %+v, %v", run, err)
	}
}

// A finished run is loaded even if nothing can be written, here because another process has the lock.
func TestFinishedRunNeedsNoLock(t *testing.T) {
	job := linearJob(t, baseline.NewGaussian())
	job.Out = filepath.Join(t.TempDir(), "run.safetensors")
	ctx, progress := stopAfter(2)
	job.Progress = progress
	if _, err := Train(ctx, job); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	unlock, err := lockfile.Try(job.Out)
	if err != nil {
		t.Fatal(err)
	}
	job.Progress = nil
	if _, err := Train(t.Context(), job); err == nil || !strings.Contains(err.Error(), "another process") {
		t.Errorf("the unfinished run: %v", err)
	}
	unlock()
	if _, err := Train(t.Context(), job); err != nil {
		t.Fatal(err)
	}
	if unlock, err = lockfile.Try(job.Out); err != nil {
		t.Fatal(err)
	}
	defer unlock()
	if run, err := Train(t.Context(), job); err != nil || !run.Loaded {
		t.Errorf("the finished run: %+v, %v", run, err)
	}
}

// A run that cannot be saved reports that, and does not claim that it can be resumed; its weights are still returned.
func TestUnkeptRun(t *testing.T) {
	for _, c := range []struct {
		name          string
		saveEvery     time.Duration
		stop          bool
		want, wantNot string
	}{
		{"interrupted", time.Hour, true, "stopped after update 2 of 18, which could not be saved (checkpoint", "resume"},
		{"full", time.Nanosecond, false, "stopped after update 3 of 18, because it could not be saved: checkpoint", "last good state"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "runs")
			job := linearJob(t, baseline.NewGaussian())
			job.Out, job.SaveEvery = filepath.Join(dir, "run"), c.saveEvery
			ctx, cancel := context.WithCancel(t.Context())
			job.Progress = func(p Progress, _ Control) {
				if p.Update == 2 {
					if err := os.RemoveAll(dir); err != nil {
						t.Error(err)
					}
					if c.stop {
						cancel()
					}
				}
			}
			run, err := Train(ctx, job)
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), c.wantNot) ||
				strings.Contains(err.Error(), "saved in") || errors.Is(err, context.Canceled) != c.stop {
				t.Errorf("error %v", err)
			}
			if run == nil || run.Classifier.Fingerprint() == job.Start.Fingerprint() {
				t.Error("the weights are lost")
			}
			cancel()
		})
	}
}

// Without a file nothing can be resumed.
func TestInterruptedWithoutFile(t *testing.T) {
	job := linearJob(t, baseline.NewGaussian())
	ctx, progress := stopAfter(1)
	job.Progress = progress
	if _, err := Train(ctx, job); err == nil || err.Error() != "stopped after update 1 of 18: context canceled" {
		t.Error(err)
	}
}

// Progress is reported before the first step, when requests are already served, and the rate excludes compilation.
func TestProgressFromTheStart(t *testing.T) {
	job := linearJob(t, baseline.NewGaussian())
	var told []Progress
	job.Progress = func(p Progress, c Control) {
		if told = append(told, p); len(told) > 1 {
			return
		}
		now, err := c.Classifier()
		if err != nil || now.Fingerprint() != job.Start.Fingerprint() {
			t.Errorf("the weights before the first step: %v", err)
		}
		if err := c.Set(&baseline.Gaussian{Sigma: 0.25}); err != nil {
			t.Error(err)
		}
	}
	run, err := Train(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	first := told[0]
	if first.Update != 0 || first.Updates != 18 || first.Epochs != 2 || first.LR != job.Settings.LR ||
		first.Rate != 0 ||
		first.Left != 0 ||
		first.Terms != nil {
		t.Errorf("first progress %+v", first)
	}
	if len(told) != 19 || told[18].Rate <= 0 || run.Classifier.Facts.Sigma != 0.25 {
		t.Errorf("%d calls, the last %+v, sigma %g", len(told), told[len(told)-1], run.Classifier.Facts.Sigma)
	}
}

func TestPaceLeavesCompilationOut(t *testing.T) {
	tr := &trainer{engine: testengine.Open(t)}
	var p pace
	stop := p.measure(tr)
	program, err := tr.engine.Program(
		steptest.Unique(t.Name()),
		func(_ *engine.Program, in []*graph.Node) []*graph.Node { return in },
	)
	if err != nil {
		t.Fatal(err)
	}
	out, err := program.Call(t.Context(), float32(1))
	if err := errors.Join(err, engine.Free(out...)); err != nil {
		t.Fatal(err)
	}
	tr.state.Update++
	stop()
	if p != (pace{}) {
		t.Errorf("a step that compiled counts: %+v", p)
	}
	stop = p.measure(tr)
	time.Sleep(time.Millisecond)
	tr.state.Update++
	stop()
	if p.steps != 1 || p.took < time.Millisecond {
		t.Errorf("a step that did not is %+v", p)
	}
}
