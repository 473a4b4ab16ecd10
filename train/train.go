package train

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/engine"
	"smoothlab/internal/atomicfile"
	"smoothlab/internal/lockfile"
	"smoothlab/internal/stepgraph"
	"smoothlab/method"
)

// Job is a training to be done.
type Job struct {
	Engine   *engine.Engine
	Start    *classifier.Classifier // initial weights; it is not changed
	Data     *dataset.Dataset       // training images
	Test     *dataset.Dataset       // images for the noisy accuracy after each epoch; nil for none
	Method   method.Method
	Settings Settings
	// Devices is how many devices share the images of a step, from the first on; 0 means one. The result is that of
	// one, up to the last bits. A run may be gone on with on another number of them, which is then among its changes:
	// it ends some 1e-6 from where it would have ended, not at the same bits.
	Devices int
	// Out is the checkpoint's path, ".safetensors" being added where it is missing; empty keeps nothing. It makes the
	// job repeatable: finished with the same settings, it is loaded; unfinished, continued; other settings are refused.
	Out string
	// SaveEvery is the longest time between checkpoints; 0 means five minutes. There is one after each epoch too, and
	// one when the run stops, for whatever reason.
	SaveEvery time.Duration
	// Progress is told before the first step and after every one, in the goroutine of the training, which goes on when
	// it returns; nil for nobody. The first step compiles, which takes some seconds. A loaded run has nothing to tell.
	Progress func(Progress, Control)
}

// Control is what may be done with a run from within Progress.
type Control interface {
	// Set changes settings of the method from the next step on, without recompiling. After the last step it returns
	// ErrFinished.
	Set(method.Method) error
	// Classifier copies the weights as they are now.
	Classifier() (*classifier.Classifier, error)
	// Method is the method as the next step takes it: a run that is gone on with keeps what was changed before.
	Method() method.Method
	// Changes are all changes of its settings so far.
	Changes() []Change
}

// Progress says how far a run is.
type Progress struct {
	Epoch, Epochs   int
	Update, Updates int
	Devices         int // that share the images of an update
	LR              float64
	Loss            float64 // means over the epoch so far
	Terms           []Mean
	Rate            float64       // updates a second, without those that something was compiled for; 0 while unknown
	Elapsed, Left   time.Duration // since the run was started or continued, and until it ends; Left is 0 while unknown
	Done            *Epoch        // the epoch that has just ended; nil between
}

// Run is a training that has stopped or finished.
type Run struct {
	Classifier *classifier.Classifier
	History    []Epoch
	Changes    []Change
	Update     int // optimizer steps taken
	Updates    int // of the whole run
	Devices    int // that shared its steps, in the end
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
	ck, st, err := job.resume(now)
	if err != nil {
		return nil, err
	}
	if ck != nil &&
		st.Epoch == job.Settings.Epochs { // finished: nothing is written, so a folder that cannot be written to serves
		return run(ctx, &job, ck, st)
	}
	unlock, err := job.claim()
	if err != nil {
		return nil, err
	}
	defer unlock()
	if ck, st, err = job.resume(now); err != nil { // again, for whoever had the lock may have gone on
		return nil, err
	}
	return run(ctx, &job, ck, st)
}

// resume reads the checkpoint that the job goes on from; nil if there is none.
func (job *Job) resume(now []Setting) (*classifier.Checkpoint, state, error) {
	fresh := state{Identity: now}
	if _, err := os.Stat(job.Out); errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil, fresh, nil // claim says what is wrong with the folder
	}
	ck, err := classifier.Load(job.Out)
	if err != nil {
		return nil, fresh, err
	}
	st, err := readState(job.Out, ck)
	if err != nil {
		return nil, fresh, err
	}
	if err := sameRun(job.Out, st.Identity, now); err != nil {
		return nil, fresh, err
	}
	if err := sameClasses(job.Out, ck.Facts.Classes, job.classes()); err != nil {
		return nil, fresh, err
	}
	if err := st.check(job.Settings.Epochs, len(job.Settings.spans(job.Method, job.Data.Len()))); err != nil {
		return nil, fresh, fmt.Errorf("%s: its training state is damaged: %w", job.Out, err)
	}
	return ck, st, nil
}

// classes are the names of the outputs of what is trained.
func (job *Job) classes() []string { return job.Start.ClassNames(job.Data.Classes) }

func (job *Job) check() error {
	if job.Data.Len() == 0 {
		return errors.New("there are no images to train on")
	}
	if err := stepgraph.CheckImages(job.Data, job.Start.FitsTraining); err != nil {
		return err
	}
	if job.Test != nil {
		if err := stepgraph.CheckImages(job.Test, job.Start.Fits); err != nil {
			return err
		}
	}
	if err := job.Settings.Check(job.Method, job.Data.Len()); err != nil {
		return err
	}
	if n := job.Engine.Devices(); job.Devices < 0 || job.Devices > n {
		return fmt.Errorf("devices must be at least 1 and at most %d, as many as there are, got %d", n, job.Devices)
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
	if err := atomicfile.Prepare(job.Out); err != nil {
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
		stopped = describe(stopped, keep(), t, job)
	}
	c, err := t.Classifier()
	if err == nil {
		err = c.Check() // the report of a step may have missed it
	}
	if err != nil {
		return nil, errors.Join(stopped, err)
	}
	return &Run{
		Classifier: c,
		History:    t.state.History,
		Changes:    t.state.Changes,
		Update:     t.state.Update,
		Updates:    t.updates(),
		Devices:    t.state.devices(),
		Path:       job.Out,
		Loaded:     loaded,
	}, stopped
}

// loop takes steps until the run is finished, ctx ends, or a step fails.
func (t *trainer) loop(ctx context.Context, job *Job, keep func() error) error {
	begun, saved, pace := time.Now(), time.Now(), pace{}
	tell := func(done *Epoch) {
		if job.Progress != nil {
			job.Progress(t.progress(time.Since(begun), pace, done), t)
		}
	}
	if !t.finished() {
		tell(nil)
	}
	for !t.finished() {
		if err := ctx.Err(); err != nil {
			return err
		}
		stop := pace.measure(t)
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
				return &saveError{err}
			}
			saved = time.Now()
		}
		stop()
		tell(done)
	}
	return nil
}

// pace is how fast steps are taken, what comes between them included, but for those during which something was
// compiled.
type pace struct {
	steps int
	took  time.Duration
}

// measure begins a step; the function that it returns ends it.
func (p *pace) measure(t *trainer) (stop func()) {
	begun, update := time.Now(), t.state.Update
	compiled, _ := t.engine.Counts()
	return func() {
		if now, _ := t.engine.Counts(); now == compiled {
			p.steps += t.state.Update - update
			p.took += time.Since(begun)
		}
	}
}

// saveError marks the error of a checkpoint that could not be written while training went well.
type saveError struct{ error }

func (e *saveError) Unwrap() error { return e.error }

// describe makes one sentence of why a run stopped early and what became of it: unkept is why it could not be kept.
func describe(err, unkept error, t *trainer, job *Job) error {
	where := fmt.Sprintf("stopped after update %d of %d", t.state.Update, t.updates())
	kept := job.Out != "" && unkept == nil
	var full *saveError
	switch {
	case kept:
		where += ", kept in " + job.Out
	case errors.As(err, &full):
		return fmt.Errorf("%s, because it could not be kept: %w", where, full.error)
	case unkept != nil:
		return fmt.Errorf("%s, which could not be kept (%w): %w", where, unkept, err)
	}
	switch {
	case kept && interrupted(err):
		return fmt.Errorf("%s; the same training goes on from there: %w", where, err)
	case interrupted(err):
		return fmt.Errorf("%s: %w", where, err)
	case errors.Is(err, ErrNotFinite):
		return fmt.Errorf(
			"%s, the last good state: %w; a smaller lr (now %g) usually helps",
			where,
			err,
			t.rate(t.state.Update),
		)
	}
	return fmt.Errorf("%s, the last good state: %w", where, err)
}

func interrupted(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

func (t *trainer) progress(elapsed time.Duration, pace pace, done *Epoch) Progress {
	st := &t.state
	p := Progress{
		Epoch:   st.Epoch,
		Epochs:  st.Settings.Epochs,
		Update:  st.Update,
		Updates: t.updates(),
		Devices: t.state.devices(),
		LR:      t.rate(max(0, st.Update-1)),
		Elapsed: elapsed,
		Done:    done,
	}
	p.Loss, p.Terms = t.means()
	if done != nil {
		p.Epoch, p.LR, p.Loss, p.Terms = done.Epoch, done.LR, done.Loss, done.Terms
	}
	if pace.steps > 0 {
		p.Rate = float64(pace.steps) / pace.took.Seconds()
		p.Left = time.Duration(float64(p.Updates-p.Update) / p.Rate * float64(time.Second))
	}
	return p
}

// Method, Changes, Classifier and Set make the trainer a Control.
func (t *trainer) Method() method.Method { return method.Clone(t.method) }

// Changes are those of the state, copied.
func (t *trainer) Changes() []Change { return slices.Clone(t.state.Changes) }

// Classifier copies the weights to the host.
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
