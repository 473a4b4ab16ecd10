package session

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"smoothlab/language"
	"smoothlab/report"

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

	telling  sync.Mutex            // held while progress is noted and told, so that it is told in order, and to nobody who has left
	listener func(report.Progress) // of whoever waits; nil for nobody; guarded by telling

	mu    sync.Mutex
	now   report.Progress
	err   error
	state string // report.RunRunning …
	began time.Time
	ended time.Time
	heard bool // its end is told to whoever stopped it or waits for it
}

// begin makes a job and the context that it works in: that of the evaluation that asked for it, or, in the background,
// of the session. path is where it keeps what it does, "" if nowhere.
func (s *Session) begin(c *language.Call, kind, what, unit, path string, background bool) (*job, context.Context) {
	parent := c.Ctx
	if background {
		parent = s.engine.ctx
	}
	ctx, cancel := context.WithCancel(parent)
	j := &job{
		kind:       kind,
		what:       what,
		unit:       unit,
		path:       path,
		session:    s,
		background: background,
		cancel:     cancel,
		done:       make(chan struct{}),
		state:      report.RunRunning,
		began:      time.Now(),
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if background {
		for _, other := range s.jobs {
			j.id = max(j.id, other.id)
		}
		j.id++
		s.jobs = append(s.jobs, j)
	} else {
		s.foreground = slices.DeleteFunc(s.foreground, func(j *job) bool { return !j.running() })
		s.foreground = append(s.foreground, j)
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
	j.telling.Lock()
	defer j.telling.Unlock()
	j.mu.Lock()
	j.now = p
	j.mu.Unlock()
	if j.listener != nil {
		j.listener(p)
	}
}

// listen has progress told to out, beginning with what is known, until over is called.
func (j *job) listen(out report.Output) (over func()) {
	now := func() report.Progress {
		_, p, _, _ := j.status()
		return p
	}
	j.telling.Lock()
	defer j.telling.Unlock()
	j.listener = out.Progress
	if p := now(); p.ID != "" {
		out.Progress(p)
	}
	return func() {
		j.telling.Lock()
		defer j.telling.Unlock()
		j.listener = nil
		if p := now(); p.ID != "" {
			p.End = true
			out.Progress(p)
		}
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

func (j *job) status() (state string, now report.Progress, took time.Duration, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	took = time.Since(j.began)
	if !j.ended.IsZero() {
		took = j.ended.Sub(j.began)
	}
	return j.state, j.now, took, j.err
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
	j.hear(true)
	over := j.listen(c.Out)
	defer over()
	select {
	case <-j.done:
		return nil
	case <-c.Ctx.Done():
		if !j.background {
			return j.stopping(c)
		}
		if j.hear(false) {
			return fmt.Errorf("%s goes on in the background: %w", j.name(), c.Ctx.Err())
		}
		return fmt.Errorf("%s is over: %w", j.name(), c.Ctx.Err())
	}
}

// lastStep is how long an interrupted evaluation waits for the step that its job is in.
const lastStep = time.Second

// stopping waits for a job in the foreground to end, whose context has ended with the evaluation's: it saves what it
// has.
func (j *job) stopping(c *language.Call) error {
	select {
	case <-j.done:
		return nil
	case <-time.After(lastStep):
	}
	kept := "it is kept in no file"
	if j.path != "" {
		kept = "what it has is kept in " + j.path
	}
	return fmt.Errorf("%s ends after the step it is in; %s: %w", j.name(), kept, c.Ctx.Err())
}

// earlier waits for jobs in the foreground whose evaluation has ended before them.
func (s *Session) earlier(ctx context.Context) error {
	s.mu.Lock()
	jobs := slices.Clone(s.foreground)
	s.mu.Unlock()
	for _, j := range jobs {
		select {
		case <-j.done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// halt stops the job and waits until it has kept what it has.
func (j *job) halt(c *language.Call) error {
	j.session.untold()
	j.hear(true)
	j.cancel()
	select {
	case <-j.done:
		return nil
	case <-c.Ctx.Done():
		j.hear(false)
		return fmt.Errorf("%s stops as soon as it can: %w", j.name(), c.Ctx.Err())
	}
}

// hear notes whether somebody is told of the end who stopped the job or waits for it; false if it has ended already.
func (j *job) hear(heard bool) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.ended.IsZero() {
		j.heard = heard
		return true
	}
	return false
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
	state, now, took, err := j.status()
	r := report.Job{
		ID:      j.id,
		Kind:    j.kind,
		What:    j.doing(),
		State:   state,
		Done:    now.Done,
		Total:   now.Total,
		Unit:    j.unit,
		Detail:  now.Detail,
		Seconds: took.Seconds(),
		Path:    j.path,
	}
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
