package session

import (
	"errors"

	"smoothlab/language"
	"smoothlab/report"

	"go.starlark.net/starlark"
)

// inputArgs are the arguments of input().
type inputArgs struct {
	Prompt string `arg:"prompt" help:"text of the question"`
	Hidden bool   `arg:"hidden" help:"do not show what is typed"`
}

// input implements input().
func (s *Session) input(c *language.Call, a *inputArgs) (starlark.Value, error) {
	asker, ok := report.Find[report.Asker](c.Out)
	if !ok {
		return nil, errors.New("input() needs an interactive session; pass arguments after -- and read argv")
	}
	answer, err := asker.Ask(c.Ctx, a.Prompt, a.Hidden)
	if err != nil {
		return nil, err
	}
	return starlark.String(answer), nil
}

// clear implements clear().
func (s *Session) clear(c *language.Call, _ *struct{}) (starlark.Value, error) {
	if clearer, ok := report.Find[report.Clearer](c.Out); ok {
		clearer.Clear()
	}
	return nil, nil
}
