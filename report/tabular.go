package report

import (
	"math"

	"smoothlab/columns"
)

// Tabular is a report with a table of numbers, which package columns writes to files.
type Tabular interface {
	Report
	Columns() (columns.Table, error)
}

// Columns returns one row per epoch; each term of the loss is a column, NaN where an epoch does not have it.
func (h RunHistory) Columns() (columns.Table, error) {
	t, err := columns.Of(h.History)
	if err != nil {
		return t, err
	}
	for _, name := range termNames(h.History) {
		values := make([]float64, len(h.History))
		for i, e := range h.History {
			v, ok := e.term(name)
			if !ok {
				v = math.NaN()
			}
			values[i] = v
		}
		t.Add("term "+name, values)
	}
	return t, nil
}

// Columns returns one row per image.
func (c Certificates) Columns() (columns.Table, error) { return columns.Of(c.Rows) }

// Columns returns one row per image.
func (a Attack) Columns() (columns.Table, error) { return columns.Of(a.Images) }

// Columns returns one row per image.
func (l Logits) Columns() (columns.Table, error) { return columns.Of(l.Images) }

// Columns returns one row per class, with its rows of the confusion matrices.
func (e Evaluation) Columns() (columns.Table, error) {
	t, err := columns.Of(e.Classes)
	if err != nil {
		return t, err
	}
	for _, m := range []struct {
		name   string
		counts [][]int
	}{{"confusion", e.Confusion}, {"smoothed_confusion", e.SmoothedConfusion}} {
		if len(m.counts) == 0 {
			continue
		}
		var flat []int
		for _, row := range m.counts {
			flat = append(flat, row...)
		}
		t.Columns = append(t.Columns, columns.Column{Name: m.name, Values: flat, Shape: []int{len(m.counts)}})
	}
	return t, t.Check()
}

// Columns returns one row per bin of the reliability diagrams: of the mean softmax, then of the vote shares.
func (c Calibration) Columns() (columns.Table, error) {
	type bin struct {
		Of string `json:"of"`
		CalibrationBin
	}
	var rows []bin
	for _, s := range c.both() {
		for _, b := range s.of.Bins {
			rows = append(rows, bin{s.name, b})
		}
	}
	return columns.Of(rows)
}

// Columns returns one row per step of each image's path.
func (w WalkPath) Columns() (columns.Table, error) {
	type row struct {
		WalkImage
		Step int `json:"step"`
		SearchPoint
	}
	var rows []row
	for _, i := range w.Images {
		for step, p := range i.Path {
			rows = append(rows, row{i.WalkImage, step, p})
		}
	}
	return columns.Of(rows)
}

// Columns returns one row per step.
func (p SearchPath) Columns() (columns.Table, error) {
	return WalkPath{Images: []SearchPath{p}}.Columns()
}

// Columns returns one row per radius.
func (c Comparison) Columns() (columns.Table, error) {
	type row struct {
		Radius     float64 `json:"radius"`
		Difference float64 `json:"difference"`
		Error      float64 `json:"error"`
		Low        float64 `json:"low"`
		High       float64 `json:"high"`
	}
	var rows []row
	for _, a := range c.Accuracies {
		rows = append(rows, row{a.Radius, a.Difference, a.Error, a.Low, a.High})
	}
	return columns.Of(rows)
}
