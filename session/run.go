package session

import (
	"context"
	"errors"
	"fmt"

	"smoothlab/classifier"
	"smoothlab/language"
	"smoothlab/method"
	"smoothlab/report"
	"smoothlab/train"

	"go.starlark.net/starlark"
)

// errOver reports that a run has ended and takes no more requests.
var errOver = errors.New("the run is over")

// run is a training run as a value of the language.
type run struct {
	language.Object[*run]
	*job
	settings train.Settings
	devices  int    // number requested; 0 for the default
	logDir   string // directory for TensorBoard; "" for none
	of       *classifierValue
	requests chan request

	uses    *methodValue  // the method that train() was given
	started chan struct{} // closed after the first step, or at the end

	// Guarded by job.mu.
	method  method.Method // current method
	last    train.Progress
	changes []train.Change
	history []train.Epoch
	course  report.Course
	result  *train.Run // set at the end; nil if the run failed before its first step
}

// request is work to do between two steps of a run, in the run's goroutine.
type request struct {
	do   func(train.Control) error
	done chan error
}

// ask runs do between two steps and waits for it.
func (r *run) ask(ctx context.Context, do func(train.Control) error) error {
	q := request{do, make(chan error, 1)}
	select {
	case r.requests <- q:
	case <-r.done:
		return errOver
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-q.done:
		return err
	case <-r.done:
		select { // the run may have served it last
		case err := <-q.done:
			return err
		default:
			return errOver
		}
	case <-ctx.Done():
		return ctx.Err()
	}
}

// serve handles pending requests. It is called between two steps.
func (r *run) serve(control train.Control) {
	for {
		select {
		case q := <-r.requests:
			q.done <- q.do(control)
		default:
			return
		}
	}
}

// classifierNow returns the classifier after the latest step.
func (r *run) classifierNow(ctx context.Context) (c *classifier.Classifier, err error) {
	err = r.ask(ctx, func(control train.Control) error {
		c, err = control.Classifier()
		return err
	})
	return c, err
}

// mayChange returns an error if the run cannot continue with one setting changed.
func (r *run) mayChange(old, changed method.Method, name string) error {
	if !r.running() {
		return nil
	}
	for i, f := range method.Fields(changed) {
		if f.Name != name || f.Value == method.Fields(old)[i].Value {
			continue
		}
		was := method.Fields(old)[i].Value
		another := fmt.Sprintf("Stop it, or make another %s(%s=%v).", identifier(changed.Name()), name, f.Value)
		switch {
		case name == "sigma":
			return fmt.Errorf("%s trains at sigma %v; its sigma cannot change. %s", r.name(), was, another)
		case f.Compiled:
			return fmt.Errorf(
				"%s was compiled with %s=%v, which cannot change during the run. %s",
				r.name(),
				name,
				was,
				another,
			)
		}
	}
	return nil
}

// change replaces the run's method and returns the first update that uses the new one.
func (r *run) change(ctx context.Context, m method.Method) (update int, err error) {
	err = r.ask(ctx, func(control train.Control) error {
		if err := control.Set(m); errors.Is(err, train.ErrFinished) {
			return errOver
		} else if err != nil {
			return err
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.method, r.changes, update = m, control.Changes(), r.last.Update
		r.what = formatCall(m)
		return nil
	})
	return update, err
}

// methodNow returns the method in use. After the end it is the method as it was then.
func (r *run) methodNow() *methodValue {
	if r.running() {
		return r.uses
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return &methodValue{session: r.session, m: r.method}
}

// resume restores the history of a resumed run, whose method may have been changed before.
func (r *run) resume(control train.Control, of *methodValue) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.changes = control.Changes()
	if len(r.changes) > 0 {
		r.method = control.Method()
		of.setMethod(r.method)
	}
}

// observe records a step.
func (r *run) observe(p train.Progress) {
	r.mu.Lock()
	r.last = p
	if len(p.Terms) > 0 { // not before the first step
		r.course.Add(report.CoursePoint{Update: p.Update, LR: p.LR, Terms: terms(p.Terms)})
	}
	if p.Done != nil {
		r.history = append(r.history, *p.Done)
	}
	r.mu.Unlock()
	detail := fmt.Sprintf("epoch %d/%d", p.Epoch+1, p.Epochs)
	for _, t := range p.Terms {
		detail += fmt.Sprintf(" · %s %.3f", t.Name, t.Value)
	}
	detail += fmt.Sprintf(" · lr %.3g", p.LR)
	if p.Judging > 0 {
		detail = fmt.Sprintf("before epoch %d: judging noisy copies, %d%%", p.Epoch+1, 100*p.Judged/p.Judging)
	}
	if p.Rate > 0 {
		detail += fmt.Sprintf(" · %.1f updates/s", p.Rate)
	}
	r.progress(
		report.Progress{
			Part:   "training " + r.method.Name(),
			Done:   p.Update,
			Total:  p.Updates,
			Detail: detail,
			Left:   int(p.Left.Seconds()),
		},
	)
}

// Describe lists the attributes and methods of training runs.
func (*run) Describe() *language.Kind {
	return &language.Kind{Name: "run", Help: "A training run, in progress or ended.",
		Attributes: []language.Attribute{
			language.Attr(
				"id",
				"number of the job in this session; 0 in the foreground",
				func(r *run) starlark.Value { return starlark.MakeInt(r.id) },
			),
			language.Attr(
				"state",
				`"running", "stopped", "finished", "failed", or "loaded" if it had finished before`,
				func(r *run) starlark.Value {
					state, _, _, _ := r.status()
					return starlark.String(state)
				},
			),
			language.Attr(
				"update",
				"optimizer steps taken",
				func(r *run) starlark.Value { return starlark.MakeInt(r.report().Update) },
			),
			language.Attr(
				"updates",
				"optimizer steps planned for the run",
				func(r *run) starlark.Value { return starlark.MakeInt(r.report().Updates) },
			),
			language.Attr(
				"path",
				"path of the checkpoint; empty if there is none",
				func(r *run) starlark.Value { return starlark.String(r.path) },
			),
			language.Attr(
				"method",
				"the method; its settings can be assigned while the run is in progress",
				func(r *run) starlark.Value { return r.methodNow() },
			),
			language.Attr("classifier", "the classifier being trained", func(r *run) starlark.Value { return r.of }),
			language.Attr("loss", "mean loss over the epoch so far", func(r *run) starlark.Value {
				r.mu.Lock()
				defer r.mu.Unlock()
				return starlark.Float(r.last.Loss)
			}),
			language.Attr(
				"changes",
				"settings that were changed during the run",
				func(r *run) starlark.Value { return texts(r.report().Changes) },
			),
			language.Attr(
				"weights",
				"once the run has ended, the weight with which each training image is drawn, 0 if it was dropped; empty if the method does not choose images",
				func(r *run) starlark.Value { return r.weights() },
			),
			language.Attr(
				"history",
				"learning rate, loss terms and accuracy under noise of each epoch; r.history[-1] is the last epoch",
				func(r *run) starlark.Value {
					h := historyOf(r.report())
					return newListValue(h, len(h.History), func(i int) starlark.Value { return record(h.History[i]) })
				},
			),
		},
		Methods: []*language.Function{
			language.Method(
				"wait",
				"wait until the run has ended, showing progress; an interrupt ends the wait, not the run",
				struct{}{},
				func(c *language.Call, r *run, _ *struct{}) (starlark.Value, error) {
					if err := r.wait(c, r.live(c)); err != nil {
						return nil, err
					}
					return r, r.failure()
				},
			),
			language.Method(
				"stop",
				"stop the run after its current step; with out= the same train(…) resumes it",
				struct{}{},
				func(c *language.Call, r *run, _ *struct{}) (starlark.Value, error) {
					return r, r.stop(c)
				},
			),
		}}
}

func (r *run) Attr(name string) (starlark.Value, error) { return r.Lookup(r, name) }
func (r *run) String() string                           { return plainText(r.Report()) }
func (r *run) Report() report.Report                    { return r.report() }

// historyOf returns the history of a run.
func historyOf(r report.Run) report.RunHistory {
	return report.RunHistory{ID: r.ID, Method: r.Method, Path: r.Path, History: r.History, Changes: r.Changes}
}

// failure returns the error if the run failed, else nil.
func (r *run) failure() error {
	state, _, _, err := r.status()
	if state == report.RunFailed {
		return err
	}
	return nil
}

func (r *run) report() report.Run {
	state, now, took, failure := r.status()
	r.mu.Lock()
	defer r.mu.Unlock()
	out := report.Run{
		ID:         r.id,
		State:      state,
		Classifier: r.of.arch(),
		Method:     formatCall(r.method),
		Path:       r.path,
		Update:     r.last.Update,
		Updates:    r.last.Updates,
		Epochs:     r.settings.Epochs,
		Batch:      r.settings.Batch / r.settings.Parts(r.method),
		LR:         r.last.LR,
		Optimizer:  r.settings.OptimizerText(),
		Devices:    r.last.Devices,
		Background: r.background,
		Now:        terms(r.last.Terms),
		History:    epochs(r.history),
		Points:     r.course.Points(),
		Seconds:    took.Seconds(),
	}
	if state == report.RunRunning {
		out.Left = float64(now.Left)
	}
	changes := r.changes
	if r.result != nil {
		out.Update, out.Updates, out.Devices, out.History = r.result.Update, r.result.Updates, r.result.Devices, epochs(
			r.result.History,
		)
		changes = r.result.Changes
	}
	for _, ch := range changes {
		out.Changes = append(out.Changes, ch.Text)
	}
	if failure != nil && state == report.RunFailed {
		out.Message = failure.Error()
	}
	return out
}

// weights returns the drawing weights of an ended run.
func (r *run) weights() starlark.Value {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := []starlark.Value{}
	if r.result != nil {
		for _, w := range r.result.Weights {
			list = append(list, starlark.Float(w))
		}
	}
	return starlark.NewList(list)
}

func terms(means []train.Mean) []report.Term {
	var list []report.Term
	for _, m := range means {
		list = append(list, report.Term{Name: m.Name, Value: m.Value})
	}
	return list
}

func epochs(history []train.Epoch) []report.Epoch {
	var list []report.Epoch
	for _, e := range history {
		list = append(list, report.Epoch{Epoch: e.Epoch, LR: e.LR, Warm: e.Warm, Loss: e.Loss, Terms: terms(e.Terms),
			NoisyAccuracy: e.NoisyAccuracy, NoisyLoss: e.NoisyLoss, Kept: e.Kept})
	}
	return list
}

// arch returns the name of the network, which training does not change.
func (v *classifierValue) arch() string {
	c, _, _ := v.last()
	return c.Arch.Name
}
