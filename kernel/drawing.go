package kernel

import (
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"strings"
	"sync"

	"smoothlab/kernel/wire"
	"smoothlab/report"
)

// Limits of one drawing of a panel.
const (
	maxDrawn   = 100     // reports
	maxWritten = 1 << 20 // bytes of text
)

// drawing collects what the drawing of a panel prints and shows, in the form in which notebooks keep outputs.
type drawing struct {
	mu      sync.Mutex
	outputs []object
	page    strings.Builder // the same as HTML
	text    strings.Builder // the same as text
	written int
	shown   []report.Report
}

func (d *drawing) Print(text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.written += len(text); d.written > maxWritten {
		return
	}
	d.text.WriteString(text)
	d.page.WriteString("<pre>" + html.EscapeString(text) + "</pre>")
	if n := len(d.outputs); n > 0 && d.outputs[n-1]["output_type"] == "stream" {
		d.outputs[n-1]["text"] = d.outputs[n-1]["text"].(string) + text
		return
	}
	d.outputs = append(d.outputs, object{"output_type": "stream", "name": "stdout", "text": text})
}

func (d *drawing) Show(r report.Report) {
	bundle := mimeBundle(r)
	delete(bundle, wire.ReportType) // no program reads a drawing
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.shown = append(d.shown, r); len(d.shown) > maxDrawn {
		return
	}
	d.outputs = append(d.outputs, object{"output_type": "display_data", "data": bundle, "metadata": object{}})
	d.page.WriteString(bundle["text/html"].(string))
	d.text.WriteString(bundle["text/plain"].(string) + "\n")
}

// Progress does nothing: the next drawing replaces this one soon.
func (*drawing) Progress(report.Progress) {}

// fail adds an error.
func (d *drawing) fail(err error) {
	f := errorContent(err)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.outputs = append(d.outputs, object{
		"output_type": "error", "ename": f.Name, "evalue": f.Value, "traceback": f.Traceback,
	})
}

// image returns the PNG of the drawing if it is nothing but one picture.
func (d *drawing) image() (png []byte, picture report.Image, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.outputs) != 1 || len(d.shown) != 1 {
		return nil, picture, false
	}
	r, _ := report.Unwrapped(d.shown[0])
	p, ok := r.(report.Picture)
	if !ok {
		return nil, picture, false
	}
	png, err := p.Image.PNG()
	return png, p.Image, err == nil
}

// bundle returns the drawing in the forms of a notebook, with another page as HTML.
func (d *drawing) bundle(page string) map[string]any {
	d.mu.Lock()
	defer d.mu.Unlock()
	data := map[string]any{"text/plain": strings.TrimSuffix(d.text.String(), "\n"), "text/html": page}
	if len(d.shown) == 1 {
		for kind, form := range mimeBundle(d.shown[0]) {
			if strings.HasPrefix(kind, "image/") {
				data[kind] = form
			}
		}
	}
	return data
}

// position reads a position of a control from a message. form is the position as front ends are sent it.
func position(c report.Control, raw json.RawMessage) (at float64, form any, err error) {
	if c.Kind == report.Check {
		var on *bool
		if err := json.Unmarshal(raw, &on); err != nil || on == nil {
			return 0, nil, errors.New("a check box is true or false")
		}
		if *on {
			at = 1
		}
		return at, *on, nil
	}
	var x *float64
	if err := json.Unmarshal(raw, &x); err != nil || x == nil || !c.Valid(*x) {
		return 0, nil, fmt.Errorf("%s has no position %s", c.Name, raw)
	}
	return *x, wireForm(c, *x), nil
}

// wireForm returns a position of a control as front ends are sent it.
func wireForm(c report.Control, x float64) any {
	switch {
	case c.Kind == report.Check:
		return x != 0
	case c.Kind == report.Choice || c.Whole:
		return int(x)
	}
	return x
}
