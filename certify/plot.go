package certify

import (
	"cmp"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"smoothlab/internal/atomicfile"
	"smoothlab/internal/figure"
)

// Plot draws certified accuracy against radius, one line per run, as the papers do, and writes it to path as SVG or PNG
// by the name's ending. The file is written atomically.
func Plot(path, title string, entries []Entry) error {
	return plotTo(path, func() (figure.Figure, error) { return curves(title, entries) })
}

// plotTo writes a figure to path.
func plotTo(path string, draw func() (figure.Figure, error)) error {
	format := strings.TrimPrefix(strings.ToLower(filepath.Ext(path)), ".")
	if format != "svg" && format != "png" {
		return fmt.Errorf("cannot tell the image format from %s; end its name in .svg or .png", path)
	}
	f, err := draw()
	if err != nil {
		return err
	}
	picture, err := f.Draw(format)
	if err != nil {
		return err
	}
	if err := atomicfile.Write(path, picture); err != nil {
		return fmt.Errorf("cannot write the plot: %w", err)
	}
	return nil
}

// RadiusAxis names the axis of radii: "radius" in L2, which is usual, "L1 radius", and both where entries differ.
func RadiusAxis(entries []Entry) string {
	var norms []string
	for _, e := range entries {
		if norm := e.Certificates.norm(); !slices.Contains(norms, norm) {
			norms = append(norms, norm)
		}
	}
	if len(norms) == 0 || len(norms) == 1 && norms[0] == usualNorm {
		return "radius"
	}
	slices.Sort(norms)
	return strings.Join(norms, " or ") + " radius"
}

func curves(title string, entries []Entry) (f figure.Figure, err error) {
	f.Lines, err = linesOf(entries, func(c *Certificates) (radii, accuracy []float64, err error) {
		radii, accuracy = c.Curve()
		return radii, accuracy, nil
	})
	widest := 0.0
	for _, l := range f.Lines {
		widest = max(widest, l.X[len(l.X)-1])
	}
	f.Title = title
	f.X = figure.Axis{Name: RadiusAxis(entries), Max: cmp.Or(1.05*widest, 1), Tick: 0.25 * max(1, math.Round(widest/2))}
	f.Y = figure.Axis{Name: "certified accuracy", Max: 1, Tick: 0.2}
	return f, err
}
