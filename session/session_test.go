package session_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"smoothlab/engine"
	"smoothlab/internal/testengine"
	"smoothlab/language"
	"smoothlab/repl"
	"smoothlab/report"
	"smoothlab/session"

	"go.starlark.net/syntax"
)

var _ repl.Evaluator = (*session.Session)(nil)

// begin is the start of most tests: a little data, a small classifier, a method.
const begin = `
d, t = dataset("mnist-mini", split="train")[:512], dataset("mnist-mini")[:50]
c = classifier("linear", d, seed=1)
m = smoothmix(sigma=0.5, m=2, steps=2)
`

// watched is an output that signals when progress is reported.
type watched struct {
	screen
	once sync.Once
	on   func(report.Progress) bool
	then func()
}

func (w *watched) Progress(p report.Progress) {
	if w.on(p) {
		w.once.Do(w.then)
	}
}

// interrupted runs an item and interrupts it at a report of progress. It returns the error and the output.
func interrupted(
	t *testing.T,
	s *session.Session,
	source string,
	when func(report.Progress) bool,
) (*report.Error, string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	out := &watched{on: when, then: cancel}
	_, err := s.Evaluate(ctx, source, out)
	var e *report.Error
	if !errors.As(err, &e) || e.Name != report.Interrupted {
		t.Fatalf("%s: %v, want it interrupted", source, err)
	}
	return e, out.take()
}

// Ctrl-C stops a training at a step; weights, file and variables stay, and the same line resumes.
func TestInterruptedTraining(t *testing.T) {
	s := newSession(t, nil)
	t.Chdir(t.TempDir())
	evaluate(t, s, begin)
	const line = `train(c, d, m, epochs=400, batch=64, seed=1, test=t, out="r")`
	e, _ := interrupted(t, s, "x = 1\n"+line+"\nx = 2", func(p report.Progress) bool { return p.Done >= 5 })
	if !regexp.MustCompile(`^stopped after update \d+ of 6400, saved in r\.safetensors; run the same training again to resume$`).
		MatchString(e.Message) {
		t.Errorf("the interrupt says %q", e.Message)
	}
	if got := evaluate(
		t,
		s,
		"x, load_classifier('r').fingerprint() == c.fingerprint(), c.method != ''",
	); got != "(1, True, True)\n" {
		t.Errorf("after the interrupt: %s", got)
	}
	first := 0
	interrupted(t, s, line, func(p report.Progress) bool {
		if first == 0 {
			first = p.Done
		}
		return p.Done > first
	})
	if first < 5 {
		t.Errorf("the same line went on from update %d", first)
	}
}

// Ctrl-C stops soft labels; finished images stay in the file, and the same line completes it.
func TestInterruptedSoftLabels(t *testing.T) {
	s := newSession(t, nil)
	t.Chdir(t.TempDir())
	evaluate(t, s, begin)
	const line = `s = soft_labels(c, d, n=200, seed=1, out="s.tsv")`
	e, _ := interrupted(t, s, line, func(p report.Progress) bool { return p.Done >= 8 })
	if !regexp.MustCompile(`^soft labels stopped after \d+ of 512 images \(run it again to resume from s.tsv\)$`).
		MatchString(e.Message) {
		t.Errorf("the interrupt says %q", e.Message)
	}
	if got := evaluate(t, s, line+"\nlen(s)"); got != "512\n" {
		t.Errorf("the same line gives %s", got)
	}
}

// Ctrl-C stops a certification; finished images stay in the log, and the same line completes it.
func TestInterruptedCertification(t *testing.T) {
	s := newSession(t, nil)
	t.Chdir(t.TempDir())
	evaluate(t, s, begin)
	const line = `k = certify(c, t, sigma=0.5, n=5000, seed=1, out="k.tsv")`
	e, _ := interrupted(t, s, line, func(p report.Progress) bool { return p.Done >= 2 })
	if !strings.Contains(e.Message, "run it again to resume from k.tsv") {
		t.Errorf("the interrupt says %q", e.Message)
	}
	if got := evaluate(t, s, line+"\nlen(k)"); !strings.HasSuffix(got, "\n50\n") {
		t.Errorf("the same line gives %s", got)
	}
}

// Ctrl-C during a wait for a background run ends only the wait.
func TestInterruptedWait(t *testing.T) {
	s := newSession(t, nil)
	evaluate(t, s, begin)
	evaluate(t, s, `r = train(c, d, m, epochs=400, batch=64, seed=1, test=t, background=True)`)
	e, _ := interrupted(t, s, "r.wait()", func(p report.Progress) bool { return p.Done >= 2 })
	if e.Message != "run 1 continues in the background" {
		t.Errorf("the interrupt says %q", e.Message)
	}
	if got := evaluate(t, s, "r.state"); got != "\"running\"\n" {
		t.Errorf("after it the run is %s", got)
	}
	if lines := s.Unsaved(); len(lines) != 1 || !strings.HasPrefix(lines[0], "run 1 (smoothmix(") ||
		!strings.HasSuffix(lines[0], "would stop, and it is not saved to a file") {
		t.Errorf("unsaved: %q", lines)
	}
	evaluate(t, s, "r.stop()")
	if lines := s.Unsaved(); len(lines) != 1 ||
		lines[0] != `c was trained and is not saved to a file: use save(c, "c.safetensors")` {
		t.Errorf("unsaved: %q", lines)
	}
	t.Chdir(t.TempDir())
	evaluate(t, s, "save(c, 'c')")
	if lines := s.Unsaved(); len(lines) != 0 {
		t.Errorf("unsaved after saving: %q", lines)
	}
}

// An evaluation whose context has ended does nothing.
func TestInterruptedBefore(t *testing.T) {
	s := newSession(t, nil)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.Evaluate(
		ctx,
		"x = 1",
		new(screen),
	); err == nil ||
		!strings.HasPrefix(err.Error(), report.Interrupted) {
		t.Errorf("%v", err)
	}
	if got := evaluate(t, s, "x"); !strings.HasPrefix(got, "error: unknown name") {
		t.Errorf("x is %s", got)
	}
}

// During a background run everything else can be used, and the trained classifier can be read between steps.
func TestBackground(t *testing.T) {
	notices := make(chan string, 10)
	s := newSession(t, func(text string) { notices <- text })
	evaluate(t, s, begin)
	evaluate(t, s, `r = train(c, d, m, epochs=4, batch=64, seed=1, test=t, background=True)`)
	var wg sync.WaitGroup
	for range 4 { // read from another goroutine
		wg.Go(func() {
			for range 50 {
				s.Complete("r.", 2)
				s.Inspect("m", 1)
				s.Unsaved()
			}
		})
	}
	for range 5 {
		evaluate(t, s, "c.fingerprint(), r.loss, jobs(), r, c, r.history")
		evaluate(t, s, "m.eta += 0.5")
		evaluate(t, s, "predict(c, t[0], sigma=0.5, n=100)")
	}
	wg.Wait()
	evaluate(t, s, "k = certify(c, t[:3], sigma=0.5, n=500, seed=1, background=True)")
	for _, want := range []string{"finished", "epoch"} {
		select {
		case text := <-notices:
			if !strings.Contains(text, "run") && !strings.Contains(text, "smoothmix") {
				t.Errorf("a notice says %q", text)
			}
		case <-time.After(time.Minute):
			t.Fatalf("no notice of %s", want)
		}
	}
	if got := evaluate(t, s, "r.state, k.state, len(k.wait())"); got != "(\"finished\", \"finished\", 3)\n" {
		t.Errorf("at the end: %s", got)
	}
}

// A run with a failing step reports the error and keeps the last good weights, and the session continues.
func TestFailingRun(t *testing.T) {
	s := newSession(t, nil)
	evaluate(t, s, begin)
	got := evaluate(
		t,
		s,
		`train(c, d, gaussian(sigma=0.5), epochs=50, batch=64, lr=1e30, momentum=0.99, seed=1, test=t)`,
	)
	if !strings.Contains(got, "the loss or the update is not a finite number") ||
		!strings.Contains(got, "a smaller lr") {
		t.Errorf("a diverging training says %s", got)
	}
	if got := evaluate(t, s, "1 + 1"); got != "2\n" {
		t.Errorf("after it: %s", got)
	}
	if got := evaluate(
		t,
		s,
		`train(c, d, gaussian(sigma=0.5), epochs=1, batch=64, test=t)`,
	); !strings.HasPrefix(
		got,
		"gaussian",
	) {
		t.Errorf("the classifier cannot be trained afterwards: %s", got)
	}
}

// Settings that are inputs of the step do not cause compilation, neither in a walk nor in a training.
func TestChangingSettingsCompilesNothing(t *testing.T) {
	s := newSession(t, nil)
	e := testengine.Open(t)
	evaluate(t, s, begin)
	evaluate(t, s, "w = walk(c, t[:8], m, seed=3)\nw.noise(); w.loss(); w.search(2); w.mix(); w.update()")
	evaluate(t, s, "train(c, d, m, epochs=1, batch=64, test=t)")
	before, _ := e.Counts()
	got := evaluate(t, s, `
for sigma in [0.25, 1.0]:
    for name in ["alpha", "eta", "warmup"]:
        m.sigma = sigma
        m.alpha *= 1.5
        m.eta += 1
        m.warmup += 1
        w.noise(); w.loss(); w.search(1); w.search(2); w.mix(); w.update(lr=0.1)
    train(c, d, m, epochs=1, batch=64, lr=0.003, seed=2, test=t)
`)
	if strings.Contains(got, "error") {
		t.Fatal(got)
	}
	if after, _ := e.Counts(); after != before {
		t.Errorf("%d compilations", after-before)
	}
}

// The engine opens in the background: code that does not need it does not wait, a failure is reported when it is
// needed, and the next use tries again.
func TestEngineOpensInTheBackground(t *testing.T) {
	tries, may := 0, make(chan struct{})
	e := testengine.Open(t)
	s := session.New(
		session.Options{
			Shared: true,
			Open: func(ctx context.Context, progress func(string, int64, int64)) (*engine.Engine, error) {
				<-may
				progress("plugin", 1<<20, 2<<20)
				if tries++; tries == 1 {
					return nil, errors.New("the network is away")
				}
				return e, nil
			},
		},
	)
	defer s.Close()
	if got := evaluate(t, s, `len(dataset("mnist-mini"))`); got != "500\n" {
		t.Errorf("without an engine: %s", got)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if _, err := s.Evaluate(
		ctx,
		"devices()",
		new(screen),
	); err == nil ||
		!strings.HasPrefix(err.Error(), report.Interrupted) {
		t.Errorf("waiting for the engine cannot be interrupted: %v", err)
	}
	close(may)
	for range 100 {
		got := evaluate(t, s, "devices().engine")
		if strings.HasPrefix(got, "\"xla") {
			return
		}
		if !strings.Contains(got, "the network is away") {
			t.Fatalf("a failure to open says %s", got)
		}
	}
	t.Error("the engine is never opened again")
}

// A session accesses files only through the functions made for that.
func TestNoOtherFiles(t *testing.T) {
	s := newSession(t, nil)
	dir := t.TempDir()
	t.Chdir(dir)
	evaluate(t, s, begin)
	evaluate(
		t,
		s,
		"w = walk(c, t[:2], m)\nw.update()\ntrain(c, d, m, epochs=1, batch=64, test=t)\nk = certify(c, t[:2], sigma=0.5, n=100)\nplot(k)\ntable(k)",
	)
	found, err := os.ReadDir(dir)
	if err != nil || len(found) != 0 {
		t.Errorf("files: %v, %v", found, err)
	}
}

// Names can be typed, everything has help, and examples are valid programs.
func TestContractOfTheLists(t *testing.T) {
	name := regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	reserved := strings.Fields(
		"and as assert break class continue def del elif else except finally for from global if import in is lambda load nonlocal not or pass raise return try while with yield None True False",
	)
	check := func(kind, n string) {
		for _, r := range reserved {
			if n == r {
				t.Errorf("%s %s is a reserved word", kind, n)
			}
		}
		if !name.MatchString(n) {
			t.Errorf("%s %q cannot be typed", kind, n)
		}
	}
	function := func(f *language.Function) {
		check("function", f.Name)
		if _, err := new(syntax.FileOptions).ParseExpr("signature", strings.Replace(f.Signature(), "…", "more", 1),
			0); err != nil {
			t.Errorf("%s is no call: %v", f.Signature(), err)
		}
		if f.Summary() == "" {
			t.Errorf("%s is not explained", f.Name)
		}
		for _, p := range f.Params {
			if !strings.HasPrefix(p.Name, "*") {
				check("argument of "+f.Name, p.Name)
			}
			if p.Help == "" || p.Want == "" {
				t.Errorf("%s of %s is not explained", p.Name, f.Name)
			}
		}
		if len(f.Examples) > 0 && !strings.Contains(f.Examples[0], f.Name+"(") {
			t.Errorf("the first example of %s is none of it", f.Name)
		}
		for _, e := range f.Examples {
			if c, _ := language.IsComplete(e); c != report.Complete {
				t.Errorf("%s: the example %q is none", f.Name, e)
			}
		}
	}
	for _, f := range session.Functions(nil) {
		function(f)
		if f.Group == "" {
			t.Errorf("%s is in no group", f.Name)
		}
	}
	for _, k := range session.Kinds() {
		for _, f := range k.Methods {
			function(f)
		}
		for _, a := range k.Attributes {
			check("attribute of "+k.Name, a.Name)
			if a.Help == "" {
				t.Errorf("%s of %s is not explained", a.Name, k.Name)
			}
		}
	}
}

// Strings complete to entries of the lists, and to files.
func TestCompletion(t *testing.T) {
	s := newSession(t, nil)
	dir := t.TempDir()
	t.Chdir(dir)
	if err := os.MkdirAll(filepath.Join(dir, "runs"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{"runs/a.safetensors", "runs/b.tsv", ".hidden", "rest.tsv"} {
		if err := os.WriteFile(filepath.Join(dir, f), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	evaluate(t, s, begin+"k = certify(c, t[:2], sigma=0.5, n=100)")
	for _, test := range []struct{ typed, want string }{
		{`dataset("m`, "mnist mnist-mini"}, {`dataset("mnist", split="t`, "train test"}, {`classifier("`, "lenet linear resnet20 resnet110 resnet50"},
		{`load_classifier("ru`, "runs/"}, {`load_classifier("runs/`, "runs/a.safetensors runs/b.tsv"},
		{`read_log("`, "rest.tsv runs/"}, {`read_log(".h`, ".hidden"},
		{`recipe("mnist", "smoothm`, "smoothmix"}, {`train(c, d, m, ou`, "out="}, {`m.al`, "alpha"}, {`k.ac`, "accuracies accuracy acr acr_error"}, {`smoothmix(mix`, "mix_step="},
		{`train(c, d, m, out="runs/`, "runs/a.safetensors runs/b.tsv"}, {`smoothadv_`, "smoothadv_consistency smoothadv_ddn"},
	} {
		var items []string
		for _, item := range s.Complete(test.typed, len(test.typed)).Items {
			items = append(items, item.Text)
		}
		if got := strings.Join(items, " "); got != test.want {
			t.Errorf("%s completes to %q, want %q", test.typed, got, test.want)
		}
	}
}

// Certificates that are not in a file are named before they are lost; a stopped certification still returns its
// finished images.
func TestCertificatesInNoFile(t *testing.T) {
	s := newSession(t, nil)
	t.Chdir(t.TempDir())
	evaluate(t, s, begin+"save(c, 'c')\nk = certify(c, t[:3], sigma=0.5, n=100)")
	if lines := s.Unsaved(); len(lines) != 1 ||
		lines[0] != "k, the certificates of 3 images, is not saved to a file: use certify(…, out=…)" {
		t.Errorf("unsaved: %q", lines)
	}
	evaluate(t, s, "k = certify(c, t[:3], sigma=0.5, n=100, out='k.tsv')\nx = k[:2]")
	if lines := s.Unsaved(); len(lines) != 0 {
		t.Errorf("unsaved with a log: %q", lines)
	}
	evaluate(t, s, "b = certify(c, t, sigma=0.5, n=20000, background=True)")
	for range 1000 {
		if got := evaluate(t, s, "b"); strings.Contains(got, "running, ") && !strings.Contains(got, "running, 0 of") {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	if got := evaluate(t, s, "n = len(b.stop())\nn > 0, n == len(b.wait())"); got != "(True, True)\n" {
		t.Errorf("after stopping: %s", got)
	}
}

// A program waits for its background work before it ends.
func TestFinish(t *testing.T) {
	s := newSession(t, nil)
	evaluate(t, s, begin+"r = train(c, d, m, epochs=2, batch=64, test=d[:0], background=True)")
	if err := s.Finish(t.Context()); err != nil {
		t.Error(err)
	}
	if got := evaluate(t, s, "r.state"); got != "\"finished\"\n" {
		t.Errorf("after it the run is %s", got)
	}
	evaluate(t, s, "r = train(c, d, m, epochs=20000, batch=64, test=d[:0], background=True)")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := s.Finish(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("interrupted: %v", err)
	}
}

// The message for interrupted plain code is ours, not Starlark's.
func TestInterruptedLoop(t *testing.T) {
	s := newSession(t, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := s.Evaluate(
		ctx,
		"while True:\n    pass",
		new(screen),
	); err == nil ||
		err.Error() != "interrupted: stopped" {
		t.Errorf("%v", err)
	}
}
