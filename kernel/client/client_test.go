package client

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"smoothlab/kernel"
	"smoothlab/kernel/wire"
	"smoothlab/report"
)

// soon is a time limit that is never reached if all is well.
const soon = 20 * time.Second

// runtime gives the test its own runtime directory.
func runtime(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("JUPYTER_RUNTIME_DIR", dir)
	return dir
}

// serve starts a toy kernel in this process, with a connection file of that name.
func serve(t *testing.T, dir, name string, notices <-chan string) string {
	t.Helper()
	c, err := wire.NewConnection()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, name)
	if err := c.Write(path); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ready, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		if _, err := kernel.Serve(
			ctx,
			kernel.Options{
				Evaluator:  &toy{},
				Connection: c,
				Version:    "0.1",
				Notices:    notices,
				Ready:      func() { close(ready) },
				Engine:     func() string { return "xla:cpu" },
			},
		); err != nil {
			t.Error(err)
		}
	}()
	t.Cleanup(func() { stop(); <-ended })
	<-ready
	return path
}

func opened(t *testing.T, o Options) *Session {
	t.Helper()
	s, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func TestEvaluate(t *testing.T) {
	s := opened(t, Options{File: serve(t, runtime(t), "kernel-1.json", nil)})
	for _, c := range []struct{ source, said, value, err string }{
		{"nothing", "", "", ""},
		{"print Größe", "print Größe", "", ""},
		{"value 42", "", "smoothlab.value/1", ""},
		{"shown 42", "show smoothlab.message/1", "shown smoothlab.message/1", ""},
		{"full 42", "show smoothlab.message/1 in full", "", ""},
		{"clear", "clear", "", ""},
		{"progress 80", "progress|end", "", ""},
		{"fail no", "", "", "error: no"},
	} {
		out := newScreen()
		r, err := s.Evaluate(t.Context(), c.source, out)
		value := ""
		if shown, ok := r.(report.Shown); ok {
			value, r = "shown ", shown.Report
		}
		if r != nil {
			value += describe(r)
		}
		message := ""
		if err != nil {
			message = err.Error()
		}
		if said := out.all(); said != c.said || value != c.value || message != c.err {
			t.Errorf("%q: says %q, gives %q, %q", c.source, said, value, message)
		}
	}
	_, err := s.Evaluate(t.Context(), "fail no", nil)
	var e *report.Error
	if !errors.As(err, &e) || len(e.Trace) != 1 {
		t.Errorf("the error is %#v", err)
	}
}

func TestEval(t *testing.T) {
	s := opened(t, Options{File: serve(t, runtime(t), "kernel-1.json", nil), Output: silent{}})
	v, err := Eval[*report.Value](t.Context(), s, "value 42")
	if err != nil || v.Repr != "42" || v.Data != "42" {
		t.Errorf("%+v, %v", v, err)
	}
	if m := MustEval[report.Message](s, "shown it"); m.Text != "it" {
		t.Errorf("%+v", m)
	}
	for source, want := range map[string]string{
		"value 42": "this is a smoothlab.value/1; expected a smoothlab.certificates/1",
		"nothing":  "has no value",
		"fail no":  "error: no",
	} {
		if _, err := Eval[report.Certificates](
			t.Context(),
			s,
			source,
		); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, expected %s", source, err, want)
		}
	}
	defer func() {
		if p := recover(); p == nil {
			t.Error("MustEval does not panic")
		}
	}()
	MustEval[*report.Value](s, "fail no")
}

func TestAnswersAtOnce(t *testing.T) {
	s := opened(t, Options{File: serve(t, runtime(t), "kernel-abcd.json", nil)})
	busy, stop := context.WithCancel(t.Context())
	out := newScreen()
	ended := make(chan error)
	go func() { _, err := s.Evaluate(busy, "wait", out); ended <- err }()
	<-out.said // it waits, and the rest is answered meanwhile
	if c := s.Complete(
		"pr",
		2,
	); len(c.Items) != 4 || c.Items[0] != (report.Item{Text: "print", Kind: "function", Help: "says something"}) ||
		c.End != 2 {
		t.Errorf("%+v", c)
	}
	if r, ok := s.Inspect("print", 1); !ok || r.(report.Help).Name != "print" {
		t.Errorf("%v, %v", r, ok)
	}
	if _, ok := s.Inspect("else", 1); ok {
		t.Error("else is explained")
	}
	if c, indent := s.IsComplete("if x:"); c != report.Incomplete || indent != "    " {
		t.Errorf("%v, %q", c, indent)
	}
	if got, want := s.String(), "session abcd · smoothlab 0.1 · xla:cpu · values: k"; got != want {
		t.Errorf("%s, expected %s", got, want)
	}
	stop()
	var e *report.Error
	if err := <-ended; !errors.As(err, &e) || e.Name != report.Interrupted || e.Message != "stopped after update 7" {
		t.Errorf("%v", err)
	}
}

// Each client receives its own output; an interrupt while a cell waits for its turn ends only that cell.
func TestTwoClients(t *testing.T) {
	path := serve(t, runtime(t), "kernel-1.json", nil)
	a, b := opened(t, Options{File: path}), opened(t, Options{File: path})
	var wg sync.WaitGroup
	outs := []*screen{newScreen(), newScreen()}
	for i, s := range []*Session{a, b} {
		wg.Go(func() {
			for range 20 {
				s.Evaluate(t.Context(), "print "+[]string{"a", "b"}[i], outs[i])
			}
		})
	}
	wg.Wait()
	for i, name := range []string{"a", "b"} {
		if got, want := outs[i].all(), strings.TrimSuffix(strings.Repeat("print "+name+"|", 20), "|"); got != want {
			t.Errorf("%s hears %s", name, got)
		}
	}
	first, stopFirst := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { _, err := a.Evaluate(first, "wait", outs[0]); ended <- err }()
	<-outs[0].said
	second, stopSecond := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stopSecond()
	if _, err := b.Evaluate(second, "print never", outs[1]); err == nil {
		t.Error("a cell that was stopped before its turn was run")
	}
	select {
	case err := <-ended:
		t.Errorf("the other's cell has ended: %v", err)
	default:
	}
	stopFirst()
	<-ended
	b.Evaluate(t.Context(), "print last", outs[1])
	if got := outs[1].all(); got != "print last" {
		t.Errorf("b hears %s", got)
	}
}

func TestAsking(t *testing.T) {
	s := opened(t, Options{File: serve(t, runtime(t), "kernel-1.json", nil)})
	out := newScreen()
	out.answer = "me"
	r, err := s.Evaluate(t.Context(), "secret who?", out)
	if err != nil || r.(*report.Value).Repr != "me" || <-out.question != "who?true" {
		t.Errorf("%v, %v", r, err)
	}
	if _, err := s.Evaluate(
		t.Context(),
		"secret who?",
		silent{},
	); err == nil ||
		!strings.Contains(err.Error(), "does not accept input") {
		t.Errorf("nobody to ask: %v", err)
	}
	out.answer = "nobody"
	if _, err := s.Evaluate(t.Context(), "secret who?", out); err == nil || <-out.question == "" {
		t.Error("a question that could not be asked has an answer")
	}
	out.answer = ""
	ctx, stop := context.WithCancel(t.Context())
	go func() { <-out.question; stop() }()
	if _, err := s.Evaluate(ctx, "ask again?", out); err == nil {
		t.Error("an interrupt did not end the question")
	}
}

func TestNotices(t *testing.T) {
	notices, heard := make(chan string), make(chan string, 1)
	opened(
		t,
		Options{File: serve(t, runtime(t), "kernel-1.json", notices), Notice: func(text string) { heard <- text }},
	)
	notices <- "run 1 is finished\n"
	select {
	case got := <-heard:
		if got != "run 1 is finished\n" {
			t.Errorf("%q", got)
		}
	case <-time.After(soon):
		t.Error("nothing is heard")
	}
}

// The newest kernel that answers is taken; files of kernels that have ended are ignored, and our own are removed. A
// started kernel outlives its client, is found by the next one, and ends on request. If several clients find no kernel
// at the same time, one starts it. When a kernel dies, every waiting client gets an error with the last lines of its
// log. A kernel that cannot start gives the reason. A cell shows the kernel's output through gonbui, and its interrupt
// interrupts the kernel, well within GoNB's five seconds. gonb is the other end of gonbui's pipes.

// While a cell waits for another front end's cell, it shows that cell's progress.
func TestProgressOfOthers(t *testing.T) {
	path := serve(t, runtime(t), "kernel-1.json", nil)
	first, second := opened(t, Options{File: path}), opened(t, Options{File: path})
	busy := newScreen()
	over := make(chan struct{})
	go func() {
		defer close(over)
		if _, err := first.Evaluate(t.Context(), "progress 300", busy); err != nil {
			t.Error(err)
		}
	}()
	select {
	case <-busy.said:
	case <-time.After(soon):
		t.Fatal("the first cell shows no progress")
	}
	waiting := newScreen()
	if _, err := second.Evaluate(t.Context(), "print mine", waiting); err != nil {
		t.Fatal(err)
	}
	<-over
	if said := waiting.all(); said != "progress|end|print mine" {
		t.Errorf("it shows %s", said)
	}
}

// While the cell that it waits for reports no progress, a message says that it waits.
func TestWaitForOthers(t *testing.T) {
	path := serve(t, runtime(t), "kernel-1.json", nil)
	first, second := opened(t, Options{File: path}), opened(t, Options{File: path})
	busy, waiting := newScreen(), newScreen()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { _, err := first.Evaluate(ctx, "wait", busy); ended <- err }()
	<-busy.said
	printed := make(chan error, 1)
	go func() { _, err := second.Evaluate(t.Context(), "print mine", waiting); printed <- err }()
	select {
	case said := <-waiting.said:
		if said != "progress" {
			t.Errorf("it shows %s", said)
		}
	case <-time.After(soon):
		t.Error("nothing says that the cell waits")
	}
	stop()
	<-ended
	if err := <-printed; err != nil {
		t.Error(err)
	}
	if said := waiting.all(); said != "end|print mine" {
		t.Errorf("then it shows %s", said)
	}
}
