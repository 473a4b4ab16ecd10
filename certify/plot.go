package certify

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"smoothlab/figure"
)

// Plot draws certified accuracy against radius, one line per run, as the papers do, and writes it to path as SVG, PNG,
// PDF or PGF by the name's ending. The file is written atomically. [AccuracyFigure] returns the figure, to be drawn in
// another style.
func Plot(path, title string, entries []Entry) error {
	if _, err := figure.FileFormat(path); err != nil {
		return err
	}
	f, err := AccuracyFigure(entries, NoBand)
	if err != nil {
		return err
	}
	f.Title = title
	return f.Save(path)
}

// AccuracyFigure returns certified accuracy against radius, one line per run, with bands at 95%.
func AccuracyFigure(entries []Entry, band Band) (f figure.Figure, err error) {
	f.Lines, err = linesOf(entries, band, func(c *Certificates) (radii, accuracy []float64, err error) {
		radii, accuracy = c.Curve()
		return radii, accuracy, nil
	})
	widest := 0.0
	for _, l := range f.Lines {
		widest = max(widest, l.X[len(l.X)-1])
	}
	f.X = figure.Axis{Name: radiusAxis(entries), Max: cmp.Or(1.05*widest, 1), Tick: 0.25 * max(1, math.Round(widest/2))}
	f.Y = figure.Axis{Name: "certified accuracy", Max: 1, Tick: 0.2}
	return f, err
}

// radiusAxis names the axis of radii: "radius" in L2, which is usual, "L1 radius", and both where entries differ.
func radiusAxis(entries []Entry) string {
	var norms []string
	for _, e := range entries {
		if norm := e.Certificates.norm(); !slices.Contains(norms, norm) {
			norms = append(norms, norm)
		}
	}
	if len(norms) == 0 || len(norms) == 1 && norms[0] == defaultNorm {
		return "radius"
	}
	slices.Sort(norms)
	return strings.Join(norms, " or ") + " radius"
}

// PAFigure returns the distribution of p_A ([Certificates.PACurve]) from ½ on, one line per run, with bands at 95%. On
// the scale [figure.Tail], 0.9, 0.99 and 0.999 are at equal distances.
func PAFigure(entries []Entry, band Band, scale figure.Scale) (f figure.Figure, err error) {
	f.Lines, err = linesOf(entries, band, (*Certificates).PACurve)
	highest := 0.5
	for _, l := range f.Lines {
		highest = max(highest, l.X[len(l.X)-1])
	}
	f.X = figure.Axis{Name: "p_A", Min: 0.5, Max: 1, Tick: 0.1, Scale: scale}
	if scale != figure.Linear {
		f.X.Max = max(0.9, highest)
	}
	f.Y = figure.Axis{Name: "share of images with p_A or more", Max: 1, Tick: 0.2}
	return f, err
}

// linesOf returns one line per run.
func linesOf(
	entries []Entry,
	band Band,
	curve func(*Certificates) (x, y []float64, err error),
) (lines []figure.Line, err error) {
	if len(entries) == 0 {
		return nil, errors.New("a plot needs at least one certification")
	}
	for _, e := range entries {
		for i, c := range e.runs() {
			if len(c.Rows) == 0 {
				return nil, fmt.Errorf("%s has no rows to plot", e.Name)
			}
			name := e.Name
			if len(e.More) > 0 {
				name = fmt.Sprintf("%s, run %d", name, i+1)
			}
			l := figure.Line{Name: name}
			if l.X, l.Y, err = curve(c); err != nil {
				return nil, fmt.Errorf("%s: %w", e.Name, err)
			}
			if l.Low, l.High, err = c.band(band, l.Y); err != nil {
				return nil, fmt.Errorf("%s: %w", e.Name, err)
			}
			lines = append(lines, l)
		}
	}
	return lines, nil
}

// ParetoFigure returns ACR against clean accuracy, one mark per run, and as the last line the runs that no other run
// equals or beats in both.
func ParetoFigure(entries []Entry) (figure.Figure, error) {
	f := figure.Figure{
		X: figure.Axis{Name: "certified accuracy at radius 0"},
		Y: figure.Axis{Name: "ACR"},
	}
	if len(entries) == 0 {
		return f, errors.New("a plot needs at least one certification")
	}
	var all figure.Line
	for _, e := range entries {
		l := figure.Line{Name: e.Name, Points: true}
		for _, c := range e.runs() {
			switch {
			case len(c.Rows) == 0:
				return f, fmt.Errorf("%s has no rows to plot", e.Name)
			case !c.Plan.DefinesACR():
				return f, fmt.Errorf("%s: a ladder proves only the radii of its grid, so there is no ACR", e.Name)
			}
			l.X, l.Y = append(l.X, c.Accuracy(0)), append(l.Y, c.ACR())
		}
		all.X, all.Y = append(all.X, l.X...), append(all.Y, l.Y...)
		f.Lines = append(f.Lines, l)
	}
	front := figure.Line{Name: "front"}
	for _, i := range Front(all.X, all.Y) {
		front.X, front.Y = append(front.X, all.X[i]), append(front.Y, all.Y[i])
	}
	f.Lines = append(f.Lines, front)
	return f, nil
}

// Front returns the positions of the points that no other point equals or beats in both coordinates, with increasing
// x. Of equal points it has the first. Points with a NaN are left out.
func Front(x, y []float64) []int {
	var order []int
	for i := range min(len(x), len(y)) {
		if x[i] == x[i] && y[i] == y[i] {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(x[b], x[a]), cmp.Compare(y[b], y[a]))
	})
	var front []int
	highest := math.Inf(-1)
	for _, i := range order {
		if y[i] > highest {
			front, highest = append(front, i), y[i]
		}
	}
	slices.Reverse(front)
	return front
}
