package walk

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"smoothlab/baseline"
	"smoothlab/classifier"
	"smoothlab/internal/steptest"
	"smoothlab/method"
	"smoothlab/train"
)

// walkNoiseVerbs goes through votes, attack and select.
func walkNoiseVerbs(t *testing.T, w *Walk, m method.Method, steps int) {
	t.Helper()
	ctx := t.Context()
	if _, err := w.Votes(ctx, m); err != nil {
		t.Fatal(err)
	}
	for n := steps; n > 0; n -= min(n, 2) {
		if _, err := w.Attack(ctx, m, min(n, 2)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Select(ctx, m); err != nil {
		t.Fatal(err)
	}
}

// walkedCATRS is the method in variants, so that its programs are compiled once for all tests.
func walkedCATRS() *baseline.CATRS {
	return &baseline.CATRS{Sigma: 0.5, M: 2, Steps: 3, Eps: 1, Lbd: 2, Confidence: 1}
}

// The numbers of each verb of a walk on the noise against their definitions, and against the loss of the step.
func TestWalkOnNoiseNumbers(t *testing.T) {
	m, ctx := walkedCATRS(), t.Context()
	w, _ := smallWalk(t, "linear", m, -1)
	noise, err := w.Noise(ctx, m, 7)
	if err != nil {
		t.Fatal(err)
	}
	v, err := w.Votes(ctx, m)
	if err != nil {
		t.Fatal(err)
	}
	for i, y := range w.job.Data.Labels {
		right := 0.
		for k := range m.M {
			if v.Classes[k][i] == int(y) {
				right++
			}
		}
		if v.Share[i] != right/float64(m.M) || v.Confidence[i] != v.Target[i][y] {
			t.Errorf("image %d: share %g of %g right copies, confidence %g, target %v", i, v.Share[i], right, v.Confidence[i],
				v.Target[i])
		}
	}
	points, err := w.Attack(ctx, m, m.Steps)
	if err != nil {
		t.Fatal(err)
	}
	if len(points) != m.Steps+1 || points[0].Step != 0 || points[m.Steps].Step != m.Steps {
		t.Fatalf("%d points", len(points))
	}
	last := points[m.Steps]
	for k, images := range w.NoiseNow() {
		for i, n := range images {
			drawn := slices.Clone(noise.Noisy[k][i]) // x + n0
			for j, pixel := range w.job.Data.Image(i) {
				drawn[j] -= float32(pixel) / 255
			}
			if got := distance(n, drawn); math.Abs(got-last.Distance[k][i]) > 1e-4 {
				t.Errorf("copy %d of image %d moved by %g, Distance says %g", k, i, got, last.Distance[k][i])
			}
			if points[0].Distance[k][i] != 0 || last.Divergence[k][i] <= points[0].Divergence[k][i] {
				t.Errorf("copy %d of image %d: divergence %g → %g", k, i, points[0].Divergence[k][i], last.Divergence[k][i])
			}
		}
	}
	s, err := w.Select(ctx, m)
	if err != nil {
		t.Fatal(err)
	}
	low, high := 0., 0.
	for i := range w.job.Data.Len() {
		sum := 0.
		for _, l := range s.Losses[i][:s.Accepted[i]] {
			sum += l / float64(m.M)
		}
		if !slices.IsSorted(s.Losses[i]) || math.Abs(sum-s.Low[i]) > 1e-5 || s.All[i] != (s.Accepted[i] == m.M) {
			t.Errorf("image %d: losses %v, %d accepted, low %g", i, s.Losses[i], s.Accepted[i], s.Low[i])
		}
		// the linear network has no statistics: training and evaluation mode are the same
		if worst := max(last.Divergence[0][i], last.Divergence[1][i]); math.Abs(worst-s.High[i]) > 1e-4*max(1, worst) {
			t.Errorf("image %d: high %g, the largest divergence is %g", i, s.High[i], worst)
		}
		low += s.Low[i] / 8
		if s.All[i] {
			high += s.High[i] / 8
		}
	}
	if high == 0 {
		t.Error("no image is certain: the case does not test the attack")
	}
	u, err := w.Update(ctx, m, train.DefaultSettings())
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(u.Terms[0].Value-low) > 1e-5*max(1, low) || math.Abs(u.Terms[1].Value-high) > 1e-4*max(1, high) {
		t.Errorf("terms %+v, the selection has low %g, high %g", u.Terms, low, high)
	}
	if got := strings.Join(w.Done(), ", "); got != "noise, votes, search 3, select, update" {
		t.Errorf("done: %s", got)
	}
}

// A walk on the noise runs skipped verbs itself; its verbs are refused for other methods, and theirs for it.
func TestWalkOnNoiseVerbs(t *testing.T) {
	m, ctx := walkedCATRS(), t.Context()
	w, _ := smallWalk(t, "linear", m, -1)
	if _, err := w.Select(ctx, m); err != nil || len(w.Attacked()) != m.Steps+1 {
		t.Errorf("select takes the steps of the search first: %d points, %v", len(w.Attacked()), err)
	}
	other, mix := mixWalk(t)
	for _, c := range []struct {
		err  func() error
		want string
	}{
		{func() error { _, err := w.Search(ctx, m, 1); return err }, "moves the noise"},
		{func() error { _, err := w.Mix(ctx, m); return err }, "mixes nothing"},
		{func() error { _, err := w.Attack(ctx, m, 0); return err }, "at least 1 step"},
		{func() error { _, err := other.Votes(ctx, mix); return err }, "selects no noisy copies"},
		{func() error { _, err := other.Attack(ctx, mix, 1); return err }, "selects no noisy copies"},
		{func() error { _, err := other.Select(ctx, mix); return err }, "selects no noisy copies"},
	} {
		if err := c.err(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("want a sentence with %q, got %v", c.want, err)
		}
	}
	stopped, stop := context.WithCancel(ctx)
	stop()
	if _, err := w.Attack(stopped, m, 1); !errors.Is(err, context.Canceled) || len(w.Attacked()) != m.Steps+1 {
		t.Errorf("an interrupted attack leaves %d points, %v", len(w.Attacked()), err)
	}
	bare := *w.job.Data
	bare.Targets = nil
	if _, err := New(Job{Engine: w.job.Engine, Start: w.job.Start, Data: &bare}, m); err == nil ||
		!strings.Contains(err.Error(), "soft labels") {
		t.Errorf("without targets: %v", err)
	}
}

// The attack of a walk also uses the running statistics as the first pass leaves them, like the training step's.
func TestWalkOnNoiseWithStatistics(t *testing.T) {
	m := walkedCATRS()
	job := oneBatch(t, "linear", m)
	job.Start = classifier.New(steptest.Centred(), 1)
	trained, loss, _ := trainedStep(t, job)
	w, err := New(Job{Engine: job.Engine, Start: job.Start, Data: firstBatch(t, job, 8), Seed: 5}, m)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	walkNoiseVerbs(t, w, m, m.Steps)
	u, err := w.Update(t.Context(), m, job.Settings)
	if err != nil {
		t.Fatal(err)
	}
	steptest.CompareSteps(t, job.Start, trained, u.Classifier)
	if math.Abs(u.Loss-loss) > 1e-5*max(1, loss) {
		t.Errorf("loss %g, the training step has %g", u.Loss, loss)
	}
}
