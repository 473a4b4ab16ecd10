package kernel

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"math"
	"slices"
	"sync"
	"time"

	"smoothlab/kernel/widget"
	"smoothlab/report"
)

// viewType is the media type of a widget in a display.
const viewType = "application/vnd.jupyter.widget-view+json"

// panel is a panel shown as widgets. When a control moves, it draws in its own goroutine. Moves during a drawing
// replace each other: the next drawing takes the latest positions.
type panel struct {
	report.Panel
	panels *panels
	run    string // id of the request that made it
	cell   string // id of the notebook's cell; may be ""

	inputs  []*widget.Model
	buttons *widget.Model // box of the button and the status
	reset   *widget.Model
	status  *widget.Model
	picture *widget.Model // shows a drawing that is one picture
	output  *widget.Model // shows any other drawing
	box     *widget.Model
	first   *drawing

	mu      sync.Mutex
	at      []float64
	moved   bool // since the latest drawing began
	drawing bool // a goroutine draws
	skipped int  // changes that no drawing has shown
	cancel  context.CancelFunc
	closed  bool
}

// newPanel opens the widgets of a panel.
func newPanel(s *panels, n *notebook, p report.Panel) *panel {
	v := &panel{Panel: p, panels: s, run: n.request.m.Header.ID, cell: n.cell(), at: p.First()}
	parent, board := n.parent(), s.board
	var refs []string
	for i, c := range p.Controls {
		m := board.New(parent, classOf(c), traits(c), widget.State{"width": "32em"})
		m.OnInput(func(raw json.RawMessage) (any, bool) { return v.move(i, raw) })
		v.inputs, refs = append(v.inputs, m), append(refs, m.Ref())
	}
	v.reset = board.New(parent, widget.Button, widget.State{"description": "reset", "icon": "undo"}, nil)
	v.reset.OnInput(func(json.RawMessage) (any, bool) { v.resetAll(); return nil, false })
	v.status = board.New(parent, widget.HTML, nil, nil)
	v.buttons = board.New(parent, widget.HBox, widget.State{"children": []string{v.reset.Ref(), v.status.Ref()}}, nil)
	v.picture = board.New(parent, widget.Image, nil, nil)
	v.output = board.New(parent, widget.Output, nil, nil)
	v.box = board.New(parent, widget.VBox,
		widget.State{"children": append(refs, v.buttons.Ref(), v.output.Ref())}, nil)
	return v
}

// classOf returns the class of the widget that shows a control.
func classOf(c report.Control) widget.Class {
	switch {
	case c.Kind == report.Check:
		return widget.Checkbox
	case c.Kind == report.Choice && c.Ordered:
		return widget.SelectionSlider
	case c.Kind == report.Choice:
		return widget.Dropdown
	case c.Whole:
		return widget.IntSlider
	}
	return widget.FloatSlider
}

// traits returns the traits of the widget that shows a control.
func traits(c report.Control) widget.State {
	s := widget.State{"description": c.Name}
	switch c.Kind {
	case report.Check:
		s["value"] = wireForm(c, c.First)
	case report.Choice:
		s["_options_labels"], s["index"] = c.Options, wireForm(c, c.First)
	default:
		for name, x := range map[string]float64{"value": c.First, "min": c.Min, "max": c.Max, "step": c.Step} {
			s[name] = wireForm(c, x)
		}
		if !c.Whole {
			digits := max(1, int(math.Ceil(-math.Log10(c.Step)-1e-9)))
			s["readout_format"] = fmt.Sprintf(".%df", digits)
		}
	}
	return s
}

// bundle returns the display of the panel. Front ends without widgets show the first drawing.
func (v *panel) bundle() map[string]any {
	data := v.first.bundle(v.first.page.String())
	data[viewType] = object{"version_major": 2, "version_minor": 0, "model_id": v.box.ID()}
	return data
}

// move moves a control.
func (v *panel) move(i int, raw json.RawMessage) (form any, ok bool) {
	at, form, err := position(v.Controls[i], raw)
	if err != nil {
		return nil, false
	}
	v.moveTo(func(all []float64) { all[i] = at })
	return form, true
}

// moveTo changes the positions and starts a drawing unless one is in progress.
func (v *panel) moveTo(change func(at []float64)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.closed {
		return
	}
	change(v.at)
	if v.moved {
		v.skipped++
	}
	v.moved = true
	if !v.drawing {
		v.drawing = true
		go v.drawLatest()
	}
}

// resetAll moves all controls to their first positions.
func (v *panel) resetAll() {
	for i, c := range v.Controls {
		name := "value"
		if c.Kind == report.Choice {
			name = "index"
		}
		v.inputs[i].Set(nil, widget.State{name: wireForm(c, c.First)})
	}
	v.moveTo(func(at []float64) { copy(at, v.First()) })
}

// drawLatest draws until the latest positions are drawn.
func (v *panel) drawLatest() {
	for {
		v.mu.Lock()
		if !v.moved || v.closed {
			v.drawing = false
			v.mu.Unlock()
			return
		}
		v.moved = false
		at := slices.Clone(v.at)
		ctx, cancel := context.WithCancel(v.panels.ctx)
		v.cancel = cancel
		v.mu.Unlock()
		_ = v.drawNow(ctx, at, nil) // the error is part of the drawing
		cancel()
	}
}

// drawNow draws at some positions.
func (v *panel) drawNow(ctx context.Context, at []float64, parent json.RawMessage) error {
	begun := time.Now()
	d := &drawing{}
	err := guarded(func() error { return v.Draw(ctx, at, d) })
	if err != nil {
		d.fail(err)
	}
	v.mu.Lock()
	skipped := v.skipped
	closed := v.closed
	v.mu.Unlock()
	if closed {
		return err
	}
	if v.first == nil {
		v.first = d
	}
	shown := v.output
	if png, picture, ok := d.image(); ok {
		shown = v.picture
		scale := min(8, max(1, 224/max(picture.Width, picture.Height)))
		v.picture.Set(parent, widget.State{
			"value": png, "width": fmt.Sprint(scale * picture.Width), "height": fmt.Sprint(scale * picture.Height),
		})
	} else {
		v.output.Set(parent, widget.State{"outputs": d.outputs})
	}
	v.arrange(parent, shown)
	status := fmt.Sprintf("%s · %d ms", v.Text(at), time.Since(begun).Milliseconds())
	if skipped > 0 {
		status += fmt.Sprintf(" · %d changes skipped so far", skipped)
	}
	v.status.Set(parent, widget.State{"value": `<span class="smoothlab">` + html.EscapeString(status) + `</span>`})
	return err
}

// arrange puts the controls above the widget that shows the drawing.
func (v *panel) arrange(parent json.RawMessage, shown *widget.Model) {
	var refs []string
	for _, m := range v.inputs {
		refs = append(refs, m.Ref())
	}
	v.box.Replace(parent, "children", append(refs, v.buttons.Ref(), shown.Ref()))
}

// guarded calls a drawing and turns a panic into an error.
func guarded(draw func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &report.Error{
				Name:    report.Internal,
				Message: fmt.Sprintf("the drawing: %v; the session continues; please report this", p),
			}
		}
	}()
	return draw()
}

// interrupt ends the drawing in progress.
func (v *panel) interrupt() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.cancel != nil {
		v.cancel()
	}
}

// close removes the widgets and ends the drawing in progress.
func (v *panel) close(parent json.RawMessage) {
	v.mu.Lock()
	v.closed = true
	v.mu.Unlock()
	v.interrupt()
	for _, m := range append(v.inputs, v.box, v.buttons, v.reset, v.status, v.picture, v.output) {
		m.Close(parent)
	}
}
