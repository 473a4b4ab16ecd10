package train

import (
	"context"
	"errors"
	"fmt"

	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/engine"
	"smoothlab/method"
)

// With is the recipe with a loss of one's own in its method's place, under a name of its own; the settings stay.
func (r Recipe) With(name string, loss method.LossFunc) Recipe {
	r.Method = method.NewCustom(name, "", r.Method, loss)
	return r
}

// MustRecipe is [FindRecipe] for cells of a notebook: it panics where there is no such row. Settings, such as "eta",
// choose among the rows.
func MustRecipe(dataset, methodName string, sigma float64, settings ...map[string]float64) Recipe {
	chosen := map[string]float64{}
	for _, s := range settings {
		for name, value := range s {
			chosen[name] = value
		}
	}
	r, err := FindRecipe(dataset, methodName, "", sigma, chosen)
	if err != nil {
		panic(err)
	}
	return r
}

// Option changes a job that [TrainRecipe] is about to do. Any function will do:
// func(job *smoothmix.Job) { job.Settings.Batch = 128 }.
type Option func(*Job)

// Seed is that of the initial weights, of the order of images, of noise and lambda. It is 0 without.
func Seed(seed int64) Option { return func(job *Job) { job.Settings.Seed = uint64(seed) } }

// Out names the checkpoint, which makes the training repeatable, as in [Job].
func Out(path string) Option { return func(job *Job) { job.Out = path } }

// On trains on an engine that is open, instead of opening one.
func On(e *engine.Engine) Option { return func(job *Job) { job.Engine = e } }

// Images are trained and tested on, instead of those of the recipe's data set; test may be nil.
func Images(train, test *dataset.Dataset) Option {
	return func(job *Job) { job.Data, job.Test = train, test }
}

// TrainRecipe trains the recipe's network, from weights drawn from the seed, on the recipe's data set, which is
// downloaded if need be. Like [Train] it returns the run together with the error where it was stopped.
func TrainRecipe(ctx context.Context, r Recipe, options ...Option) (run *Run, err error) {
	job := Job{Method: r.Method, Settings: r.Settings}
	for _, o := range options {
		o(&job)
	}
	if job.Start == nil {
		arch, err := classifier.Lookup(r.Arch)
		if err != nil {
			return nil, fmt.Errorf("the network of the recipe: %w", err)
		}
		job.Start = classifier.New(arch, job.Settings.Seed)
	}
	if job.Data == nil {
		if job.Data, err = dataset.Open(ctx, r.Dataset, "train", dataset.Options{}); err != nil {
			return nil, err
		}
		if job.Test, err = dataset.Open(ctx, r.Dataset, "test", dataset.Options{}); err != nil {
			return nil, err
		}
	}
	if job.Engine == nil {
		if job.Engine, err = engine.Open(ctx, engine.Options{}); err != nil {
			return nil, err
		}
		defer job.Engine.Close()
	}
	return Train(ctx, job)
}

// MustTrain is [TrainRecipe] for cells of a notebook: it panics with what went wrong. A training that was interrupted
// and is kept in a file is no fault: the same cell goes on with it.
func MustTrain(ctx context.Context, r Recipe, options ...Option) *Run {
	run, err := TrainRecipe(ctx, r, options...)
	if err != nil && !(errors.Is(err, context.Canceled) && run != nil && run.Path != "") {
		panic(err)
	}
	return run
}
