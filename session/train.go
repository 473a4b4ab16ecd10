package session

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/engine"
	"smoothlab/language"
	"smoothlab/method"
	"smoothlab/report"
	"smoothlab/train"

	"go.starlark.net/starlark"
)

// trainArgs are the arguments of train(). The defaults are the authors' settings for MNIST (train.DefaultSettings).
type trainArgs struct {
	Classifier  *classifierValue `arg:"c,required" help:"the classifier; it holds the trained weights afterwards"`
	Data        *datasetValue    `arg:"data,required" help:"training images"`
	Method      objective        `arg:"method,required" want:"a method such as smoothmix(sigma=0.5), or a recipe" help:"the training objective; a recipe also sets the arguments below that the call leaves out"`
	Epochs      int              `arg:"epochs" help:"passes over the images"`
	Batch       int              `arg:"batch" help:"images per batch, which most methods split into m optimizer steps"`
	Split       int              `arg:"split" help:"optimizer steps per batch; 0 for the method's default"`
	Schedule    string           `arg:"schedule" complete:"schedule" help:"learning-rate schedule; help(\"schedules\") lists them"`
	LR          starlark.Value   `arg:"lr" want:"a number, or a function of the epoch" help:"largest learning rate; or a function of the epoch, counted from 0, that returns its rate and is called for every epoch before the run"`
	LRWarmup    float64          `arg:"lr_warmup" help:"epochs during which the learning rate rises to lr"`
	LRPeriod    float64          `arg:"lr_period" help:"epochs between drops of the learning rate, with schedule \"steps\""`
	Gamma       float64          `arg:"gamma" help:"factor of each drop, with schedule \"steps\""`
	Optimizer   string           `arg:"optimizer" complete:"optimizer" help:"rule of a step; help(\"optimizers\") lists them"`
	Momentum    float64          `arg:"momentum" help:"momentum of sgd"`
	Betas       []float64        `arg:"betas" want:"two numbers" help:"decay of the means of gradients and of their squares, of adam and adamw"`
	Epsilon     float64          `arg:"epsilon" help:"number added to the denominator of a step, of adam and adamw"`
	WeightDecay float64          `arg:"weight_decay" help:"weight decay of every parameter, including biases"`
	Clip        *float64         `arg:"clip" want:"a number" help:"largest norm of the gradient over all parameters; None for no bound"`
	EMA         *float64         `arg:"ema" want:"a number" help:"decay of an average of the weights, such as 0.999; the average is then what is tested and returned. None for the weights after the last step"`
	Augment     string           `arg:"augment" complete:"augmentation" default:"None" help:"\"crop+flip\" trains on shifted and mirrored copies, as the authors do on CIFAR-10; None for the images as they are"`
	Seed        uint64           `arg:"seed" help:"seed for the order of images, the noise, lambda and augmentation"`
	SoftLabels  starlark.Value   `arg:"soft_labels" complete:"file" want:"soft labels, or the path of their file" help:"soft labels of the images, for methods that need them, such as catrs(…)"`
	Test        *datasetValue    `arg:"test" help:"images to measure accuracy under noise after each epoch; None for the test split of the same data set, if it has one"`
	Out         string           `arg:"out" complete:"file" default:"None" help:"checkpoint file; makes the line repeatable: a finished run is loaded, an unfinished one is resumed, one with other settings is refused"`
	LogDir      string           `arg:"log_dir" complete:"file" default:"None" help:"directory for TensorBoard: loss, its terms and the learning rate by update, accuracy under noise by epoch; tensorboard --logdir shows them while the training runs"`
	Background  bool             `arg:"background" help:"run in the background while the prompt is free"`
	Devices     int              `arg:"devices" help:"number of devices that share the images of a step; CPU devices share the same cores, which gains nothing. Resuming on a different number of devices changes the last bits of the result"`
	Given       language.Given
}

// objective is a value that train() accepts as its method.
type objective interface {
	starlark.Value
	// objective returns the method, and its settings or nil.
	objective() (*methodValue, *train.Settings)
}

func (v *methodValue) objective() (*methodValue, *train.Settings) { return v, nil }
func (r *recipeValue) objective() (*methodValue, *train.Settings) { return r.method, &r.Settings }

// train implements train().
func (s *Session) train(c *language.Call, a *trainArgs) (starlark.Value, error) {
	objective, recipe := a.Method.objective()
	m := objective.now()
	settings, err := a.settings(c, recipe)
	if err != nil {
		return nil, err
	}
	if err := a.check(settings, m); err != nil {
		return nil, err
	}
	data, err := withSoftLabels(m, a.Data.Dataset, a.SoftLabels)
	if err != nil {
		return nil, err
	}
	test, err := s.testImages(c, a)
	if err != nil {
		return nil, err
	}
	if err := s.waitForeground(c.Ctx); err != nil {
		return nil, err
	}
	start, note, err := a.start(c.Ctx, test)
	if err != nil {
		return nil, err
	}
	printNotes(c, a.Data.Dataset)
	eng, err := s.engine.get(c)
	if err != nil {
		return nil, err
	}
	job, ctx := s.begin(c, "train", formatCall(m), "updates", a.path(), a.Background)
	r := &run{
		job: job, settings: settings, devices: a.Devices, logDir: expandTilde(a.LogDir), of: a.Classifier,
		requests: make(chan request), uses: objective, started: make(chan struct{}), method: m,
	}
	if err := a.Classifier.claim(r); err != nil {
		job.end(report.RunFailed, err, func() string { return "" })
		s.forget(job)
		return nil, err
	}
	go r.train(ctx, eng, start, data, test)
	c.Keep("train", r)
	if a.Background {
		v, err := s.announce(c, r)
		if err == nil {
			c.Out.Print(note)
		}
		return v, err
	}
	if err := r.wait(c, r.live(c)); err != nil {
		return nil, err
	}
	state, _, _, err := r.status()
	if err != nil {
		return nil, err
	}
	c.Out.Print(note)
	if was := r.testOf(); state == report.RunLoaded && was != "" && was != train.Tested(test) {
		c.Out.Print("note: the run was already finished, and its accuracy under noise was measured on other test images: " +
			was + "\n")
	}
	if state == report.RunLoaded && r.logDir != "" {
		c.Out.Print("note: the run was already finished, so no curves are written to " + r.logDir + "; r.history has them by epoch\n")
	}
	return s.showOnce(c, r), nil
}

// check returns an error for arguments with which no run can start. It needs neither images nor an engine.
func (a *trainArgs) check(settings train.Settings, m method.Method) error {
	if a.Data.Len() == 0 {
		return errors.New("there are no images to train on")
	}
	if err := settings.Check(m, a.Data.Dataset.Len()); err != nil {
		return err
	}
	if a.Devices < 1 {
		return fmt.Errorf("devices must be at least 1, got %d; devices() lists them", a.Devices)
	}
	if a.Given["out"] {
		_, err := checkpointPath(a.Out)
		return err
	}
	return nil
}

// testOf describes the images with which an ended run measured accuracy; "" if that is not known.
func (r *run) testOf() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.result == nil {
		return ""
	}
	return r.result.Test
}

// path returns the path of the checkpoint, or "" if there is none.
func (a *trainArgs) path() string {
	if a.Out == "" || strings.HasSuffix(a.Out, checkpointExt) {
		return expandTilde(a.Out)
	}
	return expandTilde(a.Out) + checkpointExt
}

// start returns the initial classifier of the run, which must fit the training images and the test images, if there are
// any. The note, if there is one, is about its weights.
func (a *trainArgs) start(
	ctx context.Context,
	test *dataset.Dataset,
) (start *classifier.Classifier, note string, err error) {
	if start, note, err = a.initial(ctx); err != nil {
		return nil, "", err
	}
	if err := fitsTraining(start, a.Data.Dataset); err != nil {
		return nil, "", err
	}
	if test != nil {
		if err := fits(start, test); err != nil {
			return nil, "", fmt.Errorf("test images: %w", err)
		}
	}
	return start, note, nil
}

// initial returns the current classifier. If an earlier run of this classifier started the file, initial returns the
// weights that it started from, and a note if the current ones come from elsewhere.
func (a *trainArgs) initial(ctx context.Context) (start *classifier.Classifier, note string, err error) {
	now, path, writer := a.Classifier.last()
	if writer != nil {
		return now, "", nil // claim will return the error
	}
	a.Classifier.mu.Lock()
	began, ok := a.Classifier.began[a.path()]
	a.Classifier.mu.Unlock()
	if !ok || a.Out == "" {
		start, err = a.Classifier.read(ctx)
		return start, "", err
	}
	if path == a.path() || now.Fingerprint() == began.Fingerprint() {
		return began, "", nil
	}
	kept := "no file holds those that it had since"
	if path != "" {
		kept = path + " holds those that it had since"
	}
	return began, "note: this training began with the weights that the classifier had when " + a.path() +
		" was begun; " + kept + "; to train such weights, name another file\n", nil
}

// testImages returns the given test images, or else the test split of the training data set.
func (s *Session) testImages(c *language.Call, a *trainArgs) (*dataset.Dataset, error) {
	if a.Test != nil {
		if a.Test.Len() == 0 {
			return nil, nil
		}
		return a.Test.Dataset, nil
	}
	if a.Data.Split == dataset.All { // no test split
		return nil, nil
	}
	d := a.Data.Dataset
	test, err := s.dataset(
		c,
		d.Name,
		"test",
		dataset.Options{Dir: a.Data.dir, Classes: d.Classes, Channels: d.Channels},
	)
	if err != nil {
		return nil, fmt.Errorf(
			"the images to measure accuracy after each epoch: %w; pass others as test=, or none as test=d[:0]",
			err,
		)
	}
	return test, nil
}

// train runs the steps. It is called in its own goroutine.
func (r *run) train(
	ctx context.Context,
	eng *engine.Engine,
	start *classifier.Classifier,
	data, test *dataset.Dataset,
) {
	defer r.uses.registerRun(r)()
	first := true
	result, err := train.Train(
		ctx,
		train.Job{Engine: eng, Start: start, Data: data, Test: test, Method: r.method, Settings: r.settings,
			Devices: r.devices, Out: r.path, LogDir: r.logDir, Progress: func(p train.Progress, control train.Control) {
				if first {
					r.resume(control, r.uses)
				}
				r.observe(p)
				if first {
					first = false
					close(r.started)
				}
				r.serve(control)
			}},
	)
	if first {
		close(r.started)
	}
	r.finish(start, result, err)
}

// finish stores the result in the classifier and ends the job.
func (r *run) finish(start *classifier.Classifier, result *train.Run, err error) {
	state := report.RunFinished
	switch {
	case errors.Is(err, context.Canceled):
		state = report.RunStopped
	case err != nil:
		state = report.RunFailed
	case result.Loaded:
		state = report.RunLoaded
	}
	if result == nil {
		r.of.release(nil, "")
	} else {
		r.mu.Lock()
		r.result = result
		r.mu.Unlock()
		if result.Path != "" {
			r.of.remember(result.Path, start)
		}
		if result.Update > 0 {
			r.of.release(result.Classifier, result.Path)
		} else {
			r.of.release(nil, "")
		}
	}
	r.end(state, err, r.statusLine)
}

// remember records the weights that a run with a file started from.
func (v *classifierValue) remember(path string, start *classifier.Classifier) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.began[path] = start
}

// statusLine describes the end of a background run.
func (r *run) statusLine() string {
	state, _, _, err := r.status()
	if state == report.RunFailed {
		return fmt.Sprintf("%s failed: %v", r.name(), err)
	}
	return plainText(r.report())
}

// announce displays a background run once it has started, or returns the error if it was refused.
func (s *Session) announce(c *language.Call, r *run) (starlark.Value, error) {
	select {
	case <-r.started:
	case <-c.Ctx.Done():
	}
	if err := r.failure(); err != nil {
		s.forget(r.job)
		return nil, err
	}
	if !s.follow(c, r) {
		s.showOnce(c, r)
	}
	return r, nil
}

// forget removes a job that never started from the list.
func (s *Session) forget(j *job) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, other := range s.jobs {
		if other == j {
			s.jobs = append(s.jobs[:i:i], s.jobs[i+1:]...)
			return
		}
	}
}
