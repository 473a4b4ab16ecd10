package session

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"smoothlab/certify"
	"smoothlab/engine"
	"smoothlab/internal/humanize"
	"smoothlab/language"
	"smoothlab/report"
	"smoothlab/sweep"

	"go.starlark.net/starlark"
)

// sweepArgs are the arguments of sweep().
type sweepArgs struct {
	Train      *starlark.Dict `arg:"train,required" want:"a dict of arguments of train" help:"arguments of train, such as {\"data\": d, \"method\": smoothmix(sigma=0.5), \"epochs\": 2}"`
	Certify    *starlark.Dict `arg:"certify,required" want:"a dict of arguments of certify" help:"arguments of certify, such as {\"data\": t, \"n\": 1000}; sigma is by default the sigma of the training"`
	Over       *starlark.Dict `arg:"over,required" want:"a dict of lists" help:"values to try by name: settings of the method, then arguments of train, then of certify; \"certify.alpha\" is the alpha of certify where the method has one, too; \"method\" and \"arch\" can be varied as well"`
	Out        string         `arg:"out,required" complete:"file" help:"directory for checkpoints, weights and logs; makes the line repeatable: finished cells are loaded, an unfinished one is resumed, other settings are refused"`
	Arch       string         `arg:"arch" complete:"classifier" help:"network; its weights begin from the seed of the training"`
	Part       string         `arg:"part" default:"None" help:"\"3/30\" makes only the third of 30 parts of the cells, for the tasks of a job array"`
	Background bool           `arg:"background" help:"run in the background while the prompt is free"`
}

// sweepValue is a sweep as a value of the language.
type sweepValue struct {
	language.Object[*sweepValue]
	*job
	axes    []axis
	results []sweep.Result // by cell; guarded by job.mu
}

var _ reporter = (*sweepValue)(nil)

// sweep implements sweep().
func (s *Session) sweep(c *language.Call, a *sweepArgs) (starlark.Value, error) {
	part, err := certify.ParseShard(a.Part)
	if err != nil {
		return nil, err
	}
	p := &sweepPlan{session: s, call: c, args: a}
	cells, err := p.cells()
	if err != nil {
		return nil, err
	}
	if err := s.waitForeground(c.Ctx); err != nil {
		return nil, err
	}
	eng, err := s.engine.get(c)
	if err != nil {
		return nil, err
	}
	dir := expandTilde(a.Out)
	job, ctx := s.begin(c, "sweep", humanize.Count(len(cells), "cell"), "cells", dir, a.Background)
	v := &sweepValue{job: job, axes: p.axes}
	for _, cell := range cells {
		v.results = append(v.results, sweep.Result{Cell: cell})
	}
	started := make(chan struct{})
	go v.run(ctx, sweep.Job{Cells: cells, Dir: dir, Part: part, Known: func(known []sweep.Result) {
		v.mu.Lock()
		v.results = slices.Clone(known)
		v.mu.Unlock()
		close(started)
	}, Open: func(context.Context) (*engine.Engine, error) { return eng, nil }})
	if a.Background {
		select { // a sweep that is refused does not run in the background
		case <-started:
		case <-v.done:
		case <-c.Ctx.Done():
		}
		if state, _, _, err := v.status(); state == report.RunFailed {
			s.forget(job)
			return nil, err
		}
		return s.showOnce(c, v), nil
	}
	if err := v.wait(c, nil); err != nil {
		return nil, err
	}
	if _, _, _, err := v.status(); err != nil {
		return nil, err
	}
	return s.showOnce(c, v), nil
}

// run makes the cells. It is called in its own goroutine.
func (v *sweepValue) run(ctx context.Context, job sweep.Job) {
	began := false
	job.Observe = func(p sweep.Progress) {
		began = true
		if p.Ended != nil {
			v.mu.Lock()
			v.results[p.Cell] = *p.Ended
			v.mu.Unlock()
			if p.Ended.Failure != "" {
				v.session.notice(fmt.Sprintf("%s failed: %s", p.Ended.Cell, p.Ended.Failure))
			}
			return
		}
		v.progress(report.Progress{
			Part:   fmt.Sprintf("cell %d of %d, %s: %s", p.Cell+1, len(job.Cells), job.Cells[p.Cell], p.Stage),
			Done:   p.Done,
			Total:  p.Of,
			Detail: fmt.Sprintf("%d of %d cells finished", v.finished(), len(job.Cells)),
		})
	}
	_, err := sweep.Make(ctx, job)
	state := report.RunFinished
	switch {
	case errors.Is(err, context.Canceled):
		state = report.RunStopped
		err = fmt.Errorf("%s are finished in %s; the same line resumes: %w", v.counted(), job.Dir, err)
	case err != nil:
		state = report.RunFailed
	case !began:
		state = report.RunLoaded
	}
	v.end(state, err, v.statusLine)
}

// now returns the results so far.
func (v *sweepValue) now() []sweep.Result {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.results)
}

func (v *sweepValue) finished() (n int) {
	for _, r := range v.now() {
		if r.Certificates != nil {
			n++
		}
	}
	return n
}

// counted returns how many cells are finished: "3 of 12 cells".
func (v *sweepValue) counted() string {
	return fmt.Sprintf("%d of %s", v.finished(), humanize.Count(len(v.now()), "cell"))
}

// statusLine describes the sweep in one line.
func (v *sweepValue) statusLine() string {
	state, _, took, err := v.status()
	line := fmt.Sprintf("sweep of %s, %s", v.description(), state)
	if v.background {
		line = v.name() + ": " + line
	}
	switch {
	case state == report.RunFailed:
		return line + ": " + err.Error()
	case state != report.RunRunning:
		line += " after " + duration(took)
	}
	line += fmt.Sprintf(" · %s finished", v.counted())
	if n := len(v.failures()); n > 0 {
		line += fmt.Sprintf(", %d failed", n)
	}
	return line + " → " + v.path
}

// failures returns the cells whose last attempt failed.
func (v *sweepValue) failures() (failed []sweep.Result) {
	for _, r := range v.now() {
		if r.Failure != "" {
			failed = append(failed, r)
		}
	}
	return failed
}

// Describe lists the attributes and methods of sweeps.
func (*sweepValue) Describe() *language.Kind {
	dict := func(v *sweepValue, of func(sweep.Result) starlark.Value) starlark.Value {
		d := starlark.NewDict(len(v.results))
		for _, r := range v.now() {
			if x := of(r); x != nil {
				_ = d.SetKey(starlark.String(r.Cell.String()), x) // a string can be a key
			}
		}
		return d
	}
	return &language.Kind{
		Name: "sweep",
		Help: "Classifiers trained and certified for all combinations of some settings.",
		Attributes: []language.Attribute{
			language.Attr("id", "number of the job in this session; 0 in the foreground",
				func(v *sweepValue) starlark.Value { return starlark.MakeInt(v.id) }),
			language.Attr("state", `"running", "stopped", "finished", "failed" if it was refused, or "loaded" if all cells were finished before`,
				func(v *sweepValue) starlark.Value {
					state, _, _, _ := v.status()
					return starlark.String(state)
				}),
			language.Attr("path", "directory of the cells' files",
				func(v *sweepValue) starlark.Value { return starlark.String(v.path) }),
			language.Attr("cells", "names of all cells", func(v *sweepValue) starlark.Value {
				var names []string
				for _, r := range v.now() {
					names = append(names, r.Cell.String())
				}
				return texts(names)
			}),
			language.Attr("certificates", "a dict by cell: the certificates of the finished cells",
				func(v *sweepValue) starlark.Value {
					return dict(v, func(r sweep.Result) starlark.Value {
						if r.Certificates == nil {
							return nil
						}
						return v.value(r)
					})
				}),
			language.Attr("weights", "a dict by cell: files for load_classifier, of the finished cells",
				func(v *sweepValue) starlark.Value {
					return dict(v, func(r sweep.Result) starlark.Value {
						if r.Certificates == nil {
							return nil
						}
						return starlark.String(r.Cell.File(v.path, sweep.WeightsExt))
					})
				}),
			language.Attr("failed", "a dict by cell: why the last attempt failed; the same line tries again",
				func(v *sweepValue) starlark.Value {
					return dict(v, func(r sweep.Result) starlark.Value {
						if r.Failure == "" {
							return nil
						}
						return starlark.String(r.Failure)
					})
				}),
		},
		Methods: slices.Concat(sweepMethods(), []*language.Function{
			language.Method("wait", "wait until the sweep has ended, showing progress; an interrupt ends the wait, not the sweep",
				struct{}{},
				func(c *language.Call, v *sweepValue, _ *struct{}) (starlark.Value, error) {
					if err := v.wait(c, nil); err != nil {
						return nil, err
					}
					state, _, _, err := v.status()
					if state == report.RunFailed {
						return nil, err
					}
					return v, nil
				}),
			language.Method("stop", "stop the sweep; finished cells are kept, and the same call of sweep resumes it",
				struct{}{},
				func(c *language.Call, v *sweepValue, _ *struct{}) (starlark.Value, error) { return v, v.stop(c) }),
		}),
	}
}

// value returns the certificates of a finished cell as a value of the language.
func (v *sweepValue) value(r sweep.Result) *certificatesValue {
	return &certificatesValue{
		Certificates: r.Certificates,
		path:         r.Cell.File(v.path, sweep.LogExt),
		pick:         r.Cell.Held.Pick(),
		classes:      r.Cell.Held.Classes,
		values:       r.Cell.Held.Height * r.Cell.Held.Width * r.Cell.Held.Channels,
	}
}

func (v *sweepValue) Attr(name string) (starlark.Value, error) { return v.Lookup(v, name) }
func (v *sweepValue) String() string                           { return plainText(v.Report()) }
