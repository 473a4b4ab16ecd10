package kernel

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"

	"smoothlab/kernel/wire"
	"smoothlab/report"
)

// textWidth is the width in columns of text shown in notebooks.
const textWidth = 100

// mimeBundle returns r in the forms that a notebook can show.
func mimeBundle(r report.Report) map[string]any {
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

// metadata returns the metadata of r: what its JSON form does not hold.
func metadata(r report.Report) object {
	if _, full := report.Unwrapped(r); full {
		return object{"smoothlab": wire.Extra{Full: true}}
	}
	return object{}
}

// errorContent returns an error as front ends show it: the last line of the traceback is the message, in red.
func errorContent(err error) *failure {
	e, ok := errors.AsType[*report.Error](err)
	if !ok {
		e = &report.Error{Name: report.Failed, Message: err.Error()}
	}
	text := func(r report.Report) []string {
		return strings.Split(strings.TrimSuffix(report.Text(r, report.Style{Width: textWidth}), "\n"), "\n")
	}
	var lines []string
	if len(e.Trace) > 0 {
		lines = text(report.Message{Text: strings.Join(e.Trace, "\n")})
	}
	for _, line := range text(&report.Error{Name: e.Name, Message: e.Message}) {
		lines = append(lines, "\x1b[31m"+line+"\x1b[0m") // front ends show each line by itself
	}
	return &failure{Name: e.Name, Value: e.Message, Traceback: lines}
}
