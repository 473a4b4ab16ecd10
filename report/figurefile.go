package report

import "smoothlab/internal/figure"

// SVG draws curves as an SVG document.
func SVG(c Curves) ([]byte, error) { return c.draw("svg") }

// PNG draws curves as a PNG image.
func PNG(c Curves) ([]byte, error) { return c.draw("png") }

func (c Curves) draw(format string) ([]byte, error) {
	f := figure.Figure{
		Title: clean(c.Title, false),
		X:     figure.Axis{Name: clean(c.X, false)},
		Y:     figure.Axis{Name: clean(c.Y, false)},
		Lines: c.lines(),
	}
	return f.Draw(format)
}
