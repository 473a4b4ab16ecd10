package smoothmix

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/engine"
	"smoothlab/internal/lockfile"
)

// Job is a training to be done.
type Job struct {
	Engine   *engine.Engine
	Start    *classifier.Classifier // initial weights; it is not changed
	Data     *dataset.Dataset       // training images
	Test     *dataset.Dataset       // images for the noisy accuracy after each epoch; nil for none
	Method   Method
	Settings Settings
	// Out is the checkpoint's path, ".safetensors" being added where it is missing; empty keeps nothing. It makes the
	// job repeatable: finished with the same settings, it is loaded; unfinished, continued; other settings are refused.
	Out string
	// SaveEvery is the longest time between checkpoints; 0 means five minutes. There is one after each epoch too, and
	// one when the run stops, for whatever reason.
	SaveEvery time.Duration
	// Progress is told after every step, in the goroutine of the training; nil for nobody.
	Progress func(Progress, Control)
}

// Control is what may be done with a run from within Progress.
type Control interface {
	// Set changes settings of the method from the next step on, without recompiling.
	Set(Method) error
	// Classifier copies the weights as they are now.
	Classifier() (*classifier.Classifier, error)
}

// Progress says how far a run is.
type Progress struct {
	Epoch, Epochs   int
	Update, Updates int
	LR              float64
	Loss            float64 // means over the epoch so far
	Terms           []Mean
	Rate            float64 // updates a second since the run was started or continued
	Elapsed, Left   time.Duration
	Done            *Epoch // the epoch that has just ended; nil between
}

// Run is a training that has stopped or finished.
type Run struct {
	Classifier *classifier.Classifier
	History    []Epoch
	Changes    []Change
	Update     int // optimizer steps taken
	Updates    int // of the whole run
	Path       string
	Loaded     bool // it was finished before
}

// Finished tells whether all updates were taken.
func (r *Run) Finished() bool { return r.Update == r.Updates }

// Train does a job. When ctx is cancelled, or a step fails, it stops at the last good step, saves, and returns the run
// together with the error, so that nothing is lost; the same job then goes on from there. Cancellation is looked at
// between steps.
func Train(ctx context.Context, job Job) (*Run, error) {
	if err := job.check(); err != nil {
		return nil, err
	}
	now := identity(job.Start, job.Data, job.Method, job.Settings)
	if job.Out == "" {
		return run(ctx, &job, nil, state{Identity: now})
	}
	unlock, err := job.claim()
	if err != nil {
		return nil, err
	}
	defer unlock()
	_, err = os.Stat(job.Out)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return run(ctx, &job, nil, state{Identity: now})
	case err != nil:
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	ck, err := classifier.Load(job.Out)
	if err != nil {
		return nil, err
	}
	st, err := readState(job.Out, ck)
	if err != nil {
		return nil, err
	}
	if err := sameRun(job.Out, st.Identity, now); err != nil {
		return nil, err
	}
	if err := st.check(job.Settings.Epochs, len(job.Settings.spans(job.Method, job.Data.Len()))); err != nil {
		return nil, fmt.Errorf("%s: its training state is damaged: %w", job.Out, err)
	}
	return run(ctx, &job, ck, st)
}

func (job *Job) check() error {
	if job.Data.Len() == 0 {
		return errors.New("there are no images to train on")
	}
	for _, d := range []*dataset.Dataset{job.Data, job.Test} {
		if d == nil {
			continue
		}
		shape := classifier.Shape{Height: d.Height, Width: d.Width, Channels: d.Channels}
		if err := job.Start.Fits(shape, len(d.Classes)); err != nil {
			return err
		}
		for i, y := range d.Labels {
			if int(y) >= len(d.Classes) {
				return fmt.Errorf("image %d has label %d of %d classes", d.Indices[i], y, len(d.Classes))
			}
		}
	}
	if err := job.Settings.Check(job.Method, job.Data.Len()); err != nil {
		return err
	}
	if job.SaveEvery == 0 {
		job.SaveEvery = 5 * time.Minute
	}
	if job.Out != "" && !strings.HasSuffix(job.Out, ".safetensors") {
		job.Out += ".safetensors"
	}
	return nil
}

// claim makes the folder and keeps a second process from writing the same file.
func (job *Job) claim() (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(job.Out), 0o755); err != nil {
		return nil, fmt.Errorf("the checkpoint cannot be written: %w", err)
	}
	unlock, err = lockfile.Try(job.Out)
	if errors.Is(err, lockfile.ErrHeld) {
		return nil, fmt.Errorf("%s is being trained by another process: wait for it, or name another file", job.Out)
	}
	if err != nil {
		return nil, fmt.Errorf("the checkpoint cannot be written: %w", err)
	}
	return unlock, nil
}

// run trains from a checkpoint, or from the start if there is none.
func run(ctx context.Context, job *Job, ck *classifier.Checkpoint, st state) (r *Run, err error) {
	t, err := newTrainer(job, ck, st)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, t.free()) }()
	loaded := t.finished()
	keep := func() error { return nil }
	if job.Out != "" && !loaded {
		keep = func() error { return save(t, job.Out) }
		if err := keep(); err != nil { // before any work: the path can be written
			return nil, err
		}
	}
	stopped := t.loop(ctx, job, keep)
	if stopped != nil {
		stopped = errors.Join(describe(stopped, t, job), keep())
	}
	c, err := t.Classifier()
	if err != nil {
		return nil, errors.Join(stopped, err)
	}
	return &Run{Classifier: c, History: t.state.History, Changes: t.state.Changes, Update: t.state.Update, Updates: t.updates(),
		Path: job.Out, Loaded: loaded}, stopped
}

// loop takes steps until the run is finished, ctx ends, or a step fails.
func (t *trainer) loop(ctx context.Context, job *Job, keep func() error) error {
	begun, first, saved := time.Now(), t.state.Update, time.Now()
	for !t.finished() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if t.state.At < len(t.spans) { // an epoch may have been interrupted in its test
			if err := t.step(ctx); err != nil {
				return err
			}
		}
		var done *Epoch
		if t.state.At == len(t.spans) {
			if err := t.endEpoch(ctx); err != nil {
				return err
			}
			done = &t.state.History[len(t.state.History)-1]
		}
		if done != nil || time.Since(saved) > job.SaveEvery {
			if err := keep(); err != nil {
				return err
			}
			saved = time.Now()
		}
		if job.Progress != nil {
			job.Progress(t.progress(time.Since(begun), t.state.Update-first, done), t)
		}
	}
	return nil
}

// describe makes one sentence of why a run stopped early.
func describe(err error, t *trainer, job *Job) error {
	where := fmt.Sprintf("stopped after update %d of %d", t.state.Update, t.updates())
	if job.Out != "" {
		where += ", kept in " + job.Out
	}
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%s; the same training goes on from there: %w", where, err)
	case errors.Is(err, ErrNotFinite):
		return fmt.Errorf("%s, the last good state: %w; a smaller lr (now %g) usually helps", where, err, t.state.Settings.Rate(t.state.Epoch))
	}
	return fmt.Errorf("%s, the last good state: %w", where, err)
}

func (t *trainer) progress(elapsed time.Duration, steps int, done *Epoch) Progress {
	st := &t.state
	p := Progress{Epoch: st.Epoch, Epochs: st.Settings.Epochs, Update: st.Update, Updates: t.updates(),
		LR: st.Settings.Rate(st.Epoch), Elapsed: elapsed, Done: done}
	p.Loss, p.Terms = t.means()
	if done != nil {
		p.Epoch, p.LR, p.Loss, p.Terms = done.Epoch, done.LR, done.Loss, done.Terms
	}
	if elapsed > 0 && steps > 0 {
		p.Rate = float64(steps) / elapsed.Seconds()
		p.Left = time.Duration(float64(p.Updates-p.Update) / p.Rate * float64(time.Second))
	}
	return p
}

// Classifier makes the trainer, with Set, a Control.
func (t *trainer) Classifier() (*classifier.Classifier, error) {
	ck, err := t.snapshot()
	if err != nil {
		return nil, err
	}
	return ck.Classifier, nil
}

func save(t *trainer, path string) error {
	ck, err := t.snapshot()
	if err != nil {
		return err
	}
	return ck.Save(path)
}
