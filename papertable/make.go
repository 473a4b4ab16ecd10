package papertable

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"smoothlab/certify"
	"smoothlab/dataset"
	"smoothlab/engine"
	"smoothlab/sweep"
	"smoothlab/zoo"
)

// Console shows how the work progresses.
type Console interface {
	// Say prints a permanent line.
	Say(line string)
	// Progress replaces the line about the current part.
	Progress(part string, done, total int, detail string, left time.Duration)
}

// Job is a plan and the directory for its results.
type Job struct {
	Plan    Plan
	Dir     string        // created if it does not exist
	Part    certify.Shard // part of the tasks; the zero value means all
	Console Console
	// Open opens the engine; it is called before the first work, and not at all if everything is finished.
	Open func(context.Context) (*engine.Engine, error)
	// Shared leaves the engine open at the end, for other users.
	Shared bool
}

// Make makes the classifiers of a plan that are not finished and returns the cards of all of them. Stopped by ctx it
// keeps what it has, and the same job resumes. If a task fails, the others are still made; the errors are joined.
func Make(ctx context.Context, job Job) (cards []*zoo.Card, err error) {
	tasks, err := job.Plan.Tasks()
	if err != nil {
		return nil, err
	}
	if tasks, err = sweep.Part(tasks, job.Part, "classifier"); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(job.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("the directory of the table cannot be made: %w", err)
	}
	w := &work{Job: job, sets: map[string]*images{}, clock: clock{began: time.Now(), now: time.Now}}
	defer w.close()
	// Costs of the remaining work, for the time left. Finished rows with other settings are refused before any work.
	var failed []error
	open := make([]bool, len(tasks))
	for i, t := range tasks {
		set, err := w.images(ctx, t)
		if err != nil {
			return nil, err
		}
		card, err := w.finished(t, set)
		switch {
		case err != nil:
			failed = append(failed, err)
		case card != nil:
			cards = append(cards, card)
		default:
			open[i] = true
			c := w.cost(t, set)
			w.clock.all += c.train + c.certify
		}
	}
	job.Console.Say(fmt.Sprintf("%d of %d classifiers are finished in %s", len(cards), len(tasks), job.Dir))
	for i, t := range tasks {
		if !open[i] {
			continue
		}
		w.number, w.of = i+1, len(tasks)
		card, err := w.make(ctx, t)
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", t, err))
			if ctx.Err() != nil {
				break
			}
			job.Console.Say(fmt.Sprintf("%s failed: %v", t, err))
			continue
		}
		cards = append(cards, card)
		job.Console.Say(w.summary(card))
	}
	return cards, errors.Join(failed...)
}

// work is a job in progress.
type work struct {
	Job
	engine     *engine.Engine // nil until the first work
	sets       map[string]*images
	clock      clock
	number, of int // number number of the task in progress, and of all tasks, and of all tasks
}

// images holds what a task is trained on, tested with, and certified on.
type images struct {
	train, held *dataset.Dataset
	certified   []certify.Image // positions in held
	every       string          // description description for the card
}

func (w *work) close() {
	if w.engine != nil && !w.Shared {
		w.engine.Close()
	}
}

// images opens the data of a task.
func (w *work) images(ctx context.Context, t Task) (*images, error) {
	name := t.Dataset
	if w.Plan.Data != "" {
		name = w.Plan.Data
	}
	if set, ok := w.sets[name]; ok {
		return set, nil
	}
	opts := dataset.Options{Progress: func(file string, done, total int64) {
		w.Console.Progress("downloading "+file, int(done>>10), int(max(0, total)>>10), "kB", 0)
	}}
	train, err := dataset.Open(ctx, name, "train", opts)
	if err != nil {
		return nil, err
	}
	held, err := dataset.Open(ctx, name, "test", opts)
	if err != nil {
		return nil, err
	}
	set, err := w.Plan.cut(train, held)
	if err == nil {
		w.sets[name] = set
	}
	return set, err
}

// cut chooses the images of the plan.
func (p Plan) cut(train, held *dataset.Dataset) (*images, error) {
	var err error
	if p.Validation >= train.Len() {
		return nil, fmt.Errorf("%d images cannot be left out of the %d training images", p.Validation, train.Len())
	}
	last := train.Len() - p.Validation
	if p.Validation > 0 {
		if held, err = train.Slice(last, train.Len(), 1); err != nil {
			return nil, err
		}
	}
	if p.Train > 0 {
		last = min(last, p.Train)
	}
	if last < train.Len() {
		if train, err = train.Slice(0, last, 1); err != nil {
			return nil, err
		}
	}
	set := &images{train: train, held: held, every: fmt.Sprintf("images 0, %d, … of %s", p.Every, held)}
	for pos, index := range held.Indices {
		if index%p.Every == 0 {
			set.certified = append(set.certified, certify.Image{Pos: pos, Index: index, Label: int(held.Labels[pos])})
		}
	}
	if len(set.certified) < 2 {
		return nil, fmt.Errorf(
			"every %d leaves %d images to certify, but a row needs at least 2",
			p.Every,
			len(set.certified),
		)
	}
	return set, nil
}

func (w *work) cost(t Task, set *images) cost {
	return t.cost(set.train.Len(), len(set.certified), w.Plan.Votes.N0+w.Plan.Votes.N)
}

// file returns a file of a task by its ending.
func (w *work) file(t Task, ending string) string {
	return filepath.Join(w.Dir, filepath.FromSlash(t.path())+ending)
}

// progress reports the part in progress, and how long the table takes.
func (w *work) progress(part string, done, total int, detail string, cost float64) {
	detail += fmt.Sprintf(" · classifier %d of %d, whole table", w.number, w.of)
	left := w.clock.left(cost)
	w.Console.Progress(part, done, total, detail, left)
}

// summary returns the permanent line about a finished row.
func (w *work) summary(c *zoo.Card) string {
	return fmt.Sprintf(
		"%s at sigma %g, seed %d: ACR %.4f ± %.4f (%d images, N %d) · %s",
		c.Label,
		c.Sigma,
		c.Seed,
		c.Certified.ACR,
		c.Certified.Error,
		c.Certified.Images,
		c.Plan.N,
		c.Training,
	)
}
