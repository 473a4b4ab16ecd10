package session_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"smoothlab/report"
)

// following is a front end that can replace its output.
type following struct {
	watched
	mu   sync.Mutex
	list []*followed
}

type followed struct {
	now  func() report.Report
	done <-chan struct{}
}

func (f *following) Follow(now func() report.Report, done <-chan struct{}) (last func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = append(f.list, &followed{now, done})
	return func() { <-done }
}

func (f *following) all() []*followed {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.list
}

// A training shows its curves while it runs. After Ctrl-C, r is the interrupted run.
func TestLiveTraining(t *testing.T) {
	s := newSession(t, nil)
	evaluate(t, s, someClassifier)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	front := &following{}
	front.on = func(report.Progress) bool { return len(front.all()) > 0 }
	front.then = func() { time.AfterFunc(100*time.Millisecond, cancel) }
	line := `r = train(c, d, smoothmix(sigma=0.5, m=2, steps=2), epochs=4000, batch=64, seed=1, test=d[:50])`
	if _, err := s.Evaluate(ctx, line, front); err == nil {
		t.Fatal("it ends")
	}
	list := front.all()
	if len(list) != 1 {
		t.Fatalf("%d reports are followed", len(list))
	}
	<-list[0].done
	r := list[0].now().(report.Run)
	if r.State != report.RunStopped || len(r.Points) < 2 || r.Points[0].Update != 1 || r.Points[0].Terms[0].Name != "cross-entropy" {
		t.Errorf("the run is %+v", r)
	}
	if page := report.HTML(r); strings.Count(page, "<svg") < 1 {
		t.Errorf("no curve in %s", page)
	}
	if got := evaluate(t, s, "r.state, r.update > 1, r.method.steps, len(r.history.history) >= 0"); got != `("stopped", True, 2, True)`+"\n" {
		t.Errorf("r is %s", got)
	}
	if got := evaluate(t, s, "r"); !strings.HasPrefix(got, "run 0 stopped after update ") {
		t.Errorf("r is %s", got)
	}
}

// A background run and the table of jobs are updated until they end, and shown once.
func TestLiveBackground(t *testing.T) {
	s := newSession(t, nil)
	evaluate(t, s, someClassifier)
	front := &following{}
	front.on = func(report.Progress) bool { return false }
	shown := func(source string) {
		t.Helper()
		r, err := s.Evaluate(t.Context(), source, front)
		if _, ok := r.(report.Shown); err != nil || !ok {
			t.Errorf("%s gives %T, %v", source, r, err)
		}
	}
	shown(`train(c, d, gaussian(sigma=0.5), epochs=100000, batch=64, seed=1, test=d[:0], background=True)`)
	shown("jobs()")
	shown("_")
	if n := len(front.all()); n != 3 {
		t.Fatalf("%d reports are followed", n)
	}
	evaluate(t, s, "x = jobs()")
	if got := evaluate(t, s, "len(jobs().jobs)"); got != "1\n" {
		t.Errorf("there are %s jobs", got)
	}
	jobs := front.all()[1]
	if state := jobs.now().(report.Jobs).Jobs[0].State; state != report.RunRunning {
		t.Errorf("the job is %s", state)
	}
	evaluate(t, s, "p = train(c.copy(), d, gaussian(sigma=0.5), epochs=1, batch=64, seed=1, test=d[:0], background=True).wait()")
	go s.Close()
	select {
	case <-jobs.done:
	case <-time.After(20 * time.Second):
		t.Fatal("the table does not end")
	}
	if state := jobs.now().(report.Jobs).Jobs[0].State; state != report.RunStopped {
		t.Errorf("the job is %s", state)
	}
	if out := front.take(); strings.Contains(out, "run 1") {
		t.Errorf("shown again: %s", out)
	}
}
