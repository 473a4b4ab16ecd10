// Package figure draws lines over a horizontal axis, as SVG or PNG, in the common style of this module's figures.
package figure

import (
	"bytes"
	"fmt"
	"image/color"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

// Figure is a plot of lines.
type Figure struct {
	Title string
	X, Y  Axis
	Lines []Line
}

// Axis is one axis. If Min and Max are equal, it fits the lines; if Tick is 0, the ticks are chosen automatically.
type Axis struct {
	Name     string
	Min, Max float64
	Tick     float64 // distance of the ticks
}

// Line joins the points (X[i], Y[i]). Points that are not finite, or beyond what can be subtracted and squared, leave a
// gap.
type Line struct {
	Name  string
	X, Y  []float64
	Steps bool // Y[i] holds until the next X instead
}

// colors are distinguishable with any colour vision (Okabe and Ito 2008). After the last they repeat.
var colors = [...]color.RGBA{
	{
		0,
		114,
		178,
		255,
	},
	{213, 94, 0, 255},
	{0, 158, 115, 255},
	{204, 121, 167, 255},
	{230, 159, 0, 255},
	{86, 180, 233, 255},
	{0, 0, 0, 255},
}

// Color returns the color of the i-th line.
func Color(i int) color.RGBA { return colors[i%len(colors)] }

const (
	width  = 5 * vg.Inch
	height = 3.75 * vg.Inch
)

// Draw returns the figure in a format, "svg" or "png".
func (f Figure) Draw(format string) ([]byte, error) {
	p := plot.New()
	p.Title.Text = f.Title
	p.X.Label.Text, p.Y.Label.Text = f.X.Name, f.Y.Name
	p.Legend.Padding, p.Legend.XOffs, p.Legend.YOffs = vg.Points(2), vg.Points(-6), vg.Points(-6)
	p.Add(plotter.NewGrid())
	for i, l := range f.Lines {
		if err := l.draw(p, i, len(f.Lines) > 1 || l.Name != ""); err != nil {
			return nil, fmt.Errorf("cannot draw %s: %w", l.Name, err)
		}
	}
	f.X.set(&p.X, false, Whole(f.Lines))
	f.Y.set(&p.Y, true, false)
	f.placeLegend(p)
	picture, err := p.WriterTo(width, height, format)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if _, err := picture.WriteTo(&b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func (l Line) draw(p *plot.Plot, i int, named bool) error {
	for k, part := range l.Parts() {
		line, err := plotter.NewLine(part)
		if err != nil {
			return err
		}
		line.Color, line.Width = Color(i), vg.Points(1.5)
		if dash := i / len(colors); dash > 0 {
			line.Dashes = []vg.Length{vg.Points(float64(2 + 3*dash)), vg.Points(2)}
		}
		p.Add(line)
		if k == 0 && named {
			p.Legend.Add(l.Name, line)
		}
		if len(part) == 1 { // a line of one point would be invisible
			dot, err := plotter.NewScatter(part)
			if err != nil {
				return err
			}
			dot.Color, dot.Radius = Color(i), vg.Points(2)
			p.Add(dot)
		}
	}
	return nil
}

// Parts returns the corners of the line as drawn, divided at gaps.
func (l Line) Parts() []plotter.XYs {
	var parts []plotter.XYs
	var part plotter.XYs
	for i := range min(len(l.X), len(l.Y)) {
		x, y := l.X[i], l.Y[i]
		if !(math.Abs(x) <= farthest && math.Abs(y) <= farthest) {
			parts, part = appendPart(parts, part), nil
			continue
		}
		if l.Steps && len(part) > 0 {
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

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// set fixes the range of the axis after the lines were added.
func (a Axis) set(axis *plot.Axis, upright, whole bool) {
	low, high := axis.Min, axis.Max
	if a.Min != a.Max {
		low, high = a.Min, a.Max
	} else {
		low, high = Range(low, high, upright)
	}
	axis.Min, axis.Max = low, high
	step := a.Tick
	if step <= 0 {
		step = Tick(low, high, 6)
	}
	if whole {
		step = max(step, 1)
	}
	axis.Tick.Marker = plot.TickerFunc(func(low, high float64) (marks []plot.Tick) {
		for _, x := range Ticks(low, high, step) {
			marks = append(marks, plot.Tick{Value: x, Label: Label(x)})
		}
		return marks
	})
}

// placeLegend puts the legend at the upper right, as the papers do, or at the lower left if lines cross that area.
func (f Figure) placeLegend(p *plot.Plot) {
	x, y := p.X.Min+0.6*(p.X.Max-p.X.Min), p.Y.Min+0.6*(p.Y.Max-p.Y.Min)
	p.Legend.Top = !slices.ContainsFunc(f.Lines, func(l Line) bool { return l.passes(x, y) })
	if !p.Legend.Top {
		p.Legend.Left = true
		p.Legend.XOffs, p.Legend.YOffs = -p.Legend.XOffs, -p.Legend.YOffs
	}
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

// Range returns the range of an axis that shows values from low to high: never empty, and for an upright axis between
// round numbers, from zero if that wastes at most half of it.
func Range(low, high float64, upright bool) (float64, float64) {
	if !finite(low) || !finite(high) || low > high {
		return 0, 1
	}
	if low == high {
		pad := max(math.Abs(low)/2, 0.5)
		low, high = low-pad, high+pad
	}
	if !upright {
		return low, high
	}
	if low > 0 && low <= high/2 {
		low = 0
	}
	step := Tick(low, high, 6)
	down, up := math.Floor(low/step+1e-9)*step, math.Ceil(high/step-1e-9)*step
	if !finite(down) || !finite(up) { // at the end of what a float64 can hold
		return low, high
	}
	return down, up
}

// Tick returns a round distance, 1, 2 or 5 times a power of ten, that gives n ticks at most between low and high.
func Tick(low, high float64, n int) float64 {
	raw := (high - low) / float64(max(n-1, 1))
	if !(raw > 0) || !finite(raw) {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, k := range []float64{1, 2, 5} {
		if k*power >= raw*(1-1e-9) {
			return k * power
		}
	}
	return 10 * power
}

// Ticks returns the multiples of step from low to high.
func Ticks(low, high, step float64) []float64 {
	var ticks []float64
	for i := math.Ceil(low/step - 1e-9); i*step <= high+step*1e-9 && len(ticks) < 1000; i++ {
		x, err := strconv.ParseFloat(strconv.FormatFloat(i*step, 'g', 12, 64), 64)
		if err != nil {
			break
		}
		ticks = append(ticks, x+0) // +0: no −0
	}
	return ticks
}

// Label formats a tick.
func Label(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
