package session

import (
	"errors"

	"smoothlab/language"
	"smoothlab/report"

	"go.starlark.net/starlark"
)

// inputArgs are those of input().
type inputArgs struct {
	Prompt string `arg:"prompt" help:"what is asked"`
	Hidden bool   `arg:"hidden" help:"what is typed is not shown"`
}

// input is input().
func (s *Session) input(c *language.Call, a *inputArgs) (starlark.Value, error) {
	asker, ok := c.Out.(report.Asker)
	if !ok {
		return nil, errors.New("nobody can be asked here: give a program its arguments behind --, where they are argv")
	}
	answer, err := asker.Ask(c.Ctx, a.Prompt, a.Hidden)
	if err != nil {
		return nil, err
	}
	return starlark.String(answer), nil
}

// clear is clear().
func (s *Session) clear(c *language.Call, _ *struct{}) (starlark.Value, error) {
	if clearer, ok := c.Out.(report.Clearer); ok {
		clearer.Clear()
	}
	return nil, nil
}
