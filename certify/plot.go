package certify

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"strings"

	"smoothlab/internal/figure"
	"smoothlab/internal/wholefile"
)

// Plot draws certified accuracy against radius, a line a run, as the papers do, and writes it to path as SVG or PNG
// by the name's ending. The file appears whole or not at all.
func Plot(path, title string, entries []Entry) error {
	format := strings.TrimPrefix(strings.ToLower(filepath.Ext(path)), ".")
	if format != "svg" && format != "png" {
		return fmt.Errorf("cannot tell the kind of picture from %s; end its name in .svg or .png", path)
	}
	f, err := curves(title, entries)
	if err != nil {
		return err
	}
	picture, err := f.Draw(format)
	if err != nil {
		return err
	}
	if err := wholefile.Write(path, picture); err != nil {
		return fmt.Errorf("cannot write the plot: %w", err)
	}
	return nil
}

func curves(title string, entries []Entry) (f figure.Figure, err error) {
	if len(entries) == 0 {
		return f, errors.New("a plot needs at least one certification")
	}
	widest := 0.0
	for _, e := range entries {
		for i, c := range e.runs() {
			if len(c.Rows) == 0 {
				return f, fmt.Errorf("%s holds no rows to plot", e.Name)
			}
			name := e.Name
			if len(e.More) > 0 {
				name = fmt.Sprintf("%s, run %d", name, i+1)
			}
			radii, accuracy := c.Curve()
			widest = max(widest, radii[len(radii)-1])
			f.Lines = append(f.Lines, figure.Line{Name: name, X: radii, Y: accuracy})
		}
	}
	f.Title = title
	f.X = figure.Axis{Name: "radius", Max: cmp.Or(1.05*widest, 1), Tick: 0.25 * max(1, math.Round(widest/2))}
	f.Y = figure.Axis{Name: "certified accuracy", Max: 1, Tick: 0.2}
	return f, nil
}
