package language

import (
	"context"
	"errors"

	"smoothlab/report"

	"go.starlark.net/starlark"
)

const callKey = "call"

// Call gives a function access to the evaluation that calls it.
type Call struct {
	Ctx       context.Context // ends with an interrupt
	Out       report.Output   // must not be used after the function has returned
	thread    *starlark.Thread
	gate      *gate
	abandoned *abandoned // of the interpreter; may be nil
}

// Invoke calls a function defined by the user. The elements of named are pairs of a name and a value.
func (c *Call) Invoke(fn starlark.Callable, args []starlark.Value, named []starlark.Tuple) (starlark.Value, error) {
	return starlark.Call(c.thread, fn, args, named)
}

// callOf returns the Call of a running thread.
func callOf(thread *starlark.Thread) (*Call, error) {
	c, ok := thread.Local(callKey).(*Call)
	if !ok {
		return nil, errors.New("called outside a session")
	}
	return c, nil
}
