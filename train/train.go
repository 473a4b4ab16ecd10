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

// Job describes a training.
type Job struct {
	Engine   *engine.Engine
	Start    *classifier.Classifier // initial weights; not changed
	Data     *dataset.Dataset       // training images, with Targets if the method needs them
	Test     *dataset.Dataset       // images for the noisy accuracy after each epoch; may be nil
	Method   method.Method
	Settings Settings
	// Devices is the number of devices that share the images of a step; 0 means one. The result equals that of one
	// device up to the last bits. A run may be resumed on another number of devices, which its history records: it then
	// ends some 1e-6 from where it would have ended.
	Devices int
	// Out is the checkpoint's path; ".safetensors" is added if it is missing. Empty writes no file. With Out, a job can
	// be repeated: a finished one is loaded, an unfinished one resumed, and other settings are refused.
	Out string
	// LogDir is a directory for TensorBoard's curves, made if it is missing; empty writes none. Each call of Train that
	// takes steps adds a file: by update the loss, its terms and the learning rate, by epoch the accuracy under noise.
	// A resumed run continues its curves; another run in the same directory replaces them in TensorBoard's view.
	LogDir string
	// SaveEvery is the longest time between checkpoints; 0 means five minutes. A checkpoint is also written after each
	// epoch, and whenever the run stops.
	SaveEvery time.Duration
	// Progress is called before the first step, after every step, and while images are judged, in the goroutine of the
	// training, which continues when it returns. It may be nil. The first step compiles, which takes some seconds.
	// Progress is not called for a run that is loaded.
	Progress func(Progress, Control)
}

// Control lets a Progress function inspect and change a run.
type Control interface {
	// Set changes settings of the method from the next step on, without recompiling. After the last step it returns
	// ErrFinished.
	Set(method.Method) error
	// Classifier copies the current weights.
	Classifier() (*classifier.Classifier, error)
	// Method returns the method as the next step uses it. A resumed run keeps earlier changes.
	Method() method.Method
	// Changes returns all changes of its settings so far.
	Changes() []Change
}

// Run is a training that has stopped or finished.
type Run struct {
	Classifier *classifier.Classifier
	History    []Epoch
	Changes    []Change
	Update     int // optimizer steps taken
	Updates    int // optimizer steps of the whole run
	Devices    int // devices that shared the latest step
	Path       string
	Loaded     bool // it was already finished
	// Test describes the images that accuracy was last measured on, as [Tested] does; "" if an old file does not say.
	Test string
	// Weights holds the weight with which each training image is drawn, 0 for a dropped one; nil if the method does not
	// choose images, or has not yet.
	Weights []float64
}

// Finished reports whether all updates were taken.
func (r *Run) Finished() bool { return r.Update == r.Updates }

// Train runs a job. When ctx is cancelled, or a step fails, it stops at the last good step, saves, and returns the run
// together with the error, so that nothing is lost. The same job then resumes from there. Train checks ctx between
// steps.
func Train(ctx context.Context, job Job) (*Run, error) {
	if err := job.check(); err != nil {
		return nil, err
	}
	now := job.Identity(Digest(job.Data))
	if job.Out == "" {
		return run(ctx, &job, nil, state{Identity: now})
	}
	ck, st, err := job.resume(now)
	if err != nil {
		return nil, err
	}
	if ck != nil && st.Epoch == job.Settings.Epochs { // finished: nothing is written, so the directory may be read-only
		return run(ctx, &job, ck, st)
	}
	unlock, err := job.claim()
	if err != nil {
		return nil, err
	}
	defer unlock()
	// Read again: another process may have held the lock and continued the run.
	if ck, st, err = job.resume(now); err != nil {
		return nil, err
	}
	return run(ctx, &job, ck, st)
}

// resume reads the checkpoint from which the job resumes. It returns nil if there is none.
func (job *Job) resume(now []Setting) (*classifier.Checkpoint, state, error) {
	fresh := state{Identity: now}
	ck, err := classifier.Load(job.Out)
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil, fresh, nil // claim reports what is wrong with the directory
	}
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
		return nil, fresh, fmt.Errorf("%s: its training state is invalid: %w", job.Out, err)
	}
	if err := st.Choice.check(job.Data.Len()); err != nil {
		return nil, fresh, fmt.Errorf("%s: its training state is invalid: %w", job.Out, err)
	}
	if err := job.Settings.checkBuffers(ck); err != nil {
		return nil, fresh, fmt.Errorf("%s: its training state is incomplete: %w", job.Out, err)
	}
	return ck, st, nil
}

// classes returns the names of the network's outputs.
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
	if err := CheckTargets(job.Method, job.Data); err != nil {
		return err
	}
	if err := job.checkIndices(); err != nil {
		return err
	}
	if n := job.Engine.Devices(); job.Devices < 0 || job.Devices > n {
		return fmt.Errorf("devices must be at least 1 and at most the %d available, got %d", n, job.Devices)
	}
	if err := job.checkLogDir(); err != nil {
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

// CheckTargets returns an error if a method needs targets and the images have none.
func CheckTargets(m method.Method, d *dataset.Dataset) error {
	if m.Traits().Targets && d.Targets == nil {
		return fmt.Errorf(
			"%s needs soft labels of its images: make them with soft_labels(c, d) and pass them as soft_labels=…", m.Name())
	}
	return nil
}

// claim creates the directory and keeps a second process from writing the same file.
func (job *Job) claim() (unlock func(), err error) {
	if err := atomicfile.Prepare(job.Out); err != nil {
		return nil, fmt.Errorf("cannot write the checkpoint: %w", err)
	}
	unlock, err = lockfile.Try(job.Out)
	if errors.Is(err, lockfile.ErrHeld) {
		return nil, fmt.Errorf("%s is being trained by another process: wait for it, or name another file", job.Out)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot write the checkpoint: %w", err)
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
	if !loaded {
		if err := t.checkMemory(job.Engine.MemoryLimit()); err != nil { // before a checkpoint fixes the settings
			return nil, err
		}
	}
	keep := func() error { return nil }
	if job.Out != "" && !loaded {
		keep = func() error { return save(t, job.Out) }
		if err := keep(); err != nil { // before any work, to check that the path can be written
			return nil, err
		}
	}
	stopped := t.trainAndPlot(ctx, job, loaded, keep)
	if stopped != nil {
		stopped = describe(stopped, keep(), t, job)
	}
	c, err := t.Classifier()
	if err == nil {
		err = c.Check() // XLA drops some NaNs, so that a step with bad weights may report a finite loss
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
		Test:       t.state.Test,
		Weights:    t.state.Choice.weights(t.method),
	}, stopped
}

// trainAndPlot runs the loop and writes its curves for TensorBoard. A loaded run has no loop.
func (t *trainer) trainAndPlot(ctx context.Context, job *Job, loaded bool, keep func() error) (err error) {
	if loaded {
		return nil
	}
	c, err := openCurves(job, t.state.Update)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	return t.loop(ctx, job, c, keep)
}

// loop takes steps until the run is finished, ctx ends, or a step fails.
func (t *trainer) loop(ctx context.Context, job *Job, c *curves, keep func() error) error {
	begun, saved, pace := time.Now(), time.Now(), pace{}
	notify := func(done *Epoch) {
		if job.Progress != nil {
			job.Progress(t.progress(time.Since(begun), pace, done), t)
		}
	}
	judged := func(done, all int) {
		if job.Progress != nil {
			p := t.progress(time.Since(begun), pace, nil)
			p.Judged, p.Judging = done, all
			job.Progress(p, t)
		}
	}
	if !t.finished() {
		notify(nil)
	}
	for !t.finished() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := t.prepare(ctx, judged); err != nil {
			return err
		}
		stop := pace.measure(t)
		if t.state.At < len(t.spans) { // an epoch may have been interrupted in its test
			if err := t.step(ctx); err != nil {
				return err
			}
			if err := c.step(t); err != nil {
				return err
			}
		}
		var done *Epoch
		if t.state.At == len(t.spans) {
			if err := t.endEpoch(ctx); err != nil {
				return err
			}
			done = &t.state.History[len(t.state.History)-1]
			if err := c.epoch(t, done); err != nil {
				return err
			}
		}
		if done != nil || time.Since(saved) > job.SaveEvery {
			if err := keep(); err != nil {
				return &saveError{err}
			}
			saved = time.Now()
		}
		stop()
		notify(done)
	}
	return nil
}

// saveError marks the error of a checkpoint that could not be written; the training itself has not failed.
type saveError struct{ error }

func (e *saveError) Unwrap() error { return e.error }

// describe returns one sentence on why a run stopped early and what was saved. saveErr is the error of saving, or nil.
func describe(err, saveErr error, t *trainer, job *Job) error {
	where := fmt.Sprintf("stopped after update %d of %d", t.state.Update, t.updates())
	kept := job.Out != "" && saveErr == nil
	var notSaved *saveError
	var noCurves *curvesError
	switch {
	case kept:
		where += ", saved in " + job.Out
	case errors.As(err, &notSaved):
		return fmt.Errorf("%s, because it could not be saved: %w", where, notSaved.error)
	case saveErr != nil:
		return fmt.Errorf("%s, which could not be saved (%w): %w", where, saveErr, err)
	}
	switch {
	case kept && interrupted(err):
		return fmt.Errorf("%s; run the same training again to resume: %w", where, err)
	case interrupted(err):
		return fmt.Errorf("%s: %w", where, err)
	case errors.As(err, &noCurves): // every step was good
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

// Method returns a copy of the current method. Together with Changes, Classifier and Set it makes the trainer a
// Control.
func (t *trainer) Method() method.Method { return method.Clone(t.method) }

// Changes returns a copy of the recorded changes.
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
