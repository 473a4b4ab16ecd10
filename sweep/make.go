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
	m := maker{Job: job, digests: digests{}}
	results, err := m.known()
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
	for _, i := range mine {
		if results[i].Certificates != nil {
			continue
		}
		r := job.Cells[i].record(m.digests)
		k, err := m.make(ctx, i, r)
		if ctx.Err() != nil {
			return results, ctx.Err()
		}
		if err != nil {
			results[i].Failure = err.Error()
			r.Failed = results[i].Failure
			err = r.write(m.recordOf(i))
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

// maker is a job in progress.
type maker struct {
	Job
	digests digests
	engine  *engine.Engine // nil until the first work
}

// recordOf returns the path of a cell's record.
func (m *maker) recordOf(i int) string { return m.Cells[i].File(m.Dir, RecordExt) }

// known returns what is known of the cells before any work.
func (m *maker) known() ([]Result, error) {
	results := make([]Result, len(m.Cells))
	paths := map[string]int{}
	for i, c := range m.Cells {
		if before, twice := paths[c.Path]; twice {
			return nil, fmt.Errorf("%s and %s have the same files", m.Cells[before], c)
		}
		paths[c.Path] = i
		results[i].Cell = c
		r, err := c.kept(m.Dir, m.digests)
		switch {
		case err != nil:
			return nil, err
		case r == nil:
		case !r.Finished:
			results[i].Failure = r.Failed
		default:
			k, err := certify.ReadLog(c.File(m.Dir, LogExt), nil, certify.Plan{})
			if err != nil {
				return nil, fmt.Errorf("%s is finished, but its log cannot be read: %w", c, err)
			}
			results[i].Certificates = k
		}
	}
	return results, nil
}

func (m *maker) observe(p Progress) {
	if m.Observe != nil {
		m.Observe(p)
	}
}

// make trains and certifies one cell, resuming where it was stopped, and writes its record r before and afterwards.
func (m *maker) make(ctx context.Context, i int, r record) (*certify.Certificates, error) {
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
	if err := r.write(m.recordOf(i)); err != nil {
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
	r.Finished = true
	return k, r.write(m.recordOf(i))
}
