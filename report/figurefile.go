package report

import "smoothlab/figure"

// NewCurves returns a figure as curves.
func NewCurves(f figure.Figure) Curves {
	c := Curves{
		Title: f.Title, X: f.X.Name, Y: f.Y.Name, XAxis: newAxis(f.X), YAxis: newAxis(f.Y), Style: f.Style,
	}
	for _, l := range f.Lines {
		c.Series = append(c.Series, Series{
			Name: l.Name, X: l.X, Y: l.Y, Low: l.Low, High: l.High, Steps: l.Steps, Points: l.Points,
		})
	}
	return c
}

// Figure returns curves as a figure, with clean texts.
func (c Curves) Figure() figure.Figure {
	return figure.Figure{
		Title: clean(c.Title, false),
		X:     c.XAxis.figure(clean(c.X, false)),
		Y:     c.YAxis.figure(clean(c.Y, false)),
		Lines: c.lines(),
		Style: c.Style,
	}
}

func newAxis(a figure.Axis) Axis { return Axis{a.Min, a.Max, a.Tick, string(a.Scale)} }

// figure returns the axis with its name. A scale that is not known is linear.
func (a Axis) figure(name string) figure.Axis {
	axis := figure.Axis{Name: name, Min: a.Min, Max: a.Max, Tick: a.Tick}
	if s := figure.Scale(a.Scale); s == figure.Log || s == figure.Tail {
		axis.Scale = s
	}
	return axis
}

// SVG draws curves as an SVG document.
func SVG(c Curves) ([]byte, error) { return c.Figure().Draw("svg") }

// PNG draws curves as a PNG image.
func PNG(c Curves) ([]byte, error) { return c.Figure().Draw("png") }
