package session_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"smoothlab/internal/testengine"
	"smoothlab/report"
)

// movable is a front end whose controls a test can move.
type movable struct {
	screen
	panel report.Panel
}

func (m *movable) Interact(ctx context.Context, p report.Panel) error {
	m.panel = p
	return p.Draw(ctx, p.First(), &m.screen)
}

// moveTo draws at some positions and returns the output.
func (m *movable) moveTo(ctx context.Context, at ...float64) (string, error) {
	m.take()
	err := m.panel.Draw(ctx, at, &m.screen)
	return m.take(), err
}

const someClassifier = `
d, t = dataset("mnist-mini", split="train")[:512], dataset("mnist-mini")
c = classifier("linear", d, seed=1)
`

// explore() shows the same points as a walk by hand, for any order of moves, and compiles nothing.
func TestExploreIsAWalk(t *testing.T) {
	s := newSession(t, nil)
	evaluate(t, s, someClassifier)
	front := &movable{}
	if _, err := s.Evaluate(t.Context(), `explore(c, t[:10], smoothmix(sigma=0.5, m=2, steps=2, alpha=0.5), seed=3)`, front); err != nil {
		t.Fatal(err)
	}
	compiled, calls := testengine.Open(t).Counts()
	for _, c := range []struct {
		at   []float64
		walk string
	}{
		{[]float64{0, 3, 0.5, 0.5}, `walk(c, t[0], smoothmix(sigma=0.5, m=2, alpha=0.5), seed=3).search(3)`}, // one step more
		{[]float64{0, 2, 0.5, 0.5}, `walk(c, t[0], smoothmix(sigma=0.5, m=2, alpha=0.5), seed=3).search(2)`},
		{[]float64{0, 2, 0.5, 0.8}, `walk(c, t[0], smoothmix(sigma=0.5, m=2, alpha=0.8), seed=3).search(2)`},
		{[]float64{0, 4, 0.26, 0.8}, `walk(c, t[0], smoothmix(sigma=0.26, m=2, alpha=0.8), seed=3).search(4)`},
		{[]float64{7, 4, 0.26, 0.8}, `walk(c, t[7], smoothmix(sigma=0.26, m=2, alpha=0.8), seed=3).search(4)`},
		{[]float64{7, 1, 1, 0.02}, `walk(c, t[7], smoothmix(sigma=1.0, m=2, alpha=0.02), seed=3).search(1)`},
	} {
		got, err := front.moveTo(t.Context(), c.at...)
		if err != nil {
			t.Fatal(err)
		}
		if now, used := testengine.Open(t).Counts(); now != compiled || used == calls {
			t.Errorf("%v: %d programs were compiled, %d calls", c.at, now-compiled, used-calls)
		}
		want := evaluate(t, s, "show("+c.walk+")")
		if got != want || !strings.Contains(got, "p̄(label)") {
			t.Errorf("%v gives\n%s\nthe walk\n%s", c.at, got, want)
		}
		compiled, calls = testengine.Open(t).Counts()
	}
}

// A control that moves after the cell has ended calls the function again, with the current variables. Errors appear in
// the drawing, and an interrupt ends the call.
func TestInteractAfterTheCell(t *testing.T) {
	s := newSession(t, nil)
	front := &movable{}
	source := `
factor = 2
def f(x, slow=False):
    print("called")
    while slow: pass
    return factor * x if x < 9 else fail("too large")
interact(f, x=(0, 10), slow=False)
`
	if _, err := s.Evaluate(t.Context(), source, front); err != nil || front.take() != "called\n10\n" {
		t.Fatalf("the cell gives %v", err)
	}
	evaluate(t, s, "factor = 3")
	if got, err := front.moveTo(t.Context(), 7, 0); err != nil || got != "called\n21\n" {
		t.Errorf("the moved control gives %q, %v", got, err)
	}
	var e *report.Error
	if _, err := front.moveTo(t.Context(), 9, 0); !errors.As(err, &e) || e.Message != "fail: too large" {
		t.Errorf("the error is %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := front.moveTo(ctx, 1, 1); !errors.As(err, &e) || e.Name != report.Interrupted {
		t.Errorf("the interrupted drawing gives %v", err)
	}
	if got := evaluate(t, s, "factor"); got != "3\n" {
		t.Errorf("afterwards factor is %s", got)
	}
	s.Close()
	if _, err := front.moveTo(t.Context(), 1, 0); !errors.As(err, &e) || e.Message != "the session is closed" {
		t.Errorf("after the session: %v", err)
	}
}

// A drawing waits for the evaluation in progress.
func TestDrawingsTakeTurns(t *testing.T) {
	s := newSession(t, nil)
	front := &movable{}
	if _, err := s.Evaluate(t.Context(), "n = 1\ninteract(lambda x: n, x=(0, 1))", front); err != nil {
		t.Fatal(err)
	}
	busy := make(chan struct{})
	out := &watched{on: func(report.Progress) bool { return false }}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer close(busy)
		_, _ = s.Evaluate(ctx, "n = 2\nwhile True: pass", out) // it is interrupted
	}()
	for evaluating := false; !evaluating; time.Sleep(time.Millisecond) {
		_, evaluating = s.Inspect("n", 1)
		evaluating = evaluating && ctx.Err() == nil
	}
	waiting, stop := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer stop()
	if _, err := front.moveTo(waiting, 1); err == nil {
		t.Error("it draws during an evaluation")
	}
	cancel()
	<-busy
	if got, err := front.moveTo(t.Context(), 1); err != nil || got != "2\n" {
		t.Errorf("it gives %q, %v", got, err)
	}
}
