package session

import (
	"time"

	"smoothlab/language"
	"smoothlab/report"

	"go.starlark.net/starlark"
)

// liveAfter is how long a training runs, from its first step on, before it draws itself: a short one needs no curve
// that grows.
const liveAfter = 300 * time.Millisecond

// changing is a value that changes while work is in progress.
type changing interface {
	starlark.Value
	// following returns the value's report at any time, and a channel that is closed when it changes no more.
	following() (now func() report.Report, done <-chan struct{})
}

func (r *run) following() (now func() report.Report, done <-chan struct{}) { return r.Report, r.done }

// followed shows a value that changes on an output that can replace it, and reports whether it has.
func (s *Session) followed(v starlark.Value, out report.Output) bool {
	what, ok := v.(changing)
	if !ok {
		return false
	}
	front, ok := report.Find[report.Follower](out)
	if !ok {
		return false
	}
	now, done := what.following()
	select {
	case <-done: // it changes no more
		return false
	default:
	}
	front.Follow(now, done)
	return true
}

// follow is followed for a value that the evaluation is not to show again.
func (s *Session) follow(c *language.Call, v changing) bool {
	if !s.followed(v, c.Out) {
		return false
	}
	s.setShown(v)
	return true
}

// live shows a run while an evaluation waits for it.
type live struct {
	run   *run
	front report.Follower
}

// live returns what shows the run in the evaluation c, or nil if its output cannot replace what it shows.
func (r *run) live(c *language.Call) *live {
	front, ok := report.Find[report.Follower](c.Out)
	if !ok {
		return nil
	}
	return &live{r, front}
}

// begin shows the run once it is past its beginning. The returned function waits until its end is shown.
func (l *live) begin(done, stopped <-chan struct{}) (end func()) {
	if l == nil {
		return func() {}
	}
	over := make(chan struct{})
	go func() {
		defer close(over)
		select {
		case <-l.run.started:
		case <-done:
			return
		case <-stopped:
			return
		}
		select {
		case <-time.After(liveAfter):
		case <-done:
			return
		case <-stopped:
			return
		}
		last := l.front.Follow(l.run.Report, l.run.done)
		l.run.session.setShown(l.run)
		select {
		case <-done:
			last()
		case <-stopped:
		}
	}()
	return func() { <-over }
}
