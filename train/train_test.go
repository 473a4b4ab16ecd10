package train

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"smoothlab/baseline"
	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/internal/steptest"
	"smoothlab/internal/testengine"
	"smoothlab/method"
	"smoothlab/smoothmix"
)

// smallJob trains on a few real digits; its epochs have 9 updates: two batches of 64, then a short one of 32.
func smallJob(t testing.TB, m method.Method) Job {
	t.Helper()
	d, err := dataset.Open(context.Background(), "mnist-mini", "train", dataset.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if d, err = d.Slice(0, 160, 1); err != nil {
		t.Fatal(err)
	}
	d = steptest.Fit(t, m, d)
	a, err := classifier.Lookup("lenet")
	if err != nil {
		t.Fatal(err)
	}
	s := DefaultSettings()
	s.Batch, s.Split, s.Seed = 64, 3, 5
	m, s = Scaled(m, s, 2)
	test, err := d.Slice(0, 40, 1)
	if err != nil {
		t.Fatal(err)
	}
	return Job{Engine: testengine.Open(t), Start: classifier.New(a, 1), Data: d, Test: test, Method: m, Settings: s}
}

func smallMix() *smoothmix.SmoothMix {
	return &smoothmix.SmoothMix{Sigma: 0.5, M: 2, Steps: 1, Alpha: 1, Eta: 5, Warmup: 10}
}

// stopAfter cancels the training after a number of updates of this call; Progress has one more report, before the
// first.
func stopAfter(n int) (context.Context, func(Progress, Control)) {
	ctx, cancel := context.WithCancel(context.Background())
	return ctx, func(Progress, Control) {
		if n == 0 {
			cancel()
		}
		n--
	}
}

// A run that is stopped repeatedly, in the middle of epochs and at their ends, writes the same bytes as an
// uninterrupted one, and its history is the same.
func TestResumeIsBitForBit(t *testing.T) {
	for name, c := range map[string]struct {
		m   method.Method
		set func(*Settings)
	}{
		"gaussian": {baseline.NewGaussian(), func(s *Settings) {
			s.Augment, s.Schedule, s.LRWarmup = "crop+flip", Cosine, 0.5
		}},
		"smoothmix": {smallMix(), func(*Settings) {}},
		"catrs":     {&baseline.CATRS{Sigma: 0.5, M: 2, Steps: 1, Eps: 1, Lbd: 1}, func(*Settings) {}},
		"adamw": {baseline.NewGaussian(), func(s *Settings) {
			s.Optimizer, s.Clip, s.EMA = "adamw", 0.5, 0.9
			*s = s.WithRates(func(epoch int) float64 { return 0.001 / float64(epoch+1) })
		}},
	} {
		t.Run(name, func(t *testing.T) {
			job := smallJob(t, c.m)
			c.set(&job.Settings)
			sameWhenStopped(t, job, 18, 1, 3, 5, 4, 100) // updates 1, 4, 9 (end of the epoch), 13, 18
		})
	}
}

// A run that is resumed with other test images records them, and ends with the same weights as one with the first
// images.
func TestResumeWithOtherTestImages(t *testing.T) {
	job := smallJob(t, baseline.NewGaussian())
	straight, err := Train(context.Background(), job)
	if err != nil {
		t.Fatal(err)
	}
	if straight.Test != Tested(job.Test) {
		t.Errorf("the run was tested with %s, not %s", straight.Test, Tested(job.Test))
	}
	first := Tested(job.Test)
	job.Out = filepath.Join(t.TempDir(), "f")
	ctx, progress := stopAfter(3)
	job.Progress = progress
	stopped, err := Train(ctx, job)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("not stopped: %v", err)
	}
	job.Progress = nil
	if job.Test, err = job.Test.Slice(0, 20, 1); err != nil {
		t.Fatal(err)
	}
	run, err := Train(context.Background(), job)
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("test images %s → %s from update %d on", first, Tested(job.Test), stopped.Update)
	if len(run.Changes) != 1 || run.Changes[0].Text != want || run.Test != Tested(job.Test) {
		t.Errorf("changes %+v and test %s, want %s", run.Changes, run.Test, want)
	}
	if run.Classifier.Fingerprint() != straight.Classifier.Fingerprint() {
		t.Error("other test images changed the weights")
	}
	job.Test = nil
	if loaded, err := Train(context.Background(), job); err != nil || !loaded.Loaded || loaded.Test != run.Test {
		t.Errorf("loaded without test images: %+v, %v", loaded, err)
	}
	if Tested(nil) != "none" {
		t.Errorf("no images are described as %s", Tested(nil))
	}
}

// sameWhenStopped compares the checkpoint of a job with that of the same job, stopped after some updates each time.
func sameWhenStopped(t *testing.T, job Job, updates int, stops ...int) {
	t.Helper()
	dir := t.TempDir()
	job.Out = filepath.Join(dir, "straight")
	if _, err := Train(context.Background(), job); err != nil {
		t.Fatal(err)
	}
	job.Out = filepath.Join(dir, "stopped")
	done, stopped := 0, 0
	for _, n := range stops {
		ctx, progress := stopAfter(n)
		job.Progress = progress
		run, err := Train(ctx, job)
		done = run.Update
		if err == nil {
			break
		}
		stopped++
		if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "saved in "+job.Out) {
			t.Fatalf("stopped with %v", err)
		}
	}
	if done != updates || stopped != len(stops)-1 {
		t.Fatalf("%d updates in %d stops, want %d in %d", done, stopped, updates, len(stops)-1)
	}
	a := readFile(t, filepath.Join(dir, "straight.safetensors"))
	b := readFile(t, filepath.Join(dir, "stopped.safetensors"))
	if !bytes.Equal(a, b) {
		t.Error("the checkpoint of the stopped run differs from the straight one's")
	}
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// A finished run is loaded, not repeated; nothing is compiled or called for it.
func TestFinishedRunIsLoaded(t *testing.T) {
	job := smallJob(t, baseline.NewGaussian())
	job.Out = filepath.Join(t.TempDir(), "run")
	first, err := Train(context.Background(), job)
	if err != nil {
		t.Fatal(err)
	}
	_, before := job.Engine.Counts()
	second, err := Train(context.Background(), job)
	if err != nil {
		t.Fatal(err)
	}
	if _, after := job.Engine.Counts(); after != before || !second.Loaded || first.Loaded {
		t.Errorf("%d calls, loaded %t", after-before, second.Loaded)
	}
	if first.Classifier.Fingerprint() != second.Classifier.Fingerprint() || !second.Finished() {
		t.Error("the loaded run has other weights")
	}
	if c := second.Classifier.Facts; c.Sigma != 0.5 || c.Dataset != "mnist-mini" || len(c.Classes) != 10 ||
		c.Method != "gaussian(sigma=0.5)" {
		t.Errorf("facts %+v", c)
	}
}

// A file of another run is refused with the first setting that differs, and stays as it is.
func TestOtherSettingsAreRefused(t *testing.T) {
	dir := t.TempDir()
	job := smallJob(t, smallMix())
	job.Out = filepath.Join(dir, "run")
	ctx, progress := stopAfter(1)
	job.Progress = progress
	if _, err := Train(ctx, job); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	kept := readFile(t, job.Out+".safetensors")
	job.Progress = nil
	for want, change := range map[string]func(j *Job){
		"eta 5, this one has 2":               func(j *Job) { j.Method, _ = method.With(j.Method, "eta", 2) },
		"m 2, this one has 4":                 func(j *Job) { j.Method, _ = method.With(j.Method, "m", 4) },
		"method smoothmix, this one has":      func(j *Job) { j.Method = baseline.NewGaussian() },
		"lr 0.01, this one has 0.1":           func(j *Job) { j.Settings.LR = 0.1 },
		"seed 5, this one has 6":              func(j *Job) { j.Settings.Seed = 6 },
		"epochs 2, this one has 3":            func(j *Job) { j.Settings.Epochs = 3 },
		"initial weights":                     func(j *Job) { j.Start = classifier.New(j.Start.Arch, 2) },
		"images 160, this one has 150":        func(j *Job) { j.Data, _ = j.Data.Slice(0, 150, 1) },
		"image data":                          func(j *Job) { j.Data, _ = j.Data.Slice(159, -1, -1) },
		"batch 64, this one has 32":           func(j *Job) { j.Settings.Batch = 32 },
		"weight_decay 0.0001, this one has 0": func(j *Job) { j.Settings.WeightDecay = 0 },
		"schedule steps, this one has cosine": func(j *Job) { j.Settings.Schedule = Cosine },
		"lr_warmup 0, this one has 0.5":       func(j *Job) { j.Settings.LRWarmup = 0.5 },
		"optimizer sgd, this one has adam":    func(j *Job) { j.Settings.Optimizer = "adam" },
		"clip 0, this one has 2":              func(j *Job) { j.Settings.Clip = 2 },
		"ema 0, this one has 0.9":             func(j *Job) { j.Settings.EMA = 0.9 },
		"schedule steps, this one has table": func(j *Job) {
			j.Settings = j.Settings.WithRates(func(int) float64 { return 0.01 })
		},
	} {
		other := job
		change(&other)
		if _, err := Train(context.Background(), other); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want a sentence with %q, got %v", want, err)
		}
	}
	if !bytes.Equal(kept, readFile(t, job.Out+".safetensors")) {
		t.Error("the file was changed")
	}
}

// A step whose loss or update is not finite is not taken: the run stops at the last good state, and the error explains
// how to continue.
func TestNaNStopsAtTheLastGoodState(t *testing.T) {
	job := smallJob(t, baseline.NewGaussian())
	job.Settings.LR = 1e18
	job.Out = filepath.Join(t.TempDir(), "run")
	run, err := Train(context.Background(), job)
	if !errors.Is(err, ErrNotFinite) || !strings.Contains(err.Error(), "the last good state") ||
		!strings.Contains(err.Error(), "smaller lr") {
		t.Fatalf("error %v", err)
	}
	if run.Finished() || run.Update == 0 {
		t.Fatalf("stopped after %d updates: the test wants some good ones first", run.Update)
	}
	ck, err := classifier.Load(run.Path)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range ck.Arch.Params {
		for _, v := range ck.Params[i] {
			if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
				t.Fatalf("the checkpoint's %s holds %g", p.Name, v)
			}
		}
	}
}

// failing is a method whose graph cannot be built.
type failing struct{ baseline.Gaussian }

func (*failing) Loss(*method.Step) method.Terms { panic(errors.New("no such layer")) }

// A step that fails leaves the weights as they were.
func TestFailingStep(t *testing.T) {
	job := smallJob(t, baseline.NewGaussian())
	job.Method = &failing{baseline.Gaussian{Sigma: 0.5}}
	job.Out = filepath.Join(t.TempDir(), "run")
	run, err := Train(context.Background(), job)
	if err == nil || !strings.Contains(err.Error(), "no such layer") ||
		!strings.Contains(err.Error(), "last good state") {
		t.Fatalf("error %v", err)
	}
	if run.Classifier.Fingerprint() != job.Start.Fingerprint() {
		t.Error("the weights changed")
	}
}

// Settings that are inputs change between steps without compiling anything; those that are compiled in are refused.
func TestSettingsChangeWithoutCompiling(t *testing.T) {
	job := smallJob(t, smallMix())
	var compiled []int
	job.Progress = func(p Progress, c Control) {
		n, _ := job.Engine.Counts()
		compiled = append(compiled, n)
		m := method.Method(
			&smoothmix.SmoothMix{
				Sigma:  0.5 + 0.01*float64(p.Update),
				M:      2,
				Steps:  1,
				Alpha:  1 + 0.1*float64(p.Update),
				Eta:    float64(p.Update),
				Warmup: 1,
			},
		)
		if p.Update == p.Updates {
			if err := c.Set(m); !errors.Is(err, ErrFinished) {
				t.Errorf("after the last step: %v", err)
			}
			return
		}
		if err := c.Set(m); err != nil {
			t.Error(err)
		}
		other, err := method.With(m, "steps", 2)
		if err != nil {
			t.Error(err)
		}
		if err := c.Set(other); err == nil || !strings.Contains(err.Error(), "fixed during a run") {
			t.Errorf("changing steps: %v", err)
		}
	}
	run, err := Train(context.Background(), job)
	if err != nil {
		t.Fatal(err)
	}
	// After the ninth update the two shapes of an epoch and the test are compiled; the second epoch drops the learning
	// rate.
	if first, last := compiled[9], compiled[len(compiled)-1]; first != last {
		t.Errorf("%d programs were compiled after the first epoch", last-first)
	}
	if len(run.Changes) == 0 || !strings.Contains(run.Changes[0].Text, "from update 0 on") {
		t.Errorf("changes %+v", run.Changes)
	}
}

// Wrong paths are reported before any step.
func TestOutIsChecked(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("no checkpoint"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "text.safetensors"), []byte("no checkpoint"), 0o644); err != nil {
		t.Fatal(err)
	}
	weights := filepath.Join(dir, "weights.safetensors")
	job := smallJob(t, baseline.NewGaussian())
	if err := (&classifier.Checkpoint{Classifier: job.Start}).Save(weights); err != nil {
		t.Fatal(err)
	}
	_, before := job.Engine.Counts()
	for out, want := range map[string]string{
		filepath.Join(file, "run"): "cannot write the checkpoint",
		filepath.Join(dir, "text"): "not a smoothlab checkpoint",
		weights:                    "weights only",
	} {
		job.Out = out
		if _, err := Train(context.Background(), job); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: want a sentence with %q, got %v", out, want, err)
		}
	}
	if _, after := job.Engine.Counts(); after != before {
		t.Error("steps were taken")
	}
}

// Two processes cannot write one file: the second gets an error.
func TestTwoWriters(t *testing.T) {
	job := smallJob(t, baseline.NewGaussian())
	job.Out = filepath.Join(t.TempDir(), "run")
	told := false
	inner := job
	job.Progress = func(Progress, Control) {
		if told {
			return
		}
		told = true
		if _, err := Train(
			context.Background(),
			inner,
		); err == nil ||
			!strings.Contains(err.Error(), "another process") {
			t.Errorf("second writer: %v", err)
		}
	}
	if _, err := Train(context.Background(), job); err != nil || !told {
		t.Fatal(err, told)
	}
}

// Training on real digits lowers the loss and raises the noisy accuracy, and progress reports the position.
func TestTrainingLearns(t *testing.T) {
	job := smallJob(t, &baseline.Gaussian{Sigma: 0.25})
	job.Settings.Epochs, job.Settings.LR, job.Settings.LRPeriod = 12, 0.05, 100
	var last Progress
	job.Progress = func(p Progress, _ Control) { last = p }
	run, err := Train(context.Background(), job)
	if err != nil {
		t.Fatal(err)
	}
	first, end := run.History[0], run.History[len(run.History)-1]
	if !(end.Loss < 0.5*first.Loss) || !(end.NoisyAccuracy > first.NoisyAccuracy) || !(end.NoisyAccuracy > 0.5) {
		t.Errorf("loss %g → %g, noisy accuracy %g → %g", first.Loss, end.Loss, first.NoisyAccuracy, end.NoisyAccuracy)
	}
	if last.Update != run.Updates || last.Left != 0 || last.Rate <= 0 || last.Done == nil {
		t.Errorf("last progress %+v", last)
	}
}

// With a short SaveEvery there is a checkpoint after each step, and it holds the position that progress reports.
func TestSaveEvery(t *testing.T) {
	job := smallJob(t, baseline.NewGaussian())
	job.Out = filepath.Join(t.TempDir(), "run")
	job.SaveEvery = time.Nanosecond
	job.Settings.Epochs = 1
	saves := 0
	job.Progress = func(p Progress, _ Control) {
		ck, err := classifier.Load(job.Out + ".safetensors")
		if err != nil {
			t.Fatal(err)
		}
		st, err := readState(job.Out, ck)
		if err != nil || st.Update != p.Update {
			t.Errorf("after update %d the file holds update %d, %v", p.Update, st.Update, err)
		}
		saves++
	}
	if run, err := Train(
		context.Background(),
		job,
	); err != nil ||
		saves != 1+run.Updates { // before the first, and after each
		t.Errorf("%d saves, %v", saves, err)
	}
}

// mine is a custom method under a listed name.
type mine struct{ baseline.Gaussian }

func (*mine) Loss(st *method.Step) method.Terms {
	return method.Terms{{Name: "clean", Weight: 1, Value: method.CrossEntropy(st.Clean(st.X), st.Y)}}
}

// A custom method is resumed as itself, also under the name of a listed one, which is refused in its place.
func TestOwnMethodResumes(t *testing.T) {
	job := smallJob(t, baseline.NewGaussian())
	job.Method = &mine{baseline.Gaussian{Sigma: 0.5}}
	job.Out = filepath.Join(t.TempDir(), "run")
	ctx, progress := stopAfter(2)
	job.Progress = progress
	if _, err := Train(ctx, job); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	job.Progress = nil
	other := job
	other.Method = baseline.NewGaussian()
	if _, err := Train(
		context.Background(),
		other,
	); err == nil ||
		!strings.Contains(err.Error(), "type of the method") {
		t.Errorf("the listed method in its place: %v", err)
	}
	run, err := Train(context.Background(), job)
	if err != nil || run.History[0].Terms[0].Name != "clean" {
		t.Errorf("%+v, %v", run, err)
	}
}

// An impossible position is refused with a sentence.
func TestDamagedState(t *testing.T) {
	good := state{Epoch: 1, At: 2, Update: 11, Sums: []float64{1, 1}, Labels: []string{"a"}, History: make([]Epoch, 1)}
	if err := good.check(2, 9); err != nil {
		t.Fatal(err)
	}
	for name, damage := range map[string]func(*state){
		"no sums":           func(s *state) { s.Sums = nil },
		"too many labels":   func(s *state) { s.Labels = []string{"a", "b"} },
		"another position":  func(s *state) { s.At = 5 },
		"negative epoch":    func(s *state) { s.Epoch = -1 },
		"finished, no past": func(s *state) { s.Epoch, s.At, s.Update = 2, 0, 18 },
		"beyond the end":    func(s *state) { s.Epoch, s.At, s.Update = 2, 1, 19 },
	} {
		s := good
		damage(&s)
		if err := s.check(2, 9); err == nil {
			t.Errorf("%s passes", name)
		}
	}
}

// A run is resumed with the classes it began with, in their order: a classifier has the data's names, and older files
// without names fit any.
func TestClassesAreThoseOfTheRun(t *testing.T) {
	job := smallJob(t, baseline.NewGaussian())
	job.Settings.Epochs = 1
	job.Out = filepath.Join(t.TempDir(), "run")
	if _, err := Train(context.Background(), job); err != nil {
		t.Fatal(err)
	}
	kept := readFile(t, job.Out+".safetensors")
	other := *job.Data
	other.Classes = slices.Clone(other.Classes)
	other.Classes[3], other.Classes[8] = "8", "3"
	named := job
	named.Data, named.Test = &other, nil
	if _, err := Train(
		context.Background(),
		named,
	); err == nil ||
		!strings.Contains(err.Error(), `holds a run in which class 3 is "3", in this one it is "8"`) {
		t.Errorf("%v", err)
	}
	if !bytes.Equal(kept, readFile(t, job.Out+".safetensors")) {
		t.Error("the file was changed")
	}
	named.Start = job.Start.Clone()
	named.Start.Facts.Classes, named.Out = job.Data.Classes, ""
	var classes *classifier.ClassesError
	if _, err := Train(context.Background(), named); !errors.As(err, &classes) || !classes.Mapped {
		t.Errorf("%v", err)
	}
	if err := sameClasses("run", nil, job.Data.Classes); err != nil {
		t.Error(err)
	}
	if err := sameClasses(
		"run",
		[]string{"a", "b"},
		[]string{"a"},
	); err == nil ||
		!strings.Contains(err.Error(), `class 1 is "b", in this one it is missing`) {
		t.Error(err)
	}
}

// Data with fewer classes than the network has outputs cannot be trained on; a new head has the right number, the other
// layers are trained further, and the checkpoint keeps both.
func TestNewHeadIsTrained(t *testing.T) {
	job := smallJob(t, baseline.NewGaussian())
	job.Settings.Epochs, job.Test = 1, nil
	var three []int
	for i, y := range job.Data.Labels {
		if y < 3 {
			three = append(three, i)
		}
	}
	few, err := job.Data.Select(three)
	if err != nil {
		t.Fatal(err)
	}
	few.Classes = few.Classes[:3]
	job.Data = few
	var classes *classifier.ClassesError
	if _, err := Train(context.Background(), job); !errors.As(err, &classes) {
		t.Fatalf("%v", err)
	}
	if job.Start, err = job.Start.WithHead(few.Classes, 2); err != nil {
		t.Fatal(err)
	}
	job.Out = filepath.Join(t.TempDir(), "run")
	run, err := Train(context.Background(), job)
	if err != nil {
		t.Fatal(err)
	}
	ck, err := classifier.Load(run.Path)
	if err != nil {
		t.Fatal(err)
	}
	if ck.Arch.Name != "lenet, 3 classes" || ck.Fingerprint() != run.Classifier.Fingerprint() ||
		len(ck.Facts.Classes) != 3 ||
		ck.Facts.NewHead {
		t.Errorf("%s with %+v", ck.Arch.Name, ck.Facts)
	}
	again, err := Train(context.Background(), job)
	if err != nil || !again.Loaded {
		t.Errorf("%v", err)
	}
}

// Weights that are not finite are not trained.
func TestWeightsMustBeFinite(t *testing.T) {
	job := smallJob(t, baseline.NewGaussian())
	job.Start.Params[0][7] = float32(math.NaN())
	if _, err := Train(
		context.Background(),
		job,
	); !errors.Is(err, classifier.ErrBadWeights) ||
		!strings.Contains(err.Error(), "conv1.weight has NaN") {
		t.Errorf("%v", err)
	}
}

// Test images of another shape are refused before any step.
func TestTestImagesMustFit(t *testing.T) {
	job := smallJob(t, baseline.NewGaussian())
	other := *job.Test
	other.Height = 14
	job.Test = &other
	if _, err := Train(
		context.Background(),
		job,
	); err == nil ||
		!strings.Contains(err.Error(), "lenet takes images of 28×28×1") {
		t.Error(err)
	}
}

// unsaid is a custom method with a field that checkpoints would not keep.
type unsaid struct {
	baseline.Gaussian
	Verbose bool `json:"verbose"`
}

// Train refuses a method that cannot be saved, or that is nil, before any step.
func TestTrainChecksTheMethod(t *testing.T) {
	job := smallJob(t, baseline.NewGaussian())
	for want, m := range map[string]method.Method{
		"its field Verbose (bool) would be frozen":                         &unsaid{Gaussian: baseline.Gaussian{Sigma: 0.5}},
		"a method is a pointer to a struct with its settings, got <nil>":   nil,
		"a method is a pointer to a struct with its settings, got *train.": (*unsaid)(nil),
	} {
		job.Method = m
		if _, err := Train(t.Context(), job); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want a sentence with %q, got %v", want, err)
		}
	}
}

// Files with the type names from when all methods were in package smoothmix are resumed.
func TestMovedTypes(t *testing.T) {
	custom := method.NewCustom(
		"mine",
		"v1",
		method.NewSettings("mine", smoothmix.New(), []string{"sigma", "m"}, []float64{0.5, 1}),
		func(st *method.Step) method.Terms { return nil },
	)
	for was, m := range map[string]method.Method{"*smoothmix.SmoothMix": smoothmix.New(), "*smoothmix.MACER": baseline.NewMACER(),
		"*smoothmix.SmoothAdvConsistency": baseline.NewSmoothAdvConsistency(), "*smoothmix.Own": custom} {
		job := smallJob(t, m)
		now := job.Identity(Digest(job.Data))
		old := slices.Clone(now)
		for i, s := range old {
			switch s.Name {
			case "type of the method":
				old[i].Value = was
			case "settings of":
				old[i].Value = "*smoothmix.SettingsOnly"
			}
		}
		if err := sameRun("f", old, now); err != nil {
			t.Errorf("%s: %v", was, err)
		}
	}
	job := smallJob(t, baseline.NewGaussian())
	now := job.Identity(Digest(job.Data))
	other := slices.Clone(now)
	for i, s := range other {
		if s.Name == "type of the method" {
			other[i].Value = "*main.Gaussian"
		}
	}
	if err := sameRun(
		"f",
		other,
		now,
	); err == nil ||
		!strings.Contains(err.Error(), "type of the method *main.Gaussian, this one has *baseline.Gaussian") {
		t.Errorf("a caller's own type: %v", err)
	}
}
