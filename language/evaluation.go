package language

import (
	"context"
	"fmt"

	"smoothlab/report"

	"go.starlark.net/starlark"
)

// evaluation is one run of a cell, or of a function outside of a cell.
type evaluation struct {
	interp  *Interp
	call    *Call
	refused func() error // why the guard has ended it; nil if it has not
}

// evaluation returns a new evaluation. The caller must call end.
func (i *Interp) evaluation(ctx context.Context, name string, out report.Output) (e *evaluation, end func()) {
	thread := &starlark.Thread{Name: name, Print: func(_ *starlark.Thread, s string) { out.Print(s) }}
	refused := i.guard.Watch(ctx, thread)
	gate := &gate{out: out}
	call := &Call{Ctx: ctx, Out: gate, thread: thread, gate: gate, interp: i, abandoned: &i.abandoned}
	thread.SetLocal(callKey, call)
	done := make(chan struct{})
	stopped := context.AfterFunc(ctx, func() { thread.Cancel("interrupted"); close(done) })
	return &evaluation{i, call, refused}, func() {
		if !stopped() {
			<-done
		}
	}
}

// failure returns the error of an evaluation for users.
func (e *evaluation) failure(c cell, err error) error {
	if why := e.refused(); why != nil {
		return &report.Error{Name: report.Failed, Message: why.Error()}
	}
	return e.interp.runError(e.call.Ctx, c, err)
}

// recovered turns a panic into an error; it is deferred.
func recovered(v *starlark.Value, err *error) {
	if r := recover(); r != nil {
		*v, *err = nil, &report.Error{
			Name:    report.Internal,
			Message: fmt.Sprintf("%v; the session continues; please report this bug", r),
		}
	}
}

// Invoke calls a function between cells, with keyword arguments. It sees the variables as they are now. Errors refer to
// the call by name and are of type *report.Error.
func (i *Interp) Invoke(
	ctx context.Context,
	name string,
	fn starlark.Callable,
	named []starlark.Tuple,
	out report.Output,
) (starlark.Value, error) {
	i.running.Lock()
	defer i.running.Unlock()
	defer i.publish()
	return i.shortened(i.invoke(ctx, name, fn, named, out))
}

func (i *Interp) invoke(
	ctx context.Context,
	name string,
	fn starlark.Callable,
	named []starlark.Tuple,
	out report.Output,
) (v starlark.Value, err error) {
	defer recovered(&v, &err)
	e, end := i.evaluation(ctx, name, out)
	defer end()
	if v, err = starlark.Call(e.call.thread, fn, nil, named); err != nil {
		return nil, e.failure(cell{name: name}, err)
	}
	return v, nil
}
