package session_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"smoothlab/report"
)

// soon is a time limit that is never reached if all is well.
const soon = 10 * time.Second

// endless starts an item that only an interrupt ends, waits until it runs, and returns its error.
func endless(
	t *testing.T,
	evaluate func(context.Context, string, report.Output) (report.Report, error),
) (cancel context.CancelFunc, ended <-chan error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	begun, result := make(chan struct{}), make(chan error, 1)
	go func() {
		_, err := evaluate(ctx, "show(1)\nwhile True:\n    pass", &tells{on: begun})
		result <- err
	}()
	select {
	case <-begun:
	case <-time.After(soon):
		t.Fatal("the item does not begin")
	}
	return cancel, result
}

// tells is an output that signals when something is shown.
type tells struct {
	screen
	on chan struct{}
}

func (o *tells) Show(report.Report) { close(o.on) }

// wantInterrupted checks that something ends soon, and that it was interrupted.
func wantInterrupted(t *testing.T, what string, ended <-chan error) {
	t.Helper()
	select {
	case err := <-ended:
		var e *report.Error
		if !errors.As(err, &e) || e.Name != report.Interrupted {
			t.Errorf("%s ends with %v, expected an interrupt", what, err)
		}
	case <-time.After(soon):
		t.Fatalf("%s does not end", what)
	}
}

// An item that waits for its turn can be interrupted like a running one.
func TestInterruptedInTheQueue(t *testing.T) {
	s := newSession(t, nil)
	cancel, first := endless(t, s.Evaluate)
	ctx, leave := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer leave()
	waiting := make(chan error, 1)
	go func() {
		_, err := s.Evaluate(ctx, "1", new(screen))
		waiting <- err
	}()
	wantInterrupted(t, "what waits", waiting)
	cancel()
	wantInterrupted(t, "what runs", first)
	if got := evaluate(t, s, "1 + 1"); got != "2\n" {
		t.Errorf("afterwards: %s", got)
	}
}

// Close interrupts the running evaluation and the waiting ones, and returns when they have ended; nothing is evaluated
// afterwards.
func TestCloseEndsEvaluations(t *testing.T) {
	s := newSession(t, nil)
	_, first := endless(t, s.Evaluate)
	waiting := make(chan error, 1)
	go func() {
		_, err := s.EvaluateFile(context.Background(), "a file", "1", new(screen))
		waiting <- err
	}()
	closed := make(chan error, 1)
	go func() { s.Close(); closed <- nil }()
	select {
	case <-closed:
	case <-time.After(soon):
		t.Fatal("Close does not return")
	}
	wantInterrupted(t, "what ran", first)
	wantInterrupted(t, "what waited", waiting)
	if _, err := s.Evaluate(
		context.Background(),
		"1",
		new(screen),
	); err == nil ||
		err.Error() != "interrupted: the session is closed" {
		t.Errorf("after Close: %v", err)
	}
	s.Close() // a second Close is harmless
}

// slow is an output whose progress takes a while to show.
type slow struct {
	screen
	inside atomic.Int32
	then   func()
}

func (s *slow) Progress(p report.Progress) {
	s.inside.Add(1)
	defer s.inside.Add(-1)
	if p.Done >= 2 && !p.End {
		s.then()
		time.Sleep(50 * time.Millisecond)
	}
}

// When an item that waits for a run ends, the run no longer uses its output: nothing is shown after the end.
func TestNoProgressAfterTheEnd(t *testing.T) {
	s := newSession(t, nil)
	evaluate(t, s, begin)
	evaluate(t, s, `r = train(c, d, m, epochs=400, batch=64, seed=1, test=t, background=True)`)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out := &slow{then: cancel}
	if _, err := s.Evaluate(ctx, "r.wait()", out); err == nil {
		t.Error("the watching was not interrupted")
	}
	if n := out.inside.Load(); n != 0 {
		t.Errorf("%d reports of progress are under way after the item's end", n)
	}
	evaluate(t, s, "r.stop()")
}
