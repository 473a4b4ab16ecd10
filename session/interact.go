package session

import (
	"context"
	"fmt"
	"sync/atomic"

	"smoothlab/language"
	"smoothlab/report"

	"go.starlark.net/starlark"
)

// interactFunction implements interact().
func interactFunction(s *Session) *language.Function {
	const help = "Call a function again and again with settings that controls change\n" +
		"(low, high) and (low, high, step) are sliders, a list is a choice, True or False is a check box, and a data set is a choice of its images. " +
		"What the function shows, prints or returns is redrawn; of the changes that arrive meanwhile, only the last is shown. " +
		"In JupyterLab the controls are widgets; at the prompt, the arrow keys move them; without a kernel, as in an exported page, they choose between frames drawn before."
	return language.FuncWithParams("interact", help, []language.Param{
		{Name: "f", Required: true, Want: "a function", Help: "a def or a lambda whose arguments are the names of the controls"},
		{Name: "**controls", Want: "controls", Help: "a control for each argument, such as sigma=(0.1, 1.0) or steps=[1, 2, 4, 8]"},
	}, s.interact)
}

// interact implements interact().
func (s *Session) interact(c *language.Call, values []starlark.Value) (starlark.Value, error) {
	f, ok := values[0].(starlark.Callable)
	if !ok {
		return nil, fmt.Errorf("interact: f must be a function, got %s", values[0])
	}
	given, _ := values[1].(*starlark.Dict)
	if given == nil || given.Len() == 0 {
		return nil, fmt.Errorf("interact needs a control for each argument of f, such as interact(f, sigma=(0.1, 1.0))")
	}
	if given.Len() > maxControls {
		return nil, fmt.Errorf("interact takes at most %d controls, got %d", maxControls, given.Len())
	}
	var controls []*control
	for key, v := range given.Entries() {
		name, _ := starlark.AsString(key)
		one, err := newControl(name, v, defaultOf(f, name))
		if err != nil {
			return nil, err
		}
		controls = append(controls, one)
	}
	named := func(at []float64) []starlark.Tuple {
		var list []starlark.Tuple
		for i, one := range controls {
			list = append(list, starlark.Tuple{starlark.String(one.Name), one.value(at[i])})
		}
		return list
	}
	return nil, s.present(
		c,
		controls,
		func(ctx context.Context, at []float64, out report.Output) (starlark.Value, error) {
			return c.InvokeOn(ctx, out, f, named(at))
		},
		func(ctx context.Context, at []float64, out report.Output) (starlark.Value, error) {
			return s.interp.Invoke(ctx, "interact", f, named(at), out)
		},
	)
}

// defaultOf returns the default value of a function's parameter, or nil if there is none.
func defaultOf(f starlark.Callable, name string) starlark.Value {
	fn, ok := f.(*starlark.Function)
	if !ok {
		return nil
	}
	for i := range fn.NumParams() {
		if param, _ := fn.Param(i); param == name {
			return fn.ParamDefault(i)
		}
	}
	return nil
}

// draw computes what belongs to the positions of controls. It returns a value to show, and may show others itself.
type draw func(ctx context.Context, at []float64, out report.Output) (starlark.Value, error)

// present shows controls on the front end of the evaluation. It draws with inside during the evaluation and with
// outside after it.
func (s *Session) present(c *language.Call, controls []*control, inside, outside draw) error {
	p := report.Panel{}
	for _, one := range controls {
		p.Controls = append(p.Controls, one.Control)
	}
	var ended atomic.Bool
	defer ended.Store(true)
	p.Draw = func(ctx context.Context, at []float64, out report.Output) error {
		if ended.Load() {
			return s.redraw(ctx, at, out, outside)
		}
		v, err := inside(ctx, at, out)
		if err == nil {
			s.showDrawn(v, out)
		}
		return err
	}
	if front, ok := report.Find[report.Interactor](c.Out); ok {
		return front.Interact(c.Ctx, p)
	}
	c.Out.Print(p.Text(p.First()) + "\n")
	return p.Draw(c.Ctx, p.First(), c.Out)
}

// redraw draws as an evaluation of its own.
func (s *Session) redraw(ctx context.Context, at []float64, out report.Output, outside draw) error {
	done, err := s.acquireTurn(ctx)
	if err != nil {
		return err
	}
	defer done()
	r, err := s.run(ctx, func(ctx context.Context) (starlark.Value, error) { return outside(ctx, at, out) }, out)
	if err != nil {
		return err
	}
	if _, seen := r.(report.Shown); r != nil && !seen {
		out.Show(report.InFull(r))
	}
	return nil
}

// showDrawn shows the value of a drawing, unless the drawing has shown it.
func (s *Session) showDrawn(v starlark.Value, out report.Output) {
	if r := reported(v); r != nil && !s.isShown(v) {
		out.Show(report.InFull(r))
	}
}
