package train_test

import (
	"context"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/internal/testengine"
	"smoothlab/method"
	"smoothlab/smoothmix"
	"smoothlab/train"
	"smoothlab/walk"

	. "github.com/gomlx/gomlx/core/graph"
)

// rewritten is SmoothMix written again as a user's custom method.
func rewritten(st *method.Step) method.Terms {
	far := st.Search(st.X)
	near := smoothmix.NearPoint(st, st.X)
	logits := st.Logits(near)
	p := st.Smoothed(logits)
	lam := MulScalar(st.Uniform("lambda"), 0.5)
	v, target := smoothmix.Mix(st, lam, near, far, p)
	return method.Terms{
		{Name: "cross-entropy", Weight: 1, Value: method.CrossEntropy(logits, st.Y)},
		{Name: "KL", Weight: st.Warm("eta"), Value: smoothmix.MaskedKL(p, st.Y, target, st.Logits(v))},
	}
}

// farMix is SmoothMix with lambda drawn towards the far end (density proportional to lambda).
func farMix(st *method.Step) method.Terms {
	far := st.Search(st.X)                            // detached; T steps of length alpha on the smoothed loss
	near := st.Logits(st.X)                           // [m·B, K], the step's own noises
	p := st.Smoothed(near)                            // [B, K]
	lam := MulScalar(Sqrt(st.Uniform("lambda")), 0.5) // [B], named, so a test can inject it
	v, target := smoothmix.Mixup(lam, st.X, far, p)
	return method.Terms{
		{Name: "cross-entropy", Weight: 1, Value: method.CrossEntropy(near, st.Y)},
		{
			Name:   "kl",
			Weight: st.Warm("eta"),
			Value:  smoothmix.MaskedKL(p, st.Y, target, st.Logits(v)),
		}, // weight is an input: no recompilation
	}
}

// short is a recipe that takes seconds: a linear network, a few digits.
func short(t *testing.T) (train.Recipe, []train.Option) {
	t.Helper()
	d, err := dataset.Open(t.Context(), "mnist-mini", "train", dataset.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if d, err = d.Slice(0, 128, 1); err != nil {
		t.Fatal(err)
	}
	r := train.MustRecipe("mnist", "smoothmix", 0.5, map[string]float64{"mix_step": 1}).Scaled(2)
	r.Arch, r.Settings.Batch, r.Settings.LR = "linear", 64, 0.1
	for name, value := range map[string]float64{"steps": 2, "m": 2} {
		if r.Method, err = method.With(r.Method, name, value); err != nil {
			t.Fatal(err)
		}
	}
	return r, []train.Option{train.On(testengine.Open(t)), train.Images(d, nil), train.Seed(3)}
}

// SmoothMix as a custom function equals SmoothMix: the same weights, bit for bit, after two epochs of training, and the
// same numbers in a walk.
func TestRewrittenSmoothMix(t *testing.T) {
	r, options := short(t)
	own := r.With("rewritten", rewritten)
	a, b := train.MustTrain(t.Context(), r, options...), train.MustTrain(t.Context(), own, options...)
	if a.Classifier.Fingerprint() != b.Classifier.Fingerprint() || a.Updates != 8 ||
		!strings.HasPrefix(b.Classifier.Facts.Method, "rewritten(sigma=0.5, m=2") {
		t.Errorf("%d updates of %s and %s differ", a.Updates, a.Classifier.Facts.Method, b.Classifier.Facts.Method)
	}
	x, y := walked(t, a.Classifier, r.Method), walked(t, a.Classifier, own.Method)
	if x.Loss != y.Loss || x.Change != y.Change || len(x.Terms) != 2 || x.Terms[1].Value != y.Terms[1].Value ||
		!y.Terms[1].Ramped ||
		x.Terms[1].Value == 0 {
		t.Errorf("walked: %+v and %+v", x, y)
	}
}

// walked returns the update of a walk through all verbs.
func walked(t *testing.T, c *classifier.Classifier, m method.Method) *walk.Update {
	t.Helper()
	d, err := dataset.Open(t.Context(), "mnist-mini", "test", dataset.Options{})
	if err == nil {
		d, err = d.Slice(0, 16, 1)
	}
	if err != nil {
		t.Fatal(err)
	}
	w, err := walk.New(walk.Job{Engine: testengine.Open(t), Start: c, Data: d, Seed: 3, Epoch: 0}, m)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if _, err := w.Search(t.Context(), m, 2); err != nil {
		t.Fatal(err)
	}
	if mixed, err := w.Mix(t.Context(), m); err != nil || len(mixed.Lambda) != 16 {
		t.Fatalf("%+v, %v", mixed, err)
	}
	u, err := w.Update(t.Context(), m, train.DefaultSettings())
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// A custom method is saved and resumed, refused if its settings differ, and changed without compiling; two functions
// under one name are two methods.
func TestOwnMethod(t *testing.T) {
	r, options := short(t)
	own := r.With("farmix", farMix)
	out := train.Out(filepath.Join(t.TempDir(), "runs", "farmix"))
	ctx, cancel := context.WithCancel(t.Context())
	stop := func(job *train.Job) {
		job.Progress = func(p train.Progress, _ train.Control) {
			if p.Update == 3 {
				cancel()
			}
		}
	}
	first := train.MustTrain(ctx, own, append(options, out, stop)...)
	whole := train.MustTrain(t.Context(), own, append(options, out)...)
	if first.Update != 3 || !whole.Finished() {
		t.Errorf("stopped after %d, then %d of %d", first.Update, whole.Update, whole.Updates)
	}
	if straight := train.MustTrain(
		t.Context(),
		own,
		options...); straight.Classifier.Fingerprint() != whole.Classifier.Fingerprint() {
		t.Error("the run that was stopped ends elsewhere")
	}
	changed, err := method.With(own.Method, "eta", 2)
	if err != nil {
		t.Fatal(err)
	}
	before, _ := testengine.Open(t).Counts()
	other := own
	other.Method = changed
	if _, err := train.TrainRecipe(
		t.Context(),
		other,
		append(options, out)...); err == nil ||
		!strings.Contains(err.Error(), "holds a run with eta 5, this one has 2") {
		t.Errorf("another eta: %v", err)
	}
	if run := train.MustTrain(
		t.Context(),
		other,
		options...); run.Classifier.Fingerprint() == whole.Classifier.Fingerprint() {
		t.Error("eta changes nothing")
	}
	if after, _ := testengine.Open(t).Counts(); after != before {
		t.Errorf("%d graphs were compiled for another eta", after-before)
	}
	clean := func(st *method.Step) method.Terms {
		return method.Terms{{Name: "ce", Weight: 1, Value: method.CrossEntropy(st.Clean(st.X), st.Y)}}
	}
	if run := train.MustTrain(
		t.Context(),
		r.With("farmix", clean),
		options...); run.Classifier.Fingerprint() == whole.Classifier.Fingerprint() {
		t.Error("another function of the same name is the same method")
	}
	if _, err := method.With(
		own.Method,
		"alpha",
		-1,
	); err == nil ||
		!strings.Contains(err.Error(), "alpha must be greater than 0") {
		t.Errorf("alpha −1: %v", err)
	}
}

// A fault of a function is an error of the step and does not end the program.
func TestOwnMethodThatPanics(t *testing.T) {
	r, options := short(t)
	wrong := r.With("wrong", func(st *method.Step) method.Terms {
		return method.Terms{{Name: "x", Weight: 1, Value: Add(st.X, st.Uniform("u"))}}
	})
	if _, err := train.TrainRecipe(t.Context(), wrong, options...); err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("%v", err)
	}
	if _, err := train.TrainRecipe(
		t.Context(),
		r.With("", nil),
		options...); err == nil ||
		!strings.Contains(err.Error(), "needs a name") {
		t.Errorf("no function: %v", err)
	}
	unlisted := r
	unlisted.Arch = "lenett"
	if _, err := train.TrainRecipe(
		t.Context(),
		unlisted,
		options...); err == nil ||
		!strings.Contains(err.Error(), `the network of the recipe: unknown classifier "lenett"`) {
		t.Errorf("an unlisted network: %v", err)
	}
	defer func() {
		err, _ := recover().(error)
		if err == nil || !strings.Contains(err.Error(), "at sigma 0.25 or 0.5 or 1") {
			t.Errorf("MustRecipe panics with %v", err)
		}
	}()
	train.MustRecipe("mnist", "smoothmix", 0.3)
}

// Settings that no listed method has: those that the verbs use are checked, the rest is free; warm-up and epochs work.
func TestSettingsOnly(t *testing.T) {
	s := method.NewSettings(
		"mine",
		smoothmix.New(),
		[]string{"sigma", "m", "steps", "alpha", "pull", "warmup"},
		[]float64{0.5, 2, 3, 1, 7, 4},
	)
	own := method.NewCustom("mine", "v1", s, func(st *method.Step) method.Terms {
		return method.Terms{
			{Name: "ce", Weight: 1, Value: method.CrossEntropy(st.Logits(st.Search(st.X)), st.Y)},
			{Name: "pull", Weight: st.Warm("pull"), Value: ReduceAllMean(st.Uniform("u"))},
		}
	})
	if got := method.Describe(own); got != "mine(sigma=0.5, m=2, steps=3, alpha=1, pull=7, warmup=4)" {
		t.Error(got)
	}
	scaled, _ := train.Scaled(own, train.DefaultSettings(), 45)
	if got := method.Describe(
		scaled,
	); !strings.HasSuffix(got, "warmup=2)") ||
		!strings.HasSuffix(method.Describe(own), "warmup=4)") {
		t.Errorf("half of the epochs: %s", got)
	}
	if r := own.Traits().Warm(0); math.Abs(r-0.25) > 1e-15 {
		t.Errorf("ramp %g", r)
	}
	for name, value := range map[string]float64{"sigma": 0, "m": 0, "steps": 0, "alpha": 0, "m ": 1.5, "warmup": -1, "pull": math.NaN()} {
		if _, err := method.With(
			own,
			strings.TrimSpace(name),
			value,
		); err == nil ||
			!strings.Contains(err.Error(), strings.TrimSpace(name)+" must be") {
			t.Errorf("%s=%g: %v", name, value, err)
		}
	}
	if err := method.NewSettings("mine", smoothmix.New(), []string{"sigma"}, []float64{1}).Check(); err == nil {
		t.Error("no m")
	}
	r, options := short(t)
	r.Method = own
	run, err := train.TrainRecipe(t.Context(), r, options...)
	if err != nil {
		t.Fatal(err)
	}
	if terms := run.History[0].Terms; len(terms) != 2 || !(terms[1].Value > 0 && terms[1].Value < 1) {
		t.Errorf("%+v", terms)
	}
}
