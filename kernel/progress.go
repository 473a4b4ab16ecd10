package kernel

import (
	"encoding/json"
	"fmt"
	"html"

	"smoothlab/kernel/wire"
	"smoothlab/report"
)

// progressBundle returns a progress report as a line of text and as an HTML bar.
func progressBundle(p report.Progress) map[string]any {
	bar := ""
	if p.Total > 0 {
		bar = fmt.Sprintf(
			`<progress value="%d" max="%d" style="width: 20em; vertical-align: middle"></progress> `,
			min(max(p.Done, 0), p.Total),
			p.Total,
		)
	}
	line := p.Line(0)
	data := map[string]any{
		"text/plain": line,
		"text/html":  `<div class="smoothlab">` + bar + html.EscapeString(line) + `</div>`,
	}
	if typed, err := json.Marshal(p); err == nil {
		data[wire.ProgressType] = json.RawMessage(typed)
	}
	return data
}
