package figure

import (
	"fmt"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// placed returns the figure with its lines at their places on the axes.
func (f Figure) placed() Figure {
	lines := make([]Line, len(f.Lines))
	for i, l := range f.Lines {
		lines[i] = l.On(f.X.Scale, f.Y.Scale)
	}
	f.Lines = lines
	return f
}

// plot returns the plot of a figure whose lines are placed.
func (f Figure) plot(hand text.Handler) (*plot.Plot, error) {
	p := plot.New()
	f.dress(p, hand)
	p.Title.Text = f.Title
	p.X.Label.Text, p.Y.Label.Text = f.X.Name, f.Y.Name
	if !f.Style.NoGrid {
		grid := plotter.NewGrid()
		grid.Vertical.Color, grid.Horizontal.Color = f.Style.inks().grid, f.Style.inks().grid
		p.Add(grid)
	}
	for i, l := range f.Lines {
		f.addBand(p, i, l)
	}
	for i, l := range f.Lines {
		if err := f.addLine(p, i, l); err != nil {
			return nil, fmt.Errorf("cannot draw %s: %w", l.Name, err)
		}
	}
	f.X.set(&p.X, false, f.X.Scale == Linear && Whole(f.Lines))
	f.Y.set(&p.Y, true, false)
	f.placeLegend(p)
	return p, nil
}

// dress gives all texts of a plot their font, size and color.
func (f Figure) dress(p *plot.Plot, hand text.Handler) {
	ink, size := f.Style.inks(), f.Style.fontSize()
	p.TextHandler, p.BackgroundColor = hand, ink.back
	for _, t := range []struct {
		style *text.Style
		size  vg.Length
	}{
		{&p.Title.TextStyle, size}, {&p.X.Label.TextStyle, size}, {&p.Y.Label.TextStyle, size},
		{&p.X.Tick.Label, size * 5 / 6}, {&p.Y.Tick.Label, size * 5 / 6}, {&p.Legend.TextStyle, size},
	} {
		t.style.Handler, t.style.Color, t.style.Font.Size = hand, ink.text, t.size
		t.style.Font.Variant = fontVariant(f.Style)
	}
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.Color, axis.Tick.Color = ink.text, ink.text
		axis.Tick.Length = size * 2 / 3
	}
	p.Legend.Padding, p.Legend.XOffs, p.Legend.YOffs = vg.Points(2), vg.Points(-6), vg.Points(-6)
	p.Legend.ThumbnailWidth = 5 * size / 2
}

// bands are drawn so pale that lines and other bands stay visible.
const paleness = 56

// addBand adds the band of the i-th line.
func (f Figure) addBand(p *plot.Plot, i int, l Line) {
	pale := color.NRGBAModel.Convert(f.Style.color(i)).(color.NRGBA)
	pale.A = paleness
	for _, outline := range l.band() {
		p.Add(area{outline, pale})
	}
}

// area is a filled polygon.
type area struct {
	outline plotter.XYs
	color   color.Color
}

// Plot fills the part of the polygon that is on the canvas.
func (a area) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	points := make([]vg.Point, len(a.outline))
	for i, at := range a.outline {
		points[i] = vg.Point{X: x(at.X), Y: y(at.Y)}
	}
	c.FillPolygon(a.color, c.ClipPolygonXY(points))
}

// DataRange returns the range of the polygon, for the axes.
func (a area) DataRange() (xmin, xmax, ymin, ymax float64) { return plotter.XYRange(a.outline) }

// addLine adds the i-th line with its markers and its entry in the legend.
func (f Figure) addLine(p *plot.Plot, i int, l Line) error {
	glyph := f.Style.glyph(i)
	var entry []plot.Thumbnailer
	for _, part := range l.Parts() {
		if !l.Points {
			line, err := plotter.NewLine(part)
			if err != nil {
				return err
			}
			line.Color, line.Width, line.Dashes = f.Style.color(i), f.Style.fontSize()/8, f.Style.dashes(i)
			p.Add(line)
			if entry == nil {
				entry = append(entry, line)
			}
		}
		var marked plotter.XYs
		switch {
		case l.Points:
			marked = part
		case f.Style.Markers:
			marked = f.spread(part, i)
		case len(part) == 1: // a line of one point would be invisible
			marked, glyph = part, draw.GlyphStyle{Color: glyph.Color, Radius: vg.Points(2), Shape: draw.CircleGlyph{}}
		}
		if len(marked) == 0 {
			continue
		}
		dots, err := plotter.NewScatter(marked)
		if err != nil {
			return err
		}
		dots.GlyphStyle = glyph
		p.Add(dots)
	}
	if f.Style.Markers || l.Points {
		entry = append(entry, thumbnail(glyph))
	}
	if len(entry) > 0 && (len(f.Lines) > 1 || l.Name != "") {
		p.Legend.Add(l.Name, entry...)
	}
	return nil
}

// thumbnail is a marker in the legend.
type thumbnail draw.GlyphStyle

// Thumbnail draws the marker in the middle of an entry.
func (t thumbnail) Thumbnail(c *draw.Canvas) { c.DrawGlyph(draw.GlyphStyle(t), c.Center()) }

// fewPoints is the largest number of corners of a line that all get markers.
const fewPoints = 20

// spread returns the corners of the i-th line that get markers: all of a few, else some at equal distances, which
// differ between lines.
func (f Figure) spread(part plotter.XYs, i int) plotter.XYs {
	if len(part) <= fewPoints {
		return part
	}
	const n = 8
	first, last := part[0].X, part[len(part)-1].X
	var some plotter.XYs
	for k := range n {
		wanted := first + (last-first)*(float64(k)+float64(1+i%4)/4-1./8)/n
		at := slices.IndexFunc(part, func(p plotter.XY) bool { return p.X >= wanted })
		if at > 0 && len(some) > 0 && some[len(some)-1] == part[at] {
			continue
		}
		if at >= 0 {
			some = append(some, part[at])
		}
	}
	return some
}

// placeLegend puts the legend where the style wants it, or else at the upper right, as the papers do, or at the lower
// left if lines cross that area.
func (f Figure) placeLegend(p *plot.Plot) {
	l := &p.Legend
	switch f.Style.Legend {
	case "":
		x, y := p.X.Min+0.6*(p.X.Max-p.X.Min), p.Y.Min+0.6*(p.Y.Max-p.Y.Min)
		l.Top = !slices.ContainsFunc(f.Lines, func(l Line) bool { return l.passes(x, y) })
		l.Left = !l.Top
	case "none":
		*l = plot.NewLegend()
	default:
		l.Top = f.Style.Legend != "bottom right" && f.Style.Legend != "bottom left"
		l.Left = f.Style.Legend != "top right" && f.Style.Legend != "bottom right"
	}
	if l.Left {
		l.XOffs = -l.XOffs
	}
	if !l.Top {
		l.YOffs = -l.YOffs
	}
}

// drawOn draws the plot, and the legend next to it if the style wants it outside.
func (f Figure) drawOn(p *plot.Plot, canvas vg.CanvasSizer) {
	all := draw.New(canvas)
	all.SetColor(p.BackgroundColor)
	all.Fill(all.Rectangle.Path())
	p.BackgroundColor = nil
	margin := f.Style.fontSize() / 3
	all = draw.Crop(all, margin, -margin, margin, -margin)
	if f.Style.Legend != "outside" {
		p.Draw(all)
		return
	}
	legend := p.Legend
	p.Legend = plot.NewLegend()
	size := legend.Rectangle(all).Size()
	width := vg.Length(math.Min(float64(size.X+legend.XOffs), float64(all.Size().X)/2))
	p.Draw(draw.Crop(all, 0, -width-legend.XOffs, 0, 0))
	legend.Draw(draw.Crop(all, all.Size().X-width-legend.XOffs, 0, 0, 0))
}
