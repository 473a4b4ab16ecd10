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

// job is a training, a certification or a sweep, in the foreground or in the background.
type job struct {
	id         int    // from 1 for background jobs; 0 in the foreground
	kind       string // "train", "certify" or "sweep"
	what       string // what it does
	unit       string // what its progress counts
	path       string // file of its results; "" if none
	session    *Session
	background bool

	cancel context.CancelFunc
	done   chan struct{} // closed when the job has ended

	progressMu sync.Mutex            // serialises callbacks, so that none runs after its subscriber left
	listener   func(report.Progress) // may be nil; guarded by progressMu

	mu          sync.Mutex
	now         report.Progress
	err         error
	state       string // report.RunRunning …
	began       time.Time
	ended       time.Time
	endReported bool // a waiter will report the job's end
}

// begin makes a job and its context. A background job has a child of the session's context, a foreground job a child of
// the evaluation's. path is the file of the job's results, or "" if there is none.
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

// name returns the name of the job in messages.
func (j *job) name() string {
	if !j.background {
		return "the " + j.kindName() + " in progress"
	}
	return fmt.Sprintf("run %d", j.id)
}

// description returns what the job does. It changes when the method of a running training is changed.
func (j *job) description() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.what
}

// kindName names the kind of job in messages.
func (j *job) kindName() string {
	switch j.kind {
	case "train":
		return "training"
	case "sweep":
		return j.kind
	}
	return "certification"
}

// progress records the job's progress and passes it to the subscriber.
func (j *job) progress(p report.Progress) {
	p.ID = fmt.Sprintf("%s %d", j.kind, j.id)
	j.progressMu.Lock()
	defer j.progressMu.Unlock()
	j.mu.Lock()
	j.now = p
	j.mu.Unlock()
	if j.listener != nil {
		j.listener(p)
	}
}

// subscribe sends progress to out, beginning with the latest, until unsubscribe is called.
func (j *job) subscribe(out report.Output) (unsubscribe func()) {
	now := func() report.Progress {
		_, p, _, _ := j.status()
		return p
	}
	j.progressMu.Lock()
	defer j.progressMu.Unlock()
	j.listener = out.Progress
	if p := now(); p.ID != "" {
		out.Progress(p)
	}
	return func() {
		j.progressMu.Lock()
		defer j.progressMu.Unlock()
		j.listener = nil
		if p := now(); p.ID != "" {
			p.End = true
			out.Progress(p)
		}
	}
}

// end records the outcome of the job and closes done.
func (j *job) end(state string, err error, statusLine func() string) {
	j.mu.Lock()
	j.state, j.err, j.ended = state, err, time.Now()
	j.mu.Unlock()
	j.cancel()
	j.notifyEnd(statusLine()) // before waiters resume and perhaps exit
	close(j.done)
}

// status returns the state, the latest progress, the time that the job has taken, and the error that ended it.
func (j *job) status() (state string, now report.Progress, took time.Duration, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	took = time.Since(j.began)
	if !j.ended.IsZero() {
		took = j.ended.Sub(j.began)
	}
	return j.state, j.now, took, j.err
}

// running reports whether the job has not ended.
func (j *job) running() bool {
	select {
	case <-j.done:
		return false
	default:
		return true
	}
}

// wait waits until the job has ended and shows its progress. An interrupt ends a foreground job; a background job keeps
// running. live, which may be nil, shows more of the job until it ends.
func (j *job) wait(c *language.Call, live *live) error {
	j.session.clearShown()
	j.setEndReported(true)
	defer j.subscribe(c.Out)()
	defer live.begin(j.done, c.Ctx.Done())()
	select {
	case <-j.done:
		return nil
	case <-c.Ctx.Done():
		if !j.background {
			return j.awaitStop(c)
		}
		if j.setEndReported(false) {
			return fmt.Errorf("%s continues in the background: %w", j.name(), c.Ctx.Err())
		}
		return fmt.Errorf("%s has ended: %w", j.name(), c.Ctx.Err())
	}
}

// maxStepDelay is how long an interrupted evaluation waits for the current step of its job.
const maxStepDelay = time.Second

// awaitStop waits for an interrupted foreground job to save its results and end.
func (j *job) awaitStop(c *language.Call) error {
	select {
	case <-j.done:
		return nil
	case <-time.After(maxStepDelay):
	}
	saved := "it is not saved to a file"
	if j.path != "" {
		saved = "its progress is saved in " + j.path
	}
	return fmt.Errorf("%s ends after its current step; %s: %w", j.name(), saved, c.Ctx.Err())
}

// waitForeground waits for foreground jobs that have outlived their interrupted evaluation.
func (s *Session) waitForeground(ctx context.Context) error {
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

// stop stops the job and waits until it has saved its results.
func (j *job) stop(c *language.Call) error {
	j.session.clearShown()
	j.setEndReported(true)
	j.cancel()
	select {
	case <-j.done:
		return nil
	case <-c.Ctx.Done():
		j.setEndReported(false)
		return fmt.Errorf("%s is stopping: %w", j.name(), c.Ctx.Err())
	}
}

// setEndReported records whether a waiter will report the job's end. It returns false if the job has already ended.
func (j *job) setEndReported(reported bool) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.ended.IsZero() {
		j.endReported = reported
		return true
	}
	return false
}

// notifyEnd sends a notice that a background job has ended, unless a waiter reports it or the session is closing.
func (j *job) notifyEnd(text string) {
	j.mu.Lock()
	reported := j.endReported
	j.mu.Unlock()
	if text != "" && j.background && !reported && j.session.engine.ctx.Err() == nil {
		j.session.notice(text)
	}
}

// unsaved describes in one line what would be lost if the session ended now; "" if nothing.
func (j *job) unsaved() string {
	if !j.running() {
		return ""
	}
	line := fmt.Sprintf("%s (%s) would stop", j.name(), j.description())
	if j.path == "" {
		return line + ", and it is not saved to a file"
	}
	return line + "; the same call resumes from " + j.path
}

// summary returns the job's entry in the table of jobs.
func (j *job) summary() report.Job {
	state, now, took, err := j.status()
	r := report.Job{
		ID:      j.id,
		Kind:    j.kind,
		What:    j.description(),
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

// listJobs implements jobs().
func (s *Session) listJobs(_ *language.Call, _ *struct{}) (starlark.Value, error) {
	return &jobsValue{newReportValue(s.jobsReport()), s}, nil
}

// jobsReport returns the table of jobs.
func (s *Session) jobsReport() report.Jobs {
	s.mu.Lock()
	jobs := slices.Clone(s.jobs)
	s.mu.Unlock()
	var r report.Jobs
	for _, j := range jobs {
		r.Jobs = append(r.Jobs, j.summary())
	}
	return r
}

// jobsValue is the result of jobs().
type jobsValue struct {
	*reportValue
	session *Session
}

// following returns a function that makes the current table, and a channel that is closed when all jobs have ended.
func (v *jobsValue) following() (now func() report.Report, done <-chan struct{}) {
	v.session.mu.Lock()
	jobs := slices.Clone(v.session.jobs)
	v.session.mu.Unlock()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for _, j := range jobs {
			<-j.done
		}
	}()
	return func() report.Report { return v.session.jobsReport() }, ended
}
