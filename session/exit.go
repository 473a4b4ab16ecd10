package session

import (
	"errors"
	"fmt"

	"smoothlab/language"
	"smoothlab/report"

	"go.starlark.net/starlark"
)

// exitArgs are those of exit() and quit().
type exitArgs struct {
	Status int `arg:"status" help:"exit status of a program; 0 says that all went well"`
}

// maxStatus is the largest exit status that systems pass on.
const maxStatus = 255

// exit is exit() and quit(): an error that those who evaluate take for a wish.
func (s *Session) exit(_ *language.Call, a *exitArgs) (starlark.Value, error) {
	if a.Status < 0 || a.Status > maxStatus {
		return nil, fmt.Errorf("exit: the status must be from 0 to %d, got %d", maxStatus, a.Status)
	}
	return nil, leaving(a.Status)
}

func leaving(status int) error {
	return &report.Error{Name: report.Exit, Message: "the session is left", Status: status}
}

// isExit reports whether a value is the function exit itself: whoever types the bare word means the call.
func isExit(v starlark.Value) bool {
	b, ok := v.(*language.Bound)
	return ok && (b.Name() == "exit" || b.Name() == "quit")
}

// Exited reports whether an error of an evaluation is a call of exit, and with which status.
func Exited(err error) (status int, ok bool) {
	var e *report.Error
	if errors.As(err, &e) && e.Name == report.Exit {
		return e.Status, true
	}
	return 0, false
}
