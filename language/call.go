package language

import (
	"context"
	"errors"
	"sync/atomic"

	"smoothlab/report"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

const callKey = "call"

// Call gives a function access to the evaluation that calls it.
type Call struct {
	Ctx       context.Context // ends with an interrupt
	Out       report.Output   // must not be used after the function has returned
	thread    *starlark.Thread
	gate      *gate
	interp    *Interp
	abandoned *abandoned // of the interpreter; may be nil
	kept      atomic.Pointer[kept]
}

// kept is the value that a function has passed to Keep.
type kept struct {
	by string // name of the function
	v  starlark.Value
}

// Invoke calls a function defined by the user. The elements of named are pairs of a name and a value.
func (c *Call) Invoke(fn starlark.Callable, args []starlark.Value, named []starlark.Tuple) (starlark.Value, error) {
	return starlark.Call(c.thread, fn, args, named)
}

// InvokeOn calls a function defined by the user with keyword arguments, and sends what it prints and shows to out. Its
// errors are of type *report.Error.
func (c *Call) InvokeOn(
	ctx context.Context,
	out report.Output,
	fn starlark.Callable,
	named []starlark.Tuple,
) (starlark.Value, error) {
	return c.interp.shortened(c.interp.invoke(ctx, c.thread.Name, fn, named, out))
}

// Keep makes v the value of a function of the session if an interrupt ends it: after r = train(…), r is v.
func (c *Call) Keep(function string, v starlark.Value) { c.kept.Store(&kept{function, v}) }

// keptBy returns the kept value after an interrupt if e is a call of the function that has kept it, else nil.
func (c *Call) keptBy(e syntax.Expr) starlark.Value {
	k := c.kept.Load()
	call, isCall := e.(*syntax.CallExpr)
	if k == nil || !isCall || c.Ctx.Err() == nil {
		return nil
	}
	if id, ok := call.Fn.(*syntax.Ident); !ok || id.Name != k.by {
		return nil
	}
	return k.v
}

// callOf returns the Call of a running thread.
func callOf(thread *starlark.Thread) (*Call, error) {
	c, ok := thread.Local(callKey).(*Call)
	if !ok {
		return nil, errors.New("called outside a session")
	}
	return c, nil
}
