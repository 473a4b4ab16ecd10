package language

import (
	"context"
	"errors"

	"smoothlab/report"

	"go.starlark.net/starlark"
)

const callKey = "call"

// Call is what a function learns of the evaluation that it is part of.
type Call struct {
	Ctx    context.Context // ends with an interrupt
	Out    report.Output   // not to be used after the function has returned
	thread *starlark.Thread
	gate   *gate
	left   *left // of the interpreter; nil where there is none
}

// Invoke calls a function of the user's; named are pairs of a name and a value.
func (c *Call) Invoke(fn starlark.Callable, args []starlark.Value, named []starlark.Tuple) (starlark.Value, error) {
	return starlark.Call(c.thread, fn, args, named)
}

// callOf finds the Call of a running thread.
func callOf(thread *starlark.Thread) (*Call, error) {
	c, ok := thread.Local(callKey).(*Call)
	if !ok {
		return nil, errors.New("called outside of a session")
	}
	return c, nil
}
