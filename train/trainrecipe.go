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

// With returns the recipe with a custom loss and name in place of its method; the settings stay.
func (r Recipe) With(name string, loss method.LossFunc) Recipe {
	r.Method = method.NewCustom(name, "", r.Method, loss)
	return r
}

// MustRecipe calls [FindRecipe] and panics on an error; it is meant for notebook cells. Settings, such as "eta", choose
// among the rows.
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

// Option changes a job before [TrainRecipe] runs it. Any such function will do: func(job *train.Job) {
// job.Settings.Batch = 128 }.
type Option func(*Job)

// Seed sets the seed of the initial weights, the order of images, the noise and lambda. The default is 0.
func Seed(seed int64) Option { return func(job *Job) { job.Settings.Seed = uint64(seed) } }

// Out sets the path of the checkpoint, which lets the training be repeated and resumed, as in [Job].
func Out(path string) Option { return func(job *Job) { job.Out = path } }

// On sets the engine to train on, in place of opening one.
func On(e *engine.Engine) Option { return func(job *Job) { job.Engine = e } }

// Images sets the images to train and test on, in place of the recipe's data set; test may be nil.
func Images(train, test *dataset.Dataset) Option {
	return func(job *Job) { job.Data, job.Test = train, test }
}

// TrainRecipe trains the recipe's network, from weights drawn with the seed, on the recipe's data set, which is
// downloaded if needed. Like [Train] it returns the run together with the error when it is stopped.
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

// MustTrain calls [TrainRecipe] and panics on an error; it is meant for notebook cells. It does not panic when a
// training with a checkpoint is interrupted: run the same cell again to resume.
func MustTrain(ctx context.Context, r Recipe, options ...Option) *Run {
	run, err := TrainRecipe(ctx, r, options...)
	if err != nil && !(errors.Is(err, context.Canceled) && run != nil && run.Path != "") {
		panic(err)
	}
	return run
}
