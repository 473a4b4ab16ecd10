package session

import (
	"fmt"
	"math"

	"smoothlab/certify"
	"smoothlab/report"

	"go.starlark.net/starlark"
)

// intervalArgs are the arguments of interval().
type intervalArgs struct {
	R     float64 `arg:"r" help:"radius in pixel units of [0,1]; at 0, correct and not abstained"`
	Level float64 `arg:"level" help:"confidence"`
}

// interval implements interval(). It returns a tuple of the two ends.
func (k *certificatesValue) interval(a *intervalArgs) (starlark.Value, error) {
	if !(a.R >= 0) || !(a.Level > 0 && a.Level < 1) {
		return nil, fmt.Errorf(
			"interval: r must be 0 or more and the level between 0 and 1, got %v and %v",
			starlark.Float(a.R),
			starlark.Float(a.Level),
		)
	}
	i := k.AccuracyInterval(a.R, a.Level)
	if math.IsNaN(i.Low) {
		return nil, fmt.Errorf(
			"interval: there is none at radius %v: the rows mix several plans, or the radius is not in the ladder's grid",
			starlark.Float(a.R),
		)
	}
	return starlark.Tuple{starlark.Float(i.Low), starlark.Float(i.High)}, nil
}

// accuraciesArgs are the arguments of accuracies().
type accuraciesArgs struct {
	Radii      []float64 `arg:"radii" max:"10000" help:"radii in pixel units of [0,1]; None for 0, sigma/2, sigma, …, or a ladder's grid"`
	Dimensions int       `arg:"dimensions" default:"None" help:"number of values per image, 784 for MNIST, for the L∞ balls; None for the number that is known"`
	Level      float64   `arg:"level" help:"confidence of the exact intervals"`
	Delta      float64   `arg:"delta" help:"failure probability of the lower bound for these images"`
	Save       string    `arg:"save" complete:"file" default:"None" help:"file to write the table to: .txt, .md, .tex or .csv"`
}

// accuracies implements accuracies().
func (k *certificatesValue) accuracies(a *accuraciesArgs) (starlark.Value, error) {
	t := certify.Accuracies{Radii: a.Radii, Dimensions: a.Dimensions, Level: a.Level, Delta: a.Delta}
	if t.Radii == nil {
		t.Radii = grid([]named{{"", []*certificatesValue{k}}})
	}
	if t.Dimensions == 0 {
		t.Dimensions = k.values
	}
	g, err := t.Grid(k.Certificates)
	if err != nil {
		return nil, err
	}
	path := expandTilde(a.Save)
	if err := prepareResult(path); err != nil {
		return nil, err
	}
	if path != "" {
		if err := g.Save(path); err != nil {
			return nil, err
		}
	}
	return newReportValue(
		report.CertifyTable{Table: report.Table{Caption: g.Caption, Head: g.Head, Rows: g.Rows, Left: 1}, Path: path},
	), nil
}
