package walk

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"smoothlab/baseline"
	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/engine"
	"smoothlab/internal/steptest"
	"smoothlab/internal/testengine"
	"smoothlab/method"
	"smoothlab/noise"
	"smoothlab/smoothing"
	"smoothlab/smoothmix"
	"smoothlab/train"
)

// oneBatch is a training on 8 real digits, all of them in each update.
func oneBatch(t testing.TB, arch string, m method.Method) *train.Job {
	t.Helper()
	d, err := dataset.Open(t.Context(), "mnist-mini", "train", dataset.Options{})
	if err == nil {
		d, err = d.Slice(0, 8, 1)
	}
	if err != nil {
		t.Fatal(err)
	}
	a, err := classifier.Lookup(arch)
	if err != nil {
		t.Fatal(err)
	}
	s := train.DefaultSettings()
	s.Batch, s.Split, s.Seed = 8, 1, 5
	return &train.Job{Engine: testengine.Open(t), Start: classifier.New(a, 1), Data: steptest.Fit(t, m, d), Method: m,
		Settings: s}
}

// firstBatch returns the n images of a training's first update, in their order.
func firstBatch(t testing.TB, job *train.Job, n int) *dataset.Dataset {
	t.Helper()
	order := rand.New(noise.NewStream(job.Settings.Seed, noise.Shuffle, 0)).Perm(job.Data.Len())
	batch, err := job.Data.Select(order[:n])
	if err != nil {
		t.Fatal(err)
	}
	return batch
}

// smallWalk walks 8 real digits with the network of that name, from the weights and in the order of the first update of
// the job that it returns too.
func smallWalk(t testing.TB, arch string, m method.Method, epoch int) (*Walk, *train.Job) {
	t.Helper()
	job := oneBatch(t, arch, m)
	w, err := New(Job{Engine: job.Engine, Start: job.Start, Data: firstBatch(t, job, 8), Seed: 5, Epoch: epoch}, m)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w, job
}

// variants returns the methods of the list, with fewer steps and noise samples, and settings that cover other paths
// through the code.
func variants(t *testing.T) map[string]method.Method {
	all := map[string]method.Method{
		"smoothmix one-step": &smoothmix.SmoothMix{
			Sigma:   0.5,
			M:       2,
			Steps:   2,
			Alpha:   1,
			Eta:     5,
			MixStep: 1,
			Warmup:  10,
		},
		"smoothmix two-step, maxnorm": &smoothmix.SmoothMix{
			Sigma:   0.5,
			M:       2,
			Steps:   3,
			Alpha:   1,
			Eta:     5,
			MixStep: 2,
			MaxNorm: 1.5,
		},
		"macer not deferred":               &baseline.MACER{Sigma: 0.5, M: 2, Lbd: 16, Beta: 16, Margin: 8, Defer: -1},
		"catrs, confidence of the targets": &baseline.CATRS{Sigma: 0.5, M: 2, Steps: 3, Eps: 1, Lbd: 2, Confidence: 1},
		"own": &farMix{
			smoothmix.SmoothMix{Sigma: 0.5, M: 2, Steps: 2, Alpha: 1, Eta: 5, Warmup: 10},
		},
	}
	for _, e := range train.Methods() {
		all[e.Name] = steptest.Quick(t, e.New())
	}
	return all
}

// farMix is a custom method: lambda is drawn towards the far end.
type farMix struct{ smoothmix.SmoothMix }

func (*farMix) Name() string { return "farmix" }

func (*farMix) Loss(st *method.Step) method.Terms { return farMixLoss(st) }

// A walk followed to the end is a training step on the same images, noise and settings.
func TestWalkIsATrainingStep(t *testing.T) {
	for name, m := range variants(t) {
		t.Run(name, func(t *testing.T) {
			arch := "linear"
			if name == "smoothmix one-step" {
				arch = "lenet"
			}
			w, job := smallWalk(t, arch, m, 0)
			trained, loss, terms := trainedStep(t, job)
			before, _ := job.Engine.Counts()
			walkVerbs(t, w, method.InEpoch(m, 0), m)
			u, err := w.Update(t.Context(), m, job.Settings)
			if err != nil {
				t.Fatal(err)
			}
			// noise, look, search, mix or select, update
			if after, _ := job.Engine.Counts(); after-before > 5 {
				t.Errorf("%d graphs were compiled", after-before)
			}
			steptest.CompareSteps(t, job.Start, trained, u.Classifier)
			near := func(what string, got, want float64) {
				if !(math.Abs(got-want) <= steptest.TolMixed*math.Max(1, math.Abs(want))) {
					t.Errorf("%s %g, the training step has %g", what, got, want)
				}
			}
			near("loss", u.Loss, loss)
			if u.Warm != m.Traits().Warm(0) {
				t.Errorf("warm-up %g, want %g", u.Warm, m.Traits().Warm(0))
			}
			sum := 0.
			for i, term := range u.Terms {
				near(term.Name, term.Value, terms[i].Value)
				weight := term.Weight
				if term.Ramped {
					weight *= u.Warm
				}
				sum += weight * term.Value
				if term.Name != terms[i].Name {
					t.Errorf("term %s, want %s", term.Name, terms[i].Name)
				}
			}
			near("sum of the weighted terms", sum, u.Loss)
		})
	}
}

// walkVerbs goes up to update, through the verbs that a method has in the walk's epoch, in which phase takes its steps.
func walkVerbs(t *testing.T, w *Walk, phase, m method.Method) {
	t.Helper()
	ctx := t.Context()
	if _, err := w.Noise(ctx, m, w.Seed()); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Loss(ctx, m); err != nil {
		t.Fatal(err)
	}
	if !method.Searches(phase) {
		return
	}
	steps, _ := method.Setting(m, "steps")
	if phase.Traits().OnNoise {
		walkNoiseVerbs(t, w, m, int(steps))
		return
	}
	for n := int(steps); n > 0; n -= min(n, 2) {
		if _, err := w.Search(ctx, m, min(n, 2)); err != nil {
			t.Fatal(err)
		}
	}
	if _, ok := method.Setting(m, "mix_step"); !ok {
		return
	}
	if _, err := w.Mix(ctx, m); err != nil {
		t.Fatal(err)
	}
}

// trainedStep takes the first update of a job.
func trainedStep(t *testing.T, job *train.Job) (*classifier.Classifier, float64, []train.Mean) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var first train.Progress
	once := *job
	once.Progress = func(p train.Progress, _ train.Control) {
		if p.Update == 1 {
			first = p
			stop()
		}
	}
	run, err := train.Train(ctx, once)
	if !errors.Is(err, context.Canceled) || run.Update != 1 {
		t.Fatal(err)
	}
	return run.Classifier, first.Loss, first.Terms
}

// walkedMix is the listed method of variants, so that its programs are compiled once for all tests.
func walkedMix() *smoothmix.SmoothMix {
	return &smoothmix.SmoothMix{Sigma: 0.5, M: 2, Steps: 3, Alpha: 1, Eta: 5, Warmup: 10}
}

func mixWalk(t testing.TB) (*Walk, *smoothmix.SmoothMix) {
	m := walkedMix()
	w, _ := smallWalk(t, "linear", m, -1)
	return w, m
}

// The numbers of each verb against their definitions, computed on the host from the pictures.
func TestWalkNumbers(t *testing.T) {
	w, m := mixWalk(t)
	ctx, data := t.Context(), w.job.Data
	d, err := w.Noise(ctx, m, 7)
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Noisy) != 2 || len(d.Noisy[0]) != 8 || len(d.Noisy[0][0]) != 784 ||
		d.Smoothing != (smoothing.Gaussian{Sigma: 0.5}) ||
		d.Seed != 7 ||
		w.Seed() != 7 {
		t.Fatalf("%d draws, %d images, noise %v, seed %d", len(d.Noisy), len(d.Noisy[0]), d.Smoothing, d.Seed)
	}
	sum := 0.
	for i, norms := range d.Norm {
		for b, norm := range norms {
			sum += norm * norm
			if got := distance(d.Noisy[i][b], unitPixels(data.Image(b))); math.Abs(got-norm) > 1e-4 {
				t.Errorf("draw %d of image %d is %g long, Norm says %g", i, b, got, norm)
			}
		}
	}
	// E‖d‖² = 784·sigma², with a standard error of 784·sigma²·√(2/784) for one draw; 16 draws, five standard errors.
	if mean := sum / 16; math.Abs(mean/196-1) > 5*math.Sqrt(2./784/16) {
		t.Errorf("mean ‖d‖² = %g, want 196", mean)
	}

	look, err := w.Loss(ctx, m)
	if err != nil {
		t.Fatal(err)
	}
	points, err := w.Search(ctx, m, 4)
	if err != nil {
		t.Fatal(err)
	}
	path := w.Path()
	if len(path) != 5 || len(points) != 4 || points[3].Step != 4 || !slices.Equal(path[0].Loss, look.Loss) {
		t.Fatalf("%d points of %d in the path, the last one after step %d", len(points), len(path), points[3].Step)
	}
	for k, z := range path {
		for b, y := range data.Labels {
			total := 0.
			for _, p := range z.P[b] {
				total += p
			}
			if math.Abs(total-1) > 1e-5 || z.P[b][y] != z.PLabel[b] ||
				math.Abs(z.Loss[b]+math.Log(z.PLabel[b])) > 1e-4 {
				t.Errorf("step %d image %d: Σp = %g, p(label) = %g, loss %g", k, b, total, z.PLabel[b], z.Loss[b])
			}
			if got := distance(
				z.Pixels[b],
				path[0].Pixels[b],
			); math.Abs(got-z.Distance[b]) > 1e-4 ||
				got > float64(k)*m.Alpha+1e-4 {
				t.Errorf("step %d image %d is %g away, Distance says %g", k, b, got, z.Distance[b])
			}
			if k > 0 && !(z.Loss[b] > path[k-1].Loss[b]) {
				t.Errorf("step %d lowers the loss of image %d from %g to %g", k, b, path[k-1].Loss[b], z.Loss[b])
			}
			if look.Gradient[b] <= 0 {
				t.Errorf("gradient of image %d is %g", b, look.Gradient[b])
			}
		}
	}
	checkMixture(t, w, m)

	u, err := w.Update(ctx, m, train.DefaultSettings())
	if err != nil {
		t.Fatal(err)
	}
	change, length := 0., 0.
	for i, start := range w.job.Start.Params {
		change += math.Pow(distance(u.Classifier.Params[i], start), 2)
		length += math.Pow(distance(start, make([]float32, len(start))), 2)
	}
	if want := math.Sqrt(change / length); math.Abs(u.Change/want-1) > 1e-3 {
		t.Errorf("change %g, want %g", u.Change, want)
	}
	if u.Warm != 1 || !slices.Equal(u.Before.Loss, look.Loss) || mean(u.After.PLabel) <= mean(u.Before.PLabel) {
		t.Errorf("warm-up %g, p(label) %g → %g", u.Warm, mean(u.Before.PLabel), mean(u.After.PLabel))
	}
}

// checkMixture mixes and compares with v = (1−lambda)·near + lambda·far and target = (1−lambda)·p + lambda/K.
func checkMixture(t *testing.T, w *Walk, m method.Method) {
	t.Helper()
	x, err := w.Mix(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	path := w.Path()
	for b, lam := range x.Lambda {
		if lam < 0 || lam >= 0.5 || distance(x.Near[b], path[0].Pixels[b]) != 0 ||
			distance(x.Far[b], path[len(path)-1].Pixels[b]) != 0 {
			t.Errorf("image %d: lambda %g, or other ends than the path's", b, lam)
		}
		for i, v := range x.Mixed[b] {
			if want := (1-lam)*float64(x.Near[b][i]) + lam*float64(x.Far[b][i]); math.Abs(float64(v)-want) > 1e-6 {
				t.Fatalf("image %d pixel %d is %g, want %g", b, i, v, want)
			}
		}
		best := 0
		for k, p := range x.P[b] {
			if want := (1-lam)*p + lam/10; math.Abs(x.Target[b][k]-want) > 1e-6 {
				t.Errorf("image %d target %d is %g, want %g", b, k, x.Target[b][k], want)
			}
			if p > x.P[b][best] {
				best = k
			}
		}
		if x.Counted[b] != (best == int(w.job.Data.Labels[b])) {
			t.Errorf("image %d counts: %t, predicted %d, label %d", b, x.Counted[b], best, w.job.Data.Labels[b])
		}
	}
}

func unitPixels(image []byte) []float32 {
	x := make([]float32, len(image))
	for i, p := range image {
		x[i] = float32(p) / 255
	}
	return x
}

func distance(a, b []float32) float64 { return steptest.Norm(steptest.Minus(a, b)) }

func mean(v []float64) float64 {
	sum := 0.
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}

// A walk goes forward: a repeated verb discards the later ones, and a verb that is called too early runs the missing
// ones.
func TestWalkOrder(t *testing.T) {
	w, m := mixWalk(t)
	ctx := t.Context()
	for _, c := range []struct {
		verb string
		do   func() error
		want string
	}{
		{"search", func() error { _, err := w.Search(ctx, m, 2); return err }, "noise, search 2"},
		{"loss", func() error { _, err := w.Loss(ctx, m); return err }, "noise, loss"},
		{"search", func() error { _, err := w.Search(ctx, m, 1); return err }, "noise, loss, search 1"},
		{"mix", func() error { _, err := w.Mix(ctx, m); return err }, "noise, loss, search 1, mix"},
		{"update", func() error { _, err := w.Update(ctx, m, train.DefaultSettings()); return err }, "noise, loss, search 1, mix, update"},
		{"mix again", func() error { _, err := w.Mix(ctx, m); return err }, "noise, loss, search 1, mix"},
		{"search on", func() error { _, err := w.Search(ctx, m, 2); return err }, "noise, loss, search 3"},
		{"update", func() error { _, err := w.Update(ctx, m, train.DefaultSettings()); return err }, "noise, loss, search 3, update"},
		{"noise", func() error { _, err := w.Noise(ctx, m, 9); return err }, "noise"},
		{"mix", func() error { _, err := w.Mix(ctx, m); return err }, "noise, search 3, mix"},
		{"noise", func() error { _, err := w.Noise(ctx, m, 9); return err }, "noise"},
		{"update", func() error { _, err := w.Update(ctx, m, train.DefaultSettings()); return err }, "noise, search 3, update"},
	} {
		if err := c.do(); err != nil {
			t.Fatalf("%s: %v", c.verb, err)
		}
		if got := strings.Join(w.Done(), ", "); got != c.want {
			t.Errorf("after %s: %q, want %q", c.verb, got, c.want)
		}
	}
}

// The same seed draws the same noise, and another seed other noise. Updates do not add up, and a search in parts equals
// one search.
func TestWalkRepeats(t *testing.T) {
	w, m := mixWalk(t)
	ctx := t.Context()
	walked := func(seed uint64, parts ...int) (*Noise, *Mixture, *Update) {
		d, err := w.Noise(ctx, m, seed)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range parts {
			if _, err := w.Search(ctx, m, n); err != nil {
				t.Fatal(err)
			}
		}
		mixture, err := w.Mix(ctx, m)
		if err != nil {
			t.Fatal(err)
		}
		var last *Update
		for range 2 {
			if last, err = w.Update(ctx, m, train.DefaultSettings()); err != nil {
				t.Fatal(err)
			}
		}
		return d, mixture, last
	}
	d, whole, u := walked(5, 3)
	again, parts, v := walked(5, 1, 2)
	if !slices.Equal(d.Noisy[1][7], again.Noisy[1][7]) || !slices.Equal(whole.Far[7], parts.Far[7]) ||
		!slices.Equal(whole.Lambda, parts.Lambda) || u.Classifier.Fingerprint() != v.Classifier.Fingerprint() {
		t.Error("the same walk goes elsewhere")
	}
	other, otherwise, x := walked(6, 3)
	if slices.Equal(d.Noisy[1][7], other.Noisy[1][7]) || slices.Equal(whole.Lambda, otherwise.Lambda) ||
		u.Classifier.Fingerprint() == x.Classifier.Fingerprint() {
		t.Error("another seed changes nothing")
	}
}

// Neither scalar settings nor the number of search steps compile anything.
func TestWalkCompilesOnce(t *testing.T) {
	w, m := mixWalk(t)
	ctx, s := t.Context(), train.DefaultSettings()
	walk := func(n int) {
		t.Helper()
		if _, err := w.Noise(ctx, m, uint64(n)); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Search(ctx, m, n); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Mix(ctx, m); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Update(ctx, m, s); err != nil {
			t.Fatal(err)
		}
	}
	walk(1)
	before, _ := w.job.Engine.Counts()
	for n := range 5 {
		m.Sigma, m.Alpha, m.Eta, m.Warmup = 0.1*float64(n+1), 1+0.5*float64(n), float64(n), float64(n)
		s.LR, s.Momentum, s.WeightDecay = 0.01*float64(n+1), 0.1*float64(n), 0.001*float64(n)
		walk(n + 2)
	}
	if after, _ := w.job.Engine.Counts(); after != before {
		t.Errorf("%d graphs were compiled on the way", after-before)
	}
	// A setting takes effect in the verb that it is given to.
	m.Sigma = 0.5
	if _, err := w.Noise(ctx, m, 1); err != nil {
		t.Fatal(err)
	}
	for _, alpha := range []float64{0.5, 2} {
		m.Alpha = alpha
		if _, err := w.Search(ctx, m, 1); err != nil {
			t.Fatal(err)
		}
	}
	p := w.Path()
	if a, b := distance(
		p[1].Pixels[0],
		p[0].Pixels[0],
	), distance(
		p[2].Pixels[0],
		p[1].Pixels[0],
	); !(a > 0.3 && a <= 0.501 && b > 0.8 && b <= 2.001) {
		t.Errorf("steps of 0.5 and 2 move the first image by %g and %g: the box alone may shorten them", a, b)
	}
}

// An impossible verb gives one sentence that names the missing step, and leaves the walk as it was.
func TestWalkRefuses(t *testing.T) {
	w, m := mixWalk(t)
	ctx := t.Context()
	if _, err := w.Search(ctx, m, 1); err != nil {
		t.Fatal(err)
	}
	gaussian, adv := baseline.NewGaussian(), &baseline.SmoothAdv{Sigma: 0.5, M: 2, PGD: baseline.PGD{Steps: 3, Eps: 1}}
	plain, _ := smallWalk(t, "linear", gaussian, -1)
	attacked, _ := smallWalk(t, "linear", adv, -1)
	changed := func(name string, v float64) method.Method {
		c, err := method.With(m, name, v)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	for _, c := range []struct {
		w    *Walk
		want string
		do   func(*Walk) error
	}{
		{plain, "gaussian has no search: call update() next", func(w *Walk) error { _, err := w.Search(ctx, gaussian, 1); return err }},
		{plain, "gaussian mixes nothing: call update() next", func(w *Walk) error { _, err := w.Mix(ctx, gaussian); return err }},
		{attacked, "smoothadv mixes nothing: call update() next", func(w *Walk) error { _, err := w.Mix(ctx, adv); return err }},
		{w, "search takes at least 1 step, got 0", func(w *Walk) error { _, err := w.Search(ctx, m, 0); return err }},
		{w, "the noise was drawn at sigma 0.5, and sigma is 0.25 now: noise() draws it again",
			func(w *Walk) error { _, err := w.Search(ctx, changed("sigma", 0.25), 1); return err }},
		{w, "the noise was drawn at sigma 0.5, and sigma is 0.25 now: noise() draws it again",
			func(w *Walk) error { _, err := w.Loss(ctx, changed("sigma", 0.25)); return err }},
		{w, "2 noise samples per image were drawn, and m is 4 now: noise() draws them again",
			func(w *Walk) error { _, err := w.Update(ctx, changed("m", 4), train.DefaultSettings()); return err }},
		{w, "mix_step is 2, and the search has taken 1 of its steps: search(1) comes first",
			func(w *Walk) error { _, err := w.Mix(ctx, changed("mix_step", 2)); return err }},
		{w, "this walk uses smoothmix: start another one for gaussian", func(w *Walk) error { _, err := w.Loss(ctx, gaussian); return err }},
		{w, "smoothmix: alpha must be greater than 0, got 0", func(w *Walk) error { _, err := w.Loss(ctx, &smoothmix.SmoothMix{Sigma: 1, M: 1, Steps: 1}); return err }},
		{w, "lr must be greater than 0, and finite, got -1", func(w *Walk) error { _, err := w.Update(ctx, m, train.Settings{LR: -1}); return err }},
	} {
		done, path := strings.Join(c.w.Done(), ", "), len(c.w.Path())
		if err := c.do(c.w); err == nil || err.Error() != c.want {
			t.Errorf("error %v, want %s", err, c.want)
		}
		if got := strings.Join(c.w.Done(), ", "); got != done || len(c.w.Path()) != path {
			t.Errorf("%s: the walk went on to %q", c.want, got)
		}
	}
	if _, err := w.Update(ctx, m, train.Settings{LR: 1e38}); !errors.Is(err, train.ErrNotFinite) {
		t.Errorf("an infinite step: %v", err)
	}
	if got := strings.Join(w.Done(), ", "); got != "noise, search 1" {
		t.Errorf("after refusals: %q", got)
	}
	if err := plain.Close(); err != nil {
		t.Error(err)
	}
	if _, err := plain.Loss(ctx, gaussian); err == nil || err.Error() != "the walk is closed: start another one" {
		t.Error(err)
	}
}

func TestNewWalkRefuses(t *testing.T) {
	w, m := mixWalk(t)
	for want, change := range map[string]func(j *Job) method.Method{
		"the walk needs at least one image": func(j *Job) method.Method {
			empty := *j.Data
			empty.Labels, empty.Pixels, empty.Indices = nil, nil, nil
			j.Data = &empty
			return m
		},
		"linear takes images of 28×28×1": func(j *Job) method.Method {
			other := *j.Data
			other.Height = 14
			j.Data = &other
			return m
		},
		"fc.weight has NaN": func(j *Job) method.Method {
			j.Start = j.Start.Clone()
			j.Start.Params[0][5] = float32(math.NaN())
			return m
		},
		"epoch must be at least 0":       func(j *Job) method.Method { j.Epoch = -2; return m },
		"sigma must be greater than 0":   func(*Job) method.Method { return &baseline.Gaussian{} },
		"a method is a pointer to a str": func(*Job) method.Method { return nil },
	} {
		job := w.job
		if _, err := New(job, change(&job)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want a sentence with %q, got %v", want, err)
		}
	}
}

// A verb that is interrupted anywhere leaves the walk as it was, and can be repeated.
func TestWalkIsInterrupted(t *testing.T) {
	w, m := mixWalk(t)
	for name, verb := range map[string]func(ctx context.Context) error{
		"noise":  func(ctx context.Context) error { _, err := w.Noise(ctx, m, 8); return err },
		"loss":   func(ctx context.Context) error { _, err := w.Loss(ctx, m); return err },
		"search": func(ctx context.Context) error { _, err := w.Search(ctx, m, 3); return err },
		"mix":    func(ctx context.Context) error { _, err := w.Mix(ctx, m); return err },
		"update": func(ctx context.Context) error { _, err := w.Update(ctx, m, train.DefaultSettings()); return err },
	} {
		t.Run(name, func(t *testing.T) {
			begun := []func() error{ // the first time the verb runs all that is missing; later, some is done
				func() error { noise := w.at.noise; w.at = position{seed: 5}; return engine.Free(noise) },
				func() error { _, err := w.Search(t.Context(), m, 1); return err },
			}
			for _, begin := range begun {
				if err := begin(); err != nil {
					t.Fatal(err)
				}
				was, interrupted := w.at, 0
				for looks := 0; ; looks++ {
					err := verb(&steptest.Countdown{Context: t.Context(), Looks: looks})
					if err == nil {
						break
					}
					interrupted++
					if !errors.Is(err, context.Canceled) {
						t.Fatal(err)
					}
					if now := w.at; now.noise != was.noise || now.seed != was.seed || len(now.path) != len(was.path) ||
						now.looked != was.looked ||
						now.mixed != was.mixed ||
						now.updated != was.updated {
						t.Fatalf("interrupted at look %d the walk is at %q", looks, w.Done())
					}
				}
				if interrupted == 0 && name != "loss" { // whose prediction is known by then
					t.Error("never interrupted")
				}
				if _, err := w.Search(t.Context(), m, 1); err != nil {
					t.Errorf("after it: %v", err)
				}
			}
		})
	}
}

// BenchmarkWalk times each verb on 8 digits with LeNet, after compilation.
func BenchmarkWalk(b *testing.B) {
	m := smoothmix.New()
	w, _ := smallWalk(b, "lenet", m, -1)
	ctx := b.Context()
	for _, c := range []struct {
		name string
		verb func() error
	}{
		{"noise", func() error { _, err := w.Noise(ctx, m, 5); return err }},
		{"loss", func() error { w.at.look = nil; _, err := w.Loss(ctx, m); return err }},
		{"search", func() error {
			w.at.path = w.at.path[:min(1, len(w.at.path))]
			_, err := w.Search(ctx, m, 1)
			return err
		}},
		{"mix", func() error { _, err := w.Mix(ctx, m); return err }},
		{"update", func() error { _, err := w.Update(ctx, m, train.DefaultSettings()); return err }},
	} {
		b.Run(c.name, func(b *testing.B) {
			begun := time.Now()
			if err := c.verb(); err != nil {
				b.Fatal(err)
			}
			compiled := float64(time.Since(begun).Milliseconds())
			for b.Loop() {
				if err := c.verb(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(compiled, "ms-first") // with its compilation
		})
	}
}
