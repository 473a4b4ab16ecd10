package report

import (
	"encoding/base64"
	"fmt"
	"html"
	"strings"
)

// HTML renders r for a notebook as one element, without scripts, links or fetched resources. It uses the page's
// colours, light or dark.
func HTML(r Report) string {
	var b strings.Builder
	b.WriteString(`<div class="smoothlab">`)
	writeHTML(&b, r.Blocks())
	b.WriteString("</div>\n")
	return b.String()
}

func writeHTML(b *strings.Builder, blocks []Block) {
	for _, block := range blocks {
		switch block := block.(type) {
		case Line:
			if block != "" {
				fmt.Fprintf(b, `<div style="white-space: pre-wrap">%s</div>`, escaped(string(block)))
			}
		case Table:
			block.writeHTML(b)
		case Pictures:
			block.writeHTML(b)
		case Curves:
			block.writeHTML(b)
		case Aside:
			writeHTML(b, block)
		}
	}
}

// escaped returns untrusted text without markup or control characters.
func escaped(s string) string { return html.EscapeString(clean(s, true)) }

const cellStyle = "padding: 0.1em 0.6em; white-space: pre-wrap"

func (t Table) writeHTML(b *strings.Builder) {
	b.WriteString(`<table style="border-collapse: collapse">`)
	if t.Caption != "" {
		fmt.Fprintf(b, `<caption style="text-align: left">%s</caption>`, escaped(t.Caption))
	}
	_, widths := t.cells()
	row := func(tag string, cells []string) {
		b.WriteString("<tr>")
		for i := range widths {
			cell, side := "", "right"
			if i < len(cells) {
				cell = strings.TrimSpace(cells[i])
			}
			if i < t.Left {
				side = "left"
			}
			fmt.Fprintf(b, `<%s style="text-align: %s; %s">%s</%s>`, tag, side, cellStyle, escaped(cell), tag)
		}
		b.WriteString("</tr>")
	}
	if len(t.Head) > 0 {
		b.WriteString("<thead>")
		row("th", t.Head)
		b.WriteString("</thead>")
	}
	b.WriteString("<tbody>")
	for _, cells := range t.Rows {
		row("td", cells)
	}
	b.WriteString("</tbody></table>")
}

// writeHTML shows pictures in a table without borders, enlarged if they are small.
func (p Pictures) writeHTML(b *strings.Builder) {
	p = p.drawable()
	if len(p.Rows) > 0 {
		b.WriteString(`<table style="border-collapse: collapse">`)
		captions := false
		for _, row := range p.Rows {
			captions = captions || row.Caption != ""
		}
		if len(p.Heads) > 0 {
			b.WriteString("<thead><tr>")
			if captions {
				b.WriteString("<th></th>")
			}
			for _, h := range p.Heads {
				fmt.Fprintf(b, `<th style="text-align: center; %s">%s</th>`, cellStyle, escaped(h))
			}
			b.WriteString("</tr></thead>")
		}
		b.WriteString("<tbody>")
		for _, row := range p.Rows {
			b.WriteString("<tr>")
			if captions {
				fmt.Fprintf(b, `<td style="text-align: left; %s">%s</td>`, cellStyle, escaped(row.Caption))
			}
			for i, picture := range row.Images {
				name := row.Caption
				if i < len(p.Heads) {
					name = Listed(", ", name, p.Heads[i])
				}
				fmt.Fprintf(b, `<td style="padding: 2px">%s</td>`, picture.html(name))
			}
			b.WriteString("</tr>")
		}
		b.WriteString("</tbody></table>")
	}
	if p.Caption != "" {
		fmt.Fprintf(b, `<div style="white-space: pre-wrap">%s</div>`, escaped(p.Caption))
	}
}

// html returns the picture as an element, enlarged two to four times if it is small.
func (i Image) html(name string) string {
	data, err := i.PNG()
	if err != nil {
		return escaped(err.Error())
	}
	scale := min(4, max(1, 112/max(i.Width, i.Height)))
	return fmt.Sprintf(
		`<img alt="%s" width="%d" height="%d" style="image-rendering: pixelated; max-width: none; margin: 0" src="data:image/png;base64,%s"/>`,
		escaped(
			strings.ReplaceAll(name, "\n", ", "),
		),
		scale*i.Width,
		scale*i.Height,
		base64.StdEncoding.EncodeToString(data),
	)
}

// writeHTML draws the curves inline, in the colors of the page.
func (c Curves) writeHTML(b *strings.Builder) {
	drawing, err := c.Figure().Inline()
	if err != nil {
		b.WriteString(`<div>` + escaped(err.Error()) + `</div>`)
		return
	}
	fmt.Fprintf(b, `<div style="display: inline-block">%s</div>`, drawing)
	if c.Caption != "" {
		fmt.Fprintf(b, `<div style="white-space: pre-wrap">%s</div>`, escaped(c.Caption))
	}
}
