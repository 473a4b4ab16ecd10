package kernel

import (
	"context"
	"fmt"
	"sync"
	"time"

	"smoothlab/kernel/language"
	"smoothlab/kernel/report"

	"go.starlark.net/starlark"
)

// job is a piece of work that may go on in the background: a training or a certification.
type job struct {
	id         int // from 1, of jobs in the background; 0 in the foreground
	kind, what string
	unit       string
	path       string // of what it keeps; "" if nothing
	session    *Session
	background bool

	cancel context.CancelFunc
	done   chan struct{} // closed when it is over

	mu       sync.Mutex
	now      report.Progress
	err      error
	state    string // report.RunRunning …
	began    time.Time
	ended    time.Time
	listener func(report.Progress) // of whoever waits; nil for nobody
	heard    bool                  // its end is told to whoever stopped it or waits for it
}

// begin makes a job and the context that it works in: that of the evaluation that asked for it, or, in the background, of
// the session.
func (s *Session) begin(c *language.Call, kind, what, unit string, background bool) (*job, context.Context) {
	parent := c.Ctx
	if background {
		parent = s.engine.ctx
	}
	ctx, cancel := context.WithCancel(parent)
	j := &job{kind: kind, what: what, unit: unit, session: s, background: background, cancel: cancel, done: make(chan struct{}),
		state: report.RunRunning, began: time.Now()}
	s.mu.Lock()
	defer s.mu.Unlock()
	if background {
		for _, other := range s.jobs {
			j.id = max(j.id, other.id)
		}
		j.id++
		s.jobs = append(s.jobs, j)
	}
	return j, ctx
}

// name is what messages call the job.
func (j *job) name() string {
	if !j.background {
		return "the " + j.noun() + " in progress"
	}
	return fmt.Sprintf("run %d", j.id)
}

// doing is what the job does: a training's method may be changed while it goes.
func (j *job) doing() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.what
}

func (j *job) noun() string {
	if j.kind == "train" {
		return "training"
	}
	return "certification"
}

// progress notes how far the job is and tells whoever waits for it.
func (j *job) progress(p report.Progress) {
	p.ID = fmt.Sprintf("%s %d", j.kind, j.id)
	j.mu.Lock()
	j.now = p
	listener := j.listener
	j.mu.Unlock()
	if listener != nil {
		listener(p)
	}
}

// end closes the job.
func (j *job) end(state string, err error, epitaph func() string) {
	j.mu.Lock()
	j.state, j.err, j.ended = state, err, time.Now()
	j.mu.Unlock()
	j.cancel()
	j.tell(epitaph()) // before anybody who waits goes on, and perhaps leaves
	close(j.done)
}

func (j *job) status() (state string, now report.Progress, err error, took time.Duration) {
	j.mu.Lock()
	defer j.mu.Unlock()
	took = time.Since(j.began)
	if !j.ended.IsZero() {
		took = j.ended.Sub(j.began)
	}
	return j.state, j.now, j.err, took
}

func (j *job) running() bool {
	select {
	case <-j.done:
		return false
	default:
		return true
	}
}

// await waits until the job is over, showing how far it is. A foreground job ends with the evaluation; one in the
// background goes on when its watcher is interrupted.
func (j *job) await(c *language.Call) error {
	j.session.untold()
	j.mu.Lock()
	j.listener, j.heard = c.Out.Progress, true
	now := j.now
	j.mu.Unlock()
	if now.ID != "" {
		c.Out.Progress(now)
	}
	interrupted := c.Ctx.Done()
	if !j.background {
		interrupted = nil // its own context has ended too; it saves what it has, and then it is over
	}
	var err error
	select {
	case <-j.done:
	case <-interrupted:
		err = c.Ctx.Err()
	}
	j.mu.Lock()
	j.listener = nil
	now = j.now
	j.mu.Unlock()
	if now.ID != "" {
		now.End = true
		c.Out.Progress(now)
	}
	if err != nil {
		j.mu.Lock()
		j.heard = false
		j.mu.Unlock()
		return fmt.Errorf("%s goes on in the background: %w", j.name(), err)
	}
	return nil
}

// halt stops the job and waits until it has kept what it has.
func (j *job) halt(c *language.Call) error {
	j.session.untold()
	j.mu.Lock()
	j.heard = true
	j.mu.Unlock()
	j.cancel()
	select {
	case <-j.done:
		return nil
	case <-c.Ctx.Done():
		return c.Ctx.Err()
	}
}

// tell gives the end of a job in the background as a notice, unless somebody waits for it or the session ends.
func (j *job) tell(text string) {
	j.mu.Lock()
	heard := j.heard
	j.mu.Unlock()
	if text != "" && j.background && !heard && j.session.engine.ctx.Err() == nil {
		j.session.notice(text)
	}
}

// unsaved is a line about what would be lost of the job if the session ended now.
func (j *job) unsaved() string {
	if !j.running() {
		return ""
	}
	line := fmt.Sprintf("%s (%s) would stop", j.name(), j.doing())
	if j.path == "" {
		return line + ", and it is kept in no file"
	}
	return line + "; the same call goes on from " + j.path
}

// listing is the job in the table of jobs.
func (j *job) listing() report.Job {
	state, now, err, took := j.status()
	r := report.Job{ID: j.id, Kind: j.kind, What: j.doing(), State: state, Done: now.Done, Total: now.Total, Unit: j.unit, Detail: now.Detail,
		Seconds: took.Seconds(), Path: j.path}
	if state == report.RunRunning {
		r.Left = float64(now.Left)
	}
	if err != nil && state == report.RunFailed {
		r.Detail = err.Error()
	}
	return r
}

// listJobs is jobs().
func (s *Session) listJobs(_ *language.Call, _ *struct{}) (starlark.Value, error) {
	s.mu.Lock()
	jobs := s.jobs
	s.mu.Unlock()
	var r report.Jobs
	for _, j := range jobs {
		r.Jobs = append(r.Jobs, j.listing())
	}
	return figures(r), nil
}
