package external_test

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"smoothlab/classifier/external"
	"smoothlab/internal/toyserver"
)

func TestMain(m *testing.M) {
	if toyserver.Called() {
		os.Exit(toyserver.Main())
	}
	os.Exit(m.Run())
}

// options returns the options of a toy server for images of 1×2×2 and three classes.
func options(t *testing.T, args ...string) external.Options {
	t.Helper()
	return external.Options{
		Command:  append([]string{toyserver.Link(t, t.TempDir())}, args...),
		Channels: 1, Height: 2, Width: 2, Classes: 3, Restarts: 2,
	}
}

func start(t *testing.T, o external.Options) *external.Process {
	t.Helper()
	p, err := external.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// weights writes the weights of a linear network with 4 inputs and 3 classes, and returns its logits for images.
func weights(t *testing.T) (path string, logits func(x []float32) []float64) {
	t.Helper()
	w := []float32{1, 0, 0, -1, 0, 2, 0.5, 0, -1, 0, 0, 3, 0.25, -0.5, 0}
	path = filepath.Join(t.TempDir(), "weights")
	var b []byte
	for _, v := range w {
		u := math.Float32bits(v)
		b = append(b, byte(u), byte(u>>8), byte(u>>16), byte(u>>24))
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path, func(x []float32) (l []float64) {
		for ; len(x) > 0; x = x[4:] {
			for k := range 3 {
				s := float64(w[12+k])
				for j := range 4 {
					s += float64(x[j]) * float64(w[4*k+j])
				}
				l = append(l, s)
			}
		}
		return l
	}
}

var images = []float32{0.1, 0.9, -0.5, 2, 1, 1, 1, 1, -3, 0.25, 7, 0.5}

// Logits come back in the order of the images, and classes are the largest of them.
func TestClassify(t *testing.T) {
	path, logits := weights(t)
	want := logits(images)
	p := start(t, options(t, "linear", path))
	for range 3 {
		a, err := p.Classify(t.Context(), images)
		if err != nil || a.Classes != nil || len(a.Logits) != len(want) {
			t.Fatalf("%+v, %v", a, err)
		}
		for i, l := range a.Logits {
			if l != float32(want[i]) { // the toy computes in float64 too
				t.Errorf("logit %d is %g, want %g", i, l, want[i])
			}
		}
	}
	q := start(t, options(t, "votes", path))
	a, err := q.Classify(t.Context(), images)
	if err != nil || a.Logits != nil || len(a.Classes) != 3 {
		t.Fatalf("%+v, %v", a, err)
	}
	for i, class := range a.Classes {
		for k := range 3 {
			if want[3*i+k] > want[3*i+int(class)] {
				t.Errorf("image %d has class %d, and class %d has a larger logit", i, class, k)
			}
		}
	}
	if p.Hello().Fingerprint != "toy" || p.Fingerprint() != q.Fingerprint() || len(p.Fingerprint()) != 64 {
		t.Errorf("fingerprints %q, %q", p.Fingerprint(), q.Fingerprint())
	}
	o := options(t)
	o.Height, o.Width = 4, 1
	if other := start(t, o); other.Fingerprint() == p.Fingerprint() {
		t.Error("the fingerprint does not depend on the shape")
	}
	if _, err := p.Classify(t.Context(), images[:5]); err == nil {
		t.Error("a batch of an image and a quarter")
	}
}

// A batch larger than every buffer of the pipes.
func TestLargeBatch(t *testing.T) {
	path, logits := weights(t)
	p := start(t, options(t, "linear", path))
	x := make([]float32, 4*50_000)
	for i := range x {
		x[i] = float32(i%1000) / 500
	}
	a, err := p.Classify(t.Context(), x)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range logits(x) {
		if a.Logits[i] != float32(want) {
			t.Fatalf("logit %d is %g, want %g", i, a.Logits[i], want)
		}
	}
}

// A child that dies, or hangs, is replaced; the answers are the same.
func TestRestarts(t *testing.T) {
	path, logits := weights(t)
	want := logits(images)
	check := func(p *external.Process, batches, restarts int) {
		t.Helper()
		for range batches {
			a, err := p.Classify(t.Context(), images)
			if err != nil {
				t.Fatal(err)
			}
			for i, l := range a.Logits {
				if l != float32(want[i]) {
					t.Errorf("logit %d is %g, want %g", i, l, want[i])
				}
			}
		}
		if p.Restarts() != restarts {
			t.Errorf("%d restarts, want %d", p.Restarts(), restarts)
		}
	}
	check(start(t, options(t, "dies", path)), 7, 3)
	p := start(t, options(t, "linear", path))
	check(p, 1, 0)
	if err := syscall.Kill(p.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	check(p, 1, 1)
	p.Stop()
	if p.PID() != 0 {
		t.Error("a child runs after Stop")
	}
	check(p, 1, 1) // started, not replaced
	o := options(t, "hangs-once", filepath.Join(t.TempDir(), "once"))
	o.Within = 500 * time.Millisecond
	hung := start(t, o)
	if _, err := hung.Classify(t.Context(), images); err != nil || hung.Restarts() != 1 {
		t.Errorf("%d restarts, %v", hung.Restarts(), err)
	}
}

// Every misbehaviour is reported in one sentence that names the command and quotes a bounded part of the standard
// error.
func TestMisbehaviour(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	for _, test := range []struct{ how, want string }{
		{"dies-always", "it ended (exit status 3) while it classified 3 images; its last output: line 994 | line 995 | line 996 | " +
			"line 997 | line 998 | line 999; this batch was sent 3 times"},
		{"hangs", "it did not reply in time, 300ms, while it classified 3 images; this batch was sent 3 times"},
		{"prints", `it begins with "Load"; does the program print to its standard output?`},
		{"short", "LOGI has 32 bytes, expected 36"},
		{"class", "image 2 of the batch has class 3; classes are from 0 to 2"},
		{"nan", "image 2 of the batch has a logit that is not a number"},
		{"stale", "VOTE has number 1, expected 2: a reply answers one request"},
		{"fails", "it reports: CUDA out of memory"},
		{"changes", `it reports fingerprint "another" now, and reported "toy" before`},
	} {
		o := options(t, test.how, file)
		o.Within = 5 * time.Second
		if test.how == "hangs" {
			o.Within = 300 * time.Millisecond
		}
		p := start(t, o)
		_, err := p.Classify(t.Context(), images)
		if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), o.Command[0]) {
			t.Errorf("%s: %v, want …%s", test.how, err, test.want)
		}
	}
}

// A failure at the start is reported at once, without another attempt.
func TestStart(t *testing.T) {
	for _, test := range []struct {
		command []string
		want    string
	}{
		{[]string{"no-such-program-here"}, "no-such-program-here: the program was not found: give its path, or put it on the PATH"},
		{[]string{t.TempDir()}, "it cannot be run"},
		{[]string{"true"}, "it ended (exit status 0) at its start"},
		{[]string{"sh", "-c", "echo broken >&2; exit 4"}, "it ended (exit status 4) at its start; its last output: broken"},
		{[]string{"cat"}, `OPEN has fingerprint ""`},
		{[]string{"echo", "hello, here are some bytes"}, `it begins with "hell"`},
		{options(t, "silent").Command, "it did not reply in time, 300ms, at its start"},
		{options(t, "nameless").Command, `OPEN has fingerprint ""`},
		{options(t, "refuses").Command, "it reports: no network for 3 classes"},
	} {
		o := options(t)
		o.Command, o.StartWithin = test.command, 5*time.Second
		if strings.Contains(test.want, "300ms") {
			o.StartWithin = 300 * time.Millisecond
		}
		if p, err := external.Start(t.Context(), o); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v: %v, %v, want …%s", test.command, p, err, test.want)
		}
	}
	for name, change := range map[string]func(*external.Options){
		"the command must be a program": func(o *external.Options) { o.Command = nil },
		"zero bytes":                    func(o *external.Options) { o.Command = []string{"a\x00"} },
		"the shape must be":             func(o *external.Options) { o.Width = 0 },
		"the shape":                     func(o *external.Options) { o.Channels, o.Height = 1<<20, 1<<20 },
		"classes must be from 2":        func(o *external.Options) { o.Classes = 1 },
		"times must be":                 func(o *external.Options) { o.Within = -1 },
		"restarts must be":              func(o *external.Options) { o.Restarts = -1 },
	} {
		o := options(t)
		change(&o)
		if _, err := external.Start(t.Context(), o); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%v, want …%s", err, name)
		}
	}
}

// A call whose context ends returns within two seconds, and no process of the group is left.
func TestInterrupt(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pid")
	p := start(t, options(t, "family", file))
	ctx, cancel := context.WithCancel(t.Context())
	var began time.Time
	go func() {
		for { // until the grandchild is there
			if data, err := os.ReadFile(file); err == nil && len(data) > 0 {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		began = time.Now()
		cancel()
	}()
	if _, err := p.Classify(ctx, images); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("the call returned %v after the end of its context", took)
	}
	if p.PID() != 0 {
		t.Error("the child runs on")
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	grandchild, err := strconv.Atoi(string(data))
	if err != nil {
		t.Fatal(err)
	}
	for range 100 { // until it is reaped
		if err = syscall.Kill(grandchild, 0); err != nil {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if !errors.Is(err, syscall.ESRCH) && !zombie(grandchild) {
		t.Errorf("the grandchild %d is left: %v", grandchild, err)
	}
}

// zombie reports whether a process has ended and was not reaped, as in a container without an init process.
func zombie(pid int) bool {
	data, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	return err == nil && strings.Contains(string(data), ") Z ")
}

// After Close, and with a context that has ended, nothing is started.
func TestClose(t *testing.T) {
	p := start(t, options(t))
	if err := p.Close(); err != nil || p.PID() != 0 {
		t.Errorf("%v, child %d", err, p.PID())
	}
	if _, err := p.Classify(t.Context(), images); err == nil || !strings.Contains(err.Error(), "it was closed") {
		t.Errorf("after Close: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := external.Start(ctx, options(t)); !errors.Is(err, context.Canceled) {
		t.Errorf("a start without time: %v", err)
	}
}

func TestCommand(t *testing.T) {
	o := options(t, "brightness", "a b", "")
	o.Command[0] = "./" + toyserver.Name
	t.Chdir(filepath.Dir(toyserver.Link(t, t.TempDir())))
	if got := start(t, o).Command(); got != `./toyserver brightness "a b" ""` {
		t.Errorf("the command is %s", got)
	}
}
