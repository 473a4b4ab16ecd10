package session

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"smoothlab/figure"
	"smoothlab/internal/suggest"
	"smoothlab/report"

	"go.starlark.net/starlark"
)

// lookArgs are the arguments of functions that draw a figure, on how it looks.
type lookArgs struct {
	Title    string    `arg:"title" help:"title above the figure"`
	XLabel   string    `arg:"xlabel" default:"None" help:"name of the horizontal axis"`
	YLabel   string    `arg:"ylabel" default:"None" help:"name of the vertical axis"`
	XLim     []float64 `arg:"xlim" max:"2" help:"ends of the horizontal axis, such as [0, 2]; None to show everything"`
	YLim     []float64 `arg:"ylim" max:"2" help:"ends of the vertical axis"`
	XScale   string    `arg:"xscale" complete:"scale" default:"None" help:"\"linear\", \"log\", or \"tail\": 0.9, 0.99, 0.999 … at equal distances"`
	YScale   string    `arg:"yscale" complete:"scale" default:"None" help:"the same for the vertical axis"`
	Size     []float64 `arg:"size" max:"2" default:"[5, 3.75]" help:"width and height, or the width alone"`
	Unit     string    `arg:"unit" help:"unit of size, \"in\" or \"cm\""`
	DPI      int       `arg:"dpi" default:"96" help:"dots per inch of a .png; 300 is usual in print"`
	Font     string    `arg:"font" complete:"font" default:"\"serif\"" help:"\"serif\", \"sans\" or \"mono\"; .pgf takes the font of its document"`
	FontSize float64   `arg:"fontsize" default:"12" help:"size of the text in points"`
	Color    bool      `arg:"color" help:"False draws in black and grays, with dashes"`
	Dashes   bool      `arg:"dashes" help:"each line has its own dashes, for printing without colors"`
	Markers  bool      `arg:"markers" help:"each line has its own markers"`
	Legend   string    `arg:"legend" complete:"legend" default:"None" help:"\"top right\", \"top left\", \"bottom right\", \"bottom left\", \"outside\" or \"none\"; None for a corner that the lines leave free"`
	Grid     bool      `arg:"grid" help:"draw a grid"`
	Theme    string    `arg:"theme" complete:"theme" default:"None" help:"\"light\" or \"dark\"; None for the theme of the notebook, and light in files"`
	Save     string    `arg:"save" complete:"file" default:"None" help:"file to write the figure to: .svg, .png, .pdf, or .pgf for LaTeX"`
}

func lookDefaults() lookArgs { return lookArgs{Unit: "in", Color: true, Grid: true} }

// scales lists the scales of axes by their names in the language.
func scales() []struct {
	name  string
	scale figure.Scale
} {
	return []struct {
		name  string
		scale figure.Scale
	}{{"linear", figure.Linear}, {"log", figure.Log}, {"tail", figure.Tail}}
}

func scaleNames() (names []string) {
	for _, s := range scales() {
		names = append(names, s.name)
	}
	return names
}

// draw gives a figure its look, writes it to a file if the arguments name one, and returns it with a caption.
func (a *lookArgs) draw(function string, f figure.Figure, caption string) (starlark.Value, error) {
	if err := a.applyTo(&f); err != nil {
		return nil, fmt.Errorf("%s: %w", function, err)
	}
	boxes := f.Lacking()
	if boxes != "" {
		boxes = "drawn as boxes, since no font has them: " + boxes + "; .pgf leaves them to LaTeX"
	}
	curves := report.NewCurves(f)
	curves.Caption = report.Listed(" · ", caption, boxes)
	save := expandTilde(a.Save)
	if save != "" {
		if _, err := figure.FileFormat(save); err != nil {
			return nil, fmt.Errorf("%s: %w", function, err)
		}
		if err := prepareResult(save); err != nil {
			return nil, err
		}
		if err := curves.Figure().Save(save); err != nil {
			return nil, err
		}
	}
	return newReportValue(report.Figure{Curves: curves, Path: save}), nil
}

// applyTo gives a figure its look.
func (a *lookArgs) applyTo(f *figure.Figure) (err error) {
	if a.Title != "" {
		f.Title = a.Title
	}
	f.Style = figure.Style{
		DPI: a.DPI, Font: a.Font, FontSize: a.FontSize, Dashes: a.Dashes, Markers: a.Markers, Gray: !a.Color,
		Legend: a.Legend, NoGrid: !a.Grid, Theme: a.Theme,
	}
	if f.Style.Width, f.Style.Height, err = a.size(); err != nil {
		return err
	}
	if err := f.Style.Check(); err != nil {
		return err
	}
	if err := setAxis("x", &f.X, a.XLabel, a.XLim, a.XScale); err != nil {
		return err
	}
	return setAxis("y", &f.Y, a.YLabel, a.YLim, a.YScale)
}

// size returns width and height in inches; zeros for the default.
func (a *lookArgs) size() (width, height float64, err error) {
	inches := map[string]float64{"in": 1, "cm": 1 / 2.54}[a.Unit]
	switch {
	case inches == 0:
		return 0, 0, fmt.Errorf("unit must be \"in\" or \"cm\", got %q", a.Unit)
	case a.Size == nil:
		return 0, 0, nil
	case len(a.Size) == 0 || len(a.Size) > 2 || !(a.Size[0] > 0) || !(a.Size[len(a.Size)-1] > 0):
		return 0, 0, errors.New("size must be a width and a height above 0, such as [3.25, 2.4]")
	}
	width = a.Size[0] * inches
	if len(a.Size) == 2 {
		height = a.Size[1] * inches
	}
	return width, height, nil
}

// setAxis gives an axis its name, scale and limits.
func setAxis(letter string, axis *figure.Axis, name string, limits []float64, scale string) error {
	if name != "" {
		axis.Name = name
	}
	if scale != "" {
		s, err := suggest.Find(letter+"scale", scale, scales(), func(s struct {
			name  string
			scale figure.Scale
		}) string {
			return s.name
		})
		if err != nil {
			return err
		}
		if s.scale != axis.Scale { // limits and ticks were made for another scale
			axis.Min, axis.Max, axis.Tick, axis.Scale = 0, 0, 0, s.scale
		}
	}
	if limits == nil {
		return nil
	}
	if len(limits) != 2 || !(limits[0] < limits[1]) || math.IsInf(limits[0], 0) || math.IsInf(limits[1], 0) {
		return fmt.Errorf("%slim must be the two ends of the axis, the smaller first, such as [0, 2]", letter)
	}
	for _, x := range limits {
		if p := axis.Scale.Place(x); p != p {
			return fmt.Errorf(
				"%slim: %v is not on the axis, which is %s",
				letter, starlark.Float(x), strings.NewReplacer(
					"log", "logarithmic: give ends above 0", "tail", "logarithmic towards 1: give ends below 1",
				).Replace(string(axis.Scale)),
			)
		}
	}
	axis.Min, axis.Max, axis.Tick = limits[0], limits[1], 0
	return nil
}
