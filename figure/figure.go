// Package figure draws lines over a horizontal axis, in the common style of this module's figures.
//
// A [Figure] has two axes and lines; a [Line] may carry a band of uncertainty, or be points only. A [Style] has what a
// publisher asks for: size, resolution, font, marks that survive black and white, the place of the legend. The formats
// are SVG, PNG, PDF and PGF, which LaTeX sets in the font of the document.
//
// Trap. An axis whose scale is not linear has no place for some numbers, such as 0 on a logarithmic one: lines have a
// gap there.
//
// Entry points: [Figure.Draw], [Figure.Save], [Style.Check].
package figure

import (
	"math"
	"slices"

	"gonum.org/v1/plot/plotter"
)

// Figure is a plot of lines.
type Figure struct {
	Title string
	X, Y  Axis
	Lines []Line
	Style Style
}

// Line joins the points (X[i], Y[i]). Points that are not finite, or beyond what can be subtracted and squared, leave a
// gap.
type Line struct {
	Name      string
	X, Y      []float64
	Low, High []float64 // ends of a band at each X; may be nil
	Steps     bool      // Y[i] holds until the next X instead
	Points    bool      // marks without a line between them
}

// Parts returns the corners of the line as drawn, divided at gaps.
func (l Line) Parts() []plotter.XYs { return l.parts(l.Y, l.Steps) }

func (l Line) parts(ys []float64, steps bool) []plotter.XYs {
	var parts []plotter.XYs
	var part plotter.XYs
	for i := range min(len(l.X), len(ys)) {
		x, y := l.X[i], ys[i]
		if !(math.Abs(x) <= farthest && math.Abs(y) <= farthest) {
			parts, part = appendPart(parts, part), nil
			continue
		}
		if steps && len(part) > 0 {
			part = append(part, plotter.XY{X: x, Y: part[len(part)-1].Y})
		}
		part = append(part, plotter.XY{X: x, Y: y})
	}
	return appendPart(parts, part)
}

func appendPart(parts []plotter.XYs, part plotter.XYs) []plotter.XYs {
	if len(part) == 0 {
		return parts
	}
	return append(parts, part)
}

// farthest keeps distances between points finite.
const farthest = 1e150

// band returns the outlines of the line's band, divided at gaps.
func (l Line) band() (outlines []plotter.XYs) {
	n := min(len(l.X), len(l.Low), len(l.High))
	low, high := slices.Clone(l.Low[:n]), slices.Clone(l.High[:n])
	for i := range n { // a gap of one edge is a gap of the band
		if !(math.Abs(low[i]) <= farthest && math.Abs(high[i]) <= farthest) {
			low[i], high[i] = math.NaN(), math.NaN()
		}
	}
	lower, upper := l.parts(low, l.Steps), l.parts(high, l.Steps)
	for i := range lower {
		outline := slices.Clone(upper[i])
		slices.Reverse(lower[i])
		outlines = append(outlines, append(outline, lower[i]...))
	}
	return outlines
}

// On returns the line at the places of two scales: what a linear axis has to show.
func (l Line) On(x, y Scale) Line {
	l.X = x.places(l.X)
	l.Y, l.Low, l.High = y.places(l.Y), y.places(l.Low), y.places(l.High)
	return l
}

// Whole reports whether all horizontal coordinates are whole numbers, such as epochs: ticks between them would mislead.
func Whole(lines []Line) bool {
	return !slices.ContainsFunc(lines, func(l Line) bool {
		return slices.ContainsFunc(l.X, func(x float64) bool { return x != math.Trunc(x) })
	})
}

// passes reports whether the line is above y anywhere to the right of x.
func (l Line) passes(x, y float64) bool {
	for _, part := range l.Parts() {
		for i, end := range part {
			if end.X < x {
				continue
			}
			top := end.Y
			if i > 0 && part[i-1].X < x && end.X > part[i-1].X { // the height at which it crosses x
				start := part[i-1]
				top = max(top, start.Y+(end.Y-start.Y)*(x-start.X)/(end.X-start.X))
			}
			if top > y {
				return true
			}
		}
	}
	return false
}
