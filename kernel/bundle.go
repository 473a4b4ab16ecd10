package kernel

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"smoothlab/kernel/wire"
	"smoothlab/report"
)

// textWidth is that of text in notebooks.
const textWidth = 100

// bundle is r in the forms of a notebook.
func bundle(r report.Report) map[string]any {
	looks := r
	r, _ = report.Unwrapped(r)
	data := map[string]any{
		"text/plain": strings.TrimSuffix(report.Text(looks, report.Style{Width: textWidth}), "\n"),
		"text/html":  report.HTML(looks),
	}
	if typed, err := report.JSON(r); err == nil {
		data[wire.ReportType] = json.RawMessage(typed)
	}
	switch picture := r.(type) {
	case report.Figure: // for exports that take no HTML
		if svg, err := report.SVG(picture.Curves); err == nil {
			data["image/svg+xml"] = string(svg)
		}
	case report.Picture:
		if png, err := picture.Image.PNG(); err == nil {
			data["image/png"] = base64.StdEncoding.EncodeToString(png)
		}
	}
	return data
}

// about says what the JSON form does not.
func about(r report.Report) object {
	if _, full := report.Unwrapped(r); full {
		return object{"smoothlab": wire.Extra{Full: true}}
	}
	return object{}
}

// failed is an error as front ends show it: the last line of the traceback is the message, in red.
func failed(err error) *failure {
	e, ok := err.(*report.Error)
	if !ok {
		e = &report.Error{Name: report.Failed, Message: err.Error()}
	}
	lines := strings.Split(strings.TrimSuffix(report.Text(e, report.Style{Width: textWidth}), "\n"), "\n")
	last := len(lines) - 1
	lines[last] = "\x1b[31m" + lines[last] + "\x1b[0m"
	return &failure{Name: e.Name, Value: e.Message, Traceback: lines}
}
