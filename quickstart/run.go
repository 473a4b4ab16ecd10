package quickstart

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"smoothlab/certify"
	"smoothlab/certify/votes"
	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/engine"
	"smoothlab/smoothing"
	"smoothlab/train"
)

// Console shows the progress of the work.
type Console interface {
	// Say prints a permanent line.
	Say(line string)
	// Progress replaces the line with the progress of the current part. A total of 0 means unknown.
	Progress(part string, done, total int, detail string, left time.Duration)
}

// Job is a plan with its directory and environment.
type Job struct {
	Plan      Plan
	Dir       string          // created if it does not exist
	Published []certify.Entry // published certifications to include in the table
	Console   Console
	// Open opens the engine. It is called after the input was checked.
	Open func(context.Context) (*engine.Engine, error)
}

// Result is the result of a job.
type Result struct {
	Entries     []certify.Entry // one per classifier, in the order of the rows, then the published ones
	Table       string
	Differences []string
	Files       []string
}

// Run runs a job. After an error or the end of ctx its files keep the progress, and the same job resumes from them.
func Run(ctx context.Context, job Job) (*Result, error) {
	if err := job.Plan.Check(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(job.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("cannot create the output directory: %w", err)
	}
	w, err := prepare(ctx, &job)
	if err != nil {
		return nil, err
	}
	var entries []certify.Entry
	for _, r := range job.Plan.rows() {
		c, err := w.train(ctx, r, w.start)
		if err != nil {
			return nil, err
		}
		k, err := w.certify(ctx, r, c)
		if err != nil {
			return nil, err
		}
		entries = append(entries, certify.Entry{Name: r.name, Certificates: k})
	}
	return w.report(entries)
}

// work is the state of a running job.
type work struct {
	*Job
	engine       *engine.Engine
	digits, held *dataset.Dataset // training images, test images
	images       []certify.Image  // images to certify, with positions in held
	start        *classifier.Classifier
}

// prepare reads the data, opens the engine and runs the shared training.
func prepare(ctx context.Context, job *Job) (*work, error) {
	w := &work{Job: job}
	var err error
	opts := dataset.Options{Progress: func(file string, done, total int64) {
		job.Console.Progress("downloading "+file, int(done>>10), int(max(0, total)>>10), "kB", 0)
	}}
	if w.digits, err = dataset.Open(ctx, job.Plan.Data, "train", opts); err != nil {
		return nil, err
	}
	if w.held, err = dataset.Open(ctx, job.Plan.Data, "test", opts); err != nil {
		return nil, err
	}
	for pos, index := range w.held.Indices {
		if index%job.Plan.Every == 0 {
			w.images = append(w.images, certify.Image{Pos: pos, Index: index, Label: int(w.held.Labels[pos])})
		}
	}
	if len(w.images) < 2 {
		return nil, fmt.Errorf(
			"every %d leaves %d test images to certify, but a comparison needs at least 2",
			job.Plan.Every,
			len(w.images),
		)
	}
	if err := w.cutPublished(); err != nil {
		return nil, err
	}
	a, err := classifier.Lookup(job.Plan.Classifier)
	if err != nil {
		return nil, err
	}
	if w.engine, err = job.Open(ctx); err != nil {
		return nil, err
	}
	job.Console.Say(fmt.Sprintf("training on %s", w.digits))
	job.Console.Say(fmt.Sprintf("certifying %d images of %s, on %s", len(w.images), w.held, w.engine))
	w.start = classifier.New(a, job.Plan.Seed)
	if job.Plan.Shared > 0 {
		w.start, err = w.train(ctx, job.Plan.shared(), w.start)
	}
	return w, err
}

// cutPublished reduces the published certifications to the images certified here.
func (w *work) cutPublished() error {
	here := map[int]bool{}
	for _, img := range w.images {
		here[img.Index] = true
	}
	for _, e := range w.Published {
		for _, r := range w.Plan.rows() {
			if r.name == e.Name {
				return fmt.Errorf(
					"%q is the name of a row of the table: choose another name for the published log",
					e.Name,
				)
			}
		}
		k := e.Certificates
		k.Rows = slices.DeleteFunc(k.Rows, func(r certify.Row) bool { return !here[r.Index] })
		k.Planned = len(k.Rows)
		if len(k.Rows) != len(w.images) {
			return fmt.Errorf(
				"the log of %s has only %d of the %d images that are certified here",
				e.Name,
				len(k.Rows),
				len(w.images),
			)
		}
	}
	return nil
}

// train runs the training of one row, or loads it.
func (w *work) train(ctx context.Context, r row, start *classifier.Classifier) (*classifier.Classifier, error) {
	began := time.Now()
	run, err := train.Train(ctx, train.Job{
		Engine: w.engine, Start: start, Data: w.digits, Test: w.held, Method: r.method, Settings: r.settings,
		Out: filepath.Join(w.Dir, r.file),
		Progress: func(p train.Progress, _ train.Control) {
			detail := fmt.Sprintf("epoch %d/%d", p.Epoch+1, p.Epochs)
			for _, t := range p.Terms {
				detail += fmt.Sprintf(" · %s %.3f", t.Name, t.Value)
			}
			w.Console.Progress("training "+r.name, p.Update, p.Updates, detail, p.Left)
		}})
	if err != nil {
		return nil, err
	}
	w.Console.Say(summary(r, run, time.Since(began)))
	return run.Classifier, nil
}

// summary returns the permanent line about a training.
func summary(r row, run *train.Run, took time.Duration) string {
	last := run.History[len(run.History)-1]
	line := fmt.Sprintf("trained %s · %d epochs, %d updates", r.name, len(run.History), run.Updates)
	for _, t := range last.Terms {
		line += fmt.Sprintf(" · %s %.3f", t.Name, t.Value)
	}
	if last.NoisyAccuracy >= 0 {
		line += fmt.Sprintf(" · base accuracy under noise %.1f%%", 100*last.NoisyAccuracy)
	}
	if run.Loaded {
		return line + " · loaded from " + run.Path
	}
	return line + fmt.Sprintf(" · %s → %s", took.Round(100*time.Millisecond), run.Path)
}

// certify certifies one row's classifier, or loads its log.
func (w *work) certify(ctx context.Context, r row, c *classifier.Classifier) (k *certify.Certificates, err error) {
	v, err := votes.New(
		w.engine,
		c,
		w.held,
		smoothing.Gaussian{Sigma: w.Plan.Sigma},
		w.Plan.Seed,
		min(votes.DefaultChunk, w.Plan.Votes.N),
	)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, v.Close()) }()
	out := filepath.Join(w.Dir, r.file+".tsv")
	began := time.Now()
	drawn := 0
	k, err = certify.Run(ctx, v, w.images, w.Plan.Votes, out, func(p certify.Progress) {
		drawn = p.Votes
		w.Console.Progress("certifying "+r.name, p.Done, p.Total, fmt.Sprintf("%.0f votes/s", p.Rate), p.ETA)
	})
	if err != nil {
		return nil, fmt.Errorf("certification of %s stopped; the same command resumes from %s: %w", r.name, out, err)
	}
	line := fmt.Sprintf("certified %s · %d images × %d votes", r.name, len(k.Rows), w.Plan.Votes.N0+w.Plan.Votes.N)
	if drawn == 0 {
		w.Console.Say(line + " · loaded from " + out)
	} else {
		w.Console.Say(line + fmt.Sprintf(" · %s → %s", time.Since(began).Round(100*time.Millisecond), out))
	}
	return k, nil
}
