package figure

import (
	"bytes"
	"regexp"
	"strings"
)

// Inline returns the figure as an SVG element for an HTML page, in the colors of the page: those of JupyterLab or
// Visual Studio Code, light or dark; black on white elsewhere. A theme in its style is kept.
func (f Figure) Inline() ([]byte, error) {
	f.Style.page = f.Style.Theme == ""
	svg, err := f.Draw("svg")
	if err != nil {
		return nil, err
	}
	if at := bytes.Index(svg, []byte("<svg")); at > 0 { // HTML does not allow an XML declaration
		svg = svg[at:]
	}
	if f.Style.page {
		svg = pageInk.ReplaceAllFunc(svg, func(found []byte) []byte {
			property, ink, _ := strings.Cut(string(found), ":")
			return []byte(property + ":" + pageColors[ink])
		})
	}
	return bytes.TrimSpace(svg), nil
}

// pageInk is the color of a text, a background or a grid in the style of an SVG element.
var pageInk = regexp.MustCompile(`(?:fill|stroke):#(?:010203|FEFDFC|838485)`)

// pageColors are the colors of pages by those that Style.inks has for them.
var pageColors = map[string]string{
	"#010203": "var(--jp-content-font-color1,var(--vscode-editor-foreground,#000))",
	"#FEFDFC": "var(--jp-layout-color0,var(--vscode-editor-background,#fff))",
	"#838485": "var(--jp-border-color1,#bebebe)",
}
