package session

import (
	"errors"
	"fmt"

	"smoothlab/language"
	"smoothlab/report"

	"go.starlark.net/starlark"
)

// exitArgs are the arguments of exit() and quit().
type exitArgs struct {
	Status int `arg:"status" help:"exit status of the program; 0 means success"`
}

// maxStatus is the largest exit status that operating systems report.
const maxStatus = 255

// exit implements exit() and quit(). It returns an error that front ends take as a request to leave.
func (s *Session) exit(_ *language.Call, a *exitArgs) (starlark.Value, error) {
	if a.Status < 0 || a.Status > maxStatus {
		return nil, fmt.Errorf("exit: the status must be from 0 to %d, got %d", maxStatus, a.Status)
	}
	return nil, leaving(a.Status)
}

func leaving(status int) error {
	return &report.Error{Name: report.Exit, Message: "leaving the session", Status: status}
}

// isExit reports whether a value is the function exit itself: typing the bare word counts as the call.
func isExit(v starlark.Value) bool {
	b, ok := v.(*language.Bound)
	return ok && (b.Name() == "exit" || b.Name() == "quit")
}

// Exited reports whether an evaluation error is a call of exit, and its status.
func Exited(err error) (status int, ok bool) {
	var e *report.Error
	if errors.As(err, &e) && e.Name == report.Exit {
		return e.Status, true
	}
	return 0, false
}
