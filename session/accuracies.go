package session

import (
	"fmt"
	"math"

	"smoothlab/certify"
	"smoothlab/report"

	"go.starlark.net/starlark"
)

// intervalArgs are those of interval().
type intervalArgs struct {
	R     float64 `arg:"r" help:"radius in pixel units of [0,1]; at 0, correct and not abstained"`
	Level float64 `arg:"level" help:"confidence"`
}

// interval is interval(): the ends, in a tuple.
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
			"interval: there is none at radius %v: the rows are no certificates of one plan, or a ladder's, of another grid",
			starlark.Float(a.R),
		)
	}
	return starlark.Tuple{starlark.Float(i.Low), starlark.Float(i.High)}, nil
}

// accuraciesArgs are those of accuracies().
type accuraciesArgs struct {
	Radii      []float64 `arg:"radii" max:"10000" help:"radii in pixel units of [0,1]; None for 0, sigma/2, sigma, …, or the grid of a ladder"`
	Dimensions int       `arg:"dimensions" default:"None" help:"values of an image, 784 for MNIST, for the L∞ balls; None for what is known"`
	Level      float64   `arg:"level" help:"confidence of the exact intervals"`
	Delta      float64   `arg:"delta" help:"failure probability of the lower bound for these images"`
	Save       string    `arg:"save" complete:"file" default:"None" help:"file to write it to: .txt, .md, .tex or .csv"`
}

// accuracies is accuracies().
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
	path := home(a.Save)
	if err := writable(path); err != nil {
		return nil, err
	}
	if path != "" {
		if err := g.Save(path); err != nil {
			return nil, err
		}
	}
	return figures(
		report.CertifyTable{Table: report.Table{Caption: g.Caption, Head: g.Head, Rows: g.Rows, Left: 1}, Path: path},
	), nil
}
