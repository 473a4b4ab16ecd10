package certify

import (
	"cmp"
	"errors"
	"fmt"
	"image/color"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/google/renameio/v2"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

// curveColors tell lines apart for readers with any colour vision (Okabe and Ito 2008); dashes repeat them.
var curveColors = [...]color.RGBA{
	{0, 114, 178, 255}, {213, 94, 0, 255}, {0, 158, 115, 255}, {204, 121, 167, 255}, {230, 159, 0, 255}, {86, 180, 233, 255}, {0, 0, 0, 255},
}

const (
	plotWidth  = 5 * vg.Inch
	plotHeight = 3.75 * vg.Inch
)

// Plot draws certified accuracy against radius, a line an entry, as the papers do, and writes it to path as SVG or PNG
// by the name's ending. The file appears whole or not at all.
func Plot(path, title string, entries []Entry) error {
	format := strings.TrimPrefix(strings.ToLower(filepath.Ext(path)), ".")
	if format != "svg" && format != "png" {
		return fmt.Errorf("cannot tell the kind of picture from %s; end its name in .svg or .png", path)
	}
	p, err := curves(title, entries)
	if err != nil {
		return err
	}
	picture, err := p.WriterTo(plotWidth, plotHeight, format)
	if err != nil {
		return err
	}
	file, err := renameio.NewPendingFile(path, renameio.WithPermissions(0o644))
	if err != nil {
		return fmt.Errorf("cannot write the plot: %w", err)
	}
	defer file.Cleanup()
	if _, err := picture.WriteTo(file); err != nil {
		return fmt.Errorf("cannot write the plot %s: %w", path, err)
	}
	return file.CloseAtomicallyReplace()
}

func curves(title string, entries []Entry) (*plot.Plot, error) {
	if len(entries) == 0 {
		return nil, errors.New("a plot needs at least one certification")
	}
	p := plot.New()
	p.Title.Text = title
	p.X.Label.Text, p.Y.Label.Text = "radius", "certified accuracy"
	p.Legend.Padding, p.Legend.XOffs, p.Legend.YOffs = vg.Points(2), vg.Points(-6), vg.Points(-6)
	p.Add(plotter.NewGrid())
	widest := 0.0
	for i, e := range entries {
		if len(e.Certificates.Rows) == 0 {
			return nil, fmt.Errorf("%s holds no rows to plot", e.Name)
		}
		steps := e.Certificates.steps()
		widest = max(widest, steps[len(steps)-1].X)
		line, err := plotter.NewLine(steps)
		if err != nil {
			return nil, err
		}
		line.Color, line.Width = curveColors[i%len(curveColors)], vg.Points(1.5)
		if dash := i / len(curveColors); dash > 0 {
			line.Dashes = []vg.Length{vg.Points(float64(2 + 3*dash)), vg.Points(2)}
		}
		p.Add(line)
		p.Legend.Add(e.Name, line)
	}
	p.X.Min, p.Y.Min, p.Y.Max = 0, 0, 1
	p.X.Max = cmp.Or(1.05*widest, 1)
	p.X.Tick.Marker, p.Y.Tick.Marker = ticks(0.25*max(1, math.Round(widest/2))), ticks(0.2)
	placeLegend(p, entries)
	return p, nil
}

// placeLegend puts the legend at the upper right, as the papers do, or at the lower left where curves run through there.
func placeLegend(p *plot.Plot, entries []Entry) {
	p.Legend.Top = !slices.ContainsFunc(entries, func(e Entry) bool { return e.Certificates.Accuracy(0.6*p.X.Max) > 0.6 })
	if !p.Legend.Top {
		p.Legend.Left = true
		p.Legend.XOffs, p.Legend.YOffs = -p.Legend.XOffs, -p.Legend.YOffs
	}
}

// ticks labels every multiple of step; no ticks lie between.
func ticks(step float64) plot.Ticker {
	return plot.TickerFunc(func(low, high float64) (marks []plot.Tick) {
		for i := math.Ceil(low / step); i*step <= high*(1+1e-9); i++ {
			x := significant(i*step, 12)
			marks = append(marks, plot.Tick{Value: x, Label: strconv.FormatFloat(x, 'g', -1, 64)})
		}
		return marks
	})
}

// steps are the corners of certified accuracy as a function of the radius, from radius 0 down to accuracy 0.
func (c *Certificates) steps() plotter.XYs {
	var radii []float64
	for _, row := range c.Rows {
		if row.Correct {
			radii = append(radii, row.Radius)
		}
	}
	slices.Sort(radii)
	share := func(left int) float64 { return float64(left) / float64(len(c.Rows)) }
	xys := plotter.XYs{{X: 0, Y: share(len(radii))}}
	for i, r := range radii {
		if i+1 < len(radii) && radii[i+1] == r {
			continue
		}
		xys = append(xys, plotter.XY{X: r, Y: xys[len(xys)-1].Y}, plotter.XY{X: r, Y: share(len(radii) - i - 1)})
	}
	return xys
}
