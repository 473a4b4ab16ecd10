package sweep

import (
	"context"
	"errors"
	"fmt"
	"os"

	"smoothlab/certify"
	"smoothlab/engine"
	"smoothlab/train"
)

// Job is a list of cells and the directory for their files.
type Job struct {
	Cells []Cell
	Dir   string        // created if it does not exist
	Part  certify.Shard // part of the cells to make; the zero value means all
	// Open opens the engine; it is called before the first work, and not at all if everything is finished. The caller
	// closes it.
	Open func(context.Context) (*engine.Engine, error)
	// Known receives what is known of the cells before any work; nil disables it.
	Known func([]Result)
	// Observe receives the progress, and the results when cells end; nil disables it.
	Observe func(Progress)
}

// Progress is the progress of a job.
type Progress struct {
	Cell     int     // position of the cell in progress
	Stage    string  // "training" or "certifying"
	Done, Of int     // updates or images
	Ended    *Result // of the cell, if it has ended
}

// Result is what is known of a cell.
type Result struct {
	Cell         Cell
	Certificates *certify.Certificates // nil if it is not finished
	Failure      string                // why the last attempt failed; "" if it did not
}

// Make makes the cells of a job that are not finished and returns the results of all cells, those of other parts
// included. Before any work it refuses cells that were made with other settings. If a cell fails, the others are still
// made. Stopped by ctx it returns the results so far with the context's error.
func Make(ctx context.Context, job Job) ([]Result, error) {
	if len(job.Cells) == 0 {
		return nil, errors.New("a sweep needs at least one cell")
	}
	if info, err := os.Stat(job.Dir); err == nil && !info.IsDir() {
		return nil, fmt.Errorf("%s is a file; name a directory", job.Dir)
	}
	d := digests{}
	results, err := job.known(d)
	if err != nil {
		return nil, err
	}
	var all []int
	for i := range results {
		all = append(all, i)
	}
	mine, err := Part(all, job.Part, "cell")
	if err != nil {
		return nil, err
	}
	if job.Known != nil {
		job.Known(results)
	}
	m := maker{Job: job, digests: d}
	for _, i := range mine {
		if results[i].Certificates != nil {
			continue
		}
		k, err := m.make(ctx, i)
		if ctx.Err() != nil {
			return results, ctx.Err()
		}
		if err != nil {
			results[i].Failure = err.Error()
			err = job.Cells[i].write(job.Dir, d, false, err)
		} else {
			results[i] = Result{Cell: job.Cells[i], Certificates: k}
		}
		if err != nil {
			return results, err
		}
		m.observe(Progress{Cell: i, Ended: &results[i]})
	}
	return results, nil
}

// known returns what is known of the cells before any work.
func (job Job) known(d digests) ([]Result, error) {
	results := make([]Result, len(job.Cells))
	paths := map[string]int{}
	for i, c := range job.Cells {
		if before, twice := paths[c.Path]; twice {
			return nil, fmt.Errorf("%s and %s have the same files", job.Cells[before], c)
		}
		paths[c.Path] = i
		results[i].Cell = c
		r, err := c.kept(job.Dir, d)
		switch {
		case err != nil:
			return nil, err
		case r == nil:
		case !r.Finished:
			results[i].Failure = r.Failed
		default:
			k, err := certify.ReadLog(c.File(job.Dir, LogExt), nil, certify.Plan{})
			if err != nil {
				return nil, fmt.Errorf("%s is finished, but its log cannot be read: %w", c, err)
			}
			results[i].Certificates = k
		}
	}
	return results, nil
}

// maker is a job in progress.
type maker struct {
	Job
	digests digests
	engine  *engine.Engine // nil until the first work
}

func (m *maker) observe(p Progress) {
	if m.Observe != nil {
		m.Observe(p)
	}
}

// make trains and certifies one cell, resuming where it was stopped.
func (m *maker) make(ctx context.Context, i int) (*certify.Certificates, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c := m.Cells[i]
	if m.engine == nil {
		e, err := m.Open(ctx)
		if err != nil {
			return nil, err
		}
		m.engine = e
	}
	if err := c.write(m.Dir, m.digests, false, nil); err != nil {
		return nil, err
	}
	run, err := c.Train(ctx, m.engine, m.Dir, func(p train.Progress, _ train.Control) {
		m.observe(Progress{Cell: i, Stage: "training", Done: p.Update, Of: p.Updates})
	})
	if err != nil {
		return nil, fmt.Errorf("training failed: %w", err)
	}
	k, err := c.Certify(ctx, m.engine, m.Dir, run.Classifier, func(p certify.Progress) {
		m.observe(Progress{Cell: i, Stage: "certifying", Done: p.Done, Of: p.Total})
	})
	if err != nil {
		return nil, fmt.Errorf("certification failed: %w", err)
	}
	return k, c.write(m.Dir, m.digests, true, nil)
}
