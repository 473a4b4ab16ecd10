package papertable

import (
	"fmt"
	"strings"

	"smoothlab/certify"
	"smoothlab/certify/paper"
	"smoothlab/internal/humanize"
	"smoothlab/method"
	"smoothlab/train"
	"smoothlab/zoo"
)

// Standing is a row of the table at a noise level next to the authors' runs of it.
type Standing struct {
	Row     Row
	Sigma   float64
	Made    *zoo.Row          // nil if it is not made yet
	Authors *paper.Prediction // interval of one more run of theirs; nil if unknown
	runs    []paper.Expected
	// Published is the result of a row that came after the paper; nil for the others.
	Published *Published
}

// Verdicts of a standing.
const (
	NotMade     = "not made yet"
	Inside      = "inside"
	Above       = "above"
	Below       = "below"
	NoInterval  = "no interval"
	OtherImages = "not comparable"
)

// Compare returns the standing of every row of a data set's table at a noise level: finished rows of the lowest seed,
// in z, next to the authors' runs. Rows that came after the paper are there if they are made.
func Compare(z *zoo.Zoo, dataset string, sigma float64) ([]Standing, error) {
	rows, err := Rows(dataset)
	if err != nil {
		return nil, err
	}
	var list []Standing
	paperRows := len(rows)
	for i, row := range append(rows, LaterRows(dataset)...) {
		recipe, err := row.Recipe(sigma)
		if err != nil {
			return nil, err
		}
		s := Standing{Row: row, Sigma: sigma}
		for _, r := range z.Rows() {
			if r.Dataset == dataset && r.Sigma == sigma && r.Card.Row == row.Name {
				s.Made = &r
				break
			}
		}
		if s.runs, err = authors(row, recipe, sigma); err != nil {
			return nil, err
		}
		if len(s.runs) > 1 {
			p, err := paper.Predict(s.runs)
			if err != nil {
				return nil, err
			}
			s.Authors = &p
		}
		if p, ok := published(row, sigma); ok {
			s.Published = &p
		}
		if i >= paperRows && s.Made == nil {
			continue
		}
		list = append(list, s)
	}
	return list, nil
}

// authors returns the expected results of the authors' main runs of a row; nil if they are not re-expressed.
func authors(row Row, recipe train.Recipe, sigma float64) ([]paper.Expected, error) {
	results, err := paper.Results()
	if err != nil {
		return nil, err
	}
	settings := map[string]float64{}
	for _, f := range method.Fields(recipe.Method) {
		settings[f.Name] = f.Value
	}
	for _, r := range results {
		if r.Dataset != row.Dataset || r.Method != row.Method || r.Sigma != sigma || r.Part != "main" ||
			!agree(r.Params, settings) {
			continue
		}
		if runs, err := r.Expected(); err == nil {
			return runs, nil
		}
	}
	return nil, nil
}

// agree reports whether all parameters of a log are equal to the settings.
func agree(params []paper.Param, settings map[string]float64) bool {
	for _, p := range params {
		if v, ok := settings[p.Name]; !ok || v != p.Value {
			return false
		}
	}
	return true
}

// Verdict says where the row's ACR is, next to the interval of one more run of the authors.
func (s Standing) Verdict() string {
	switch {
	case s.Made == nil:
		return NotMade
	case s.Authors == nil:
		return NoInterval
	case !s.comparable():
		return OtherImages
	case s.Made.Certified.ACR < s.Authors.Low:
		return Below
	case s.Made.Certified.ACR > s.Authors.High:
		return Above
	}
	return Inside
}

// comparable reports whether the row was certified as the authors' runs are re-expressed.
func (s Standing) comparable() bool {
	p := s.Made.Plan
	return p.Procedure().Name() == "fixed" && p.N0 == 100 && p.N == 10_000 && p.Alpha == 0.001 && s.Made.Certified.Images == 500 &&
		strings.HasPrefix(s.Made.Every, "images 0, 20, … of mnist test")
}

// Difference returns the row's ACR minus the authors' mean.
func (s Standing) Difference() float64 { return s.Made.Certified.ACR - s.Authors.Mean }

// verdict formats the verdict with the difference and, outside the interval, the distance from it.
func (s Standing) verdict() string {
	v := s.Verdict()
	if v != Inside && v != Above && v != Below {
		return v
	}
	text := fmt.Sprintf("%s, %s = %.1f%%", v, humanize.Signed(s.Difference(), 4), 100*s.Made.Certified.ACR/s.Authors.Mean)
	switch v {
	case Above:
		text += fmt.Sprintf(", %.4f over the interval", s.Made.Certified.ACR-s.Authors.High)
	case Below:
		text += fmt.Sprintf(", %.4f under the interval", s.Authors.Low-s.Made.Certified.ACR)
	}
	return text
}

// Grid lays standings of one noise level out: what each row was trained with, its ACR next to the authors', and
// certified accuracies next to their means.
func Grid(standings []Standing) *certify.Grid {
	sigma := standings[0].Sigma
	made := 0
	g := &certify.Grid{
		Head: []string{
			fmt.Sprintf("sigma %g", sigma),
			"ACR ± s.e.",
			"authors' mean",
			"one more run of theirs, 95%",
			"verdict",
		},
	}
	for _, r := range Radii(sigma) {
		g.Head = append(g.Head, fmt.Sprintf("%g", r))
	}
	g.Head = append(g.Head, "training")
	for _, s := range standings {
		if s.Made != nil {
			made++
		}
		g.Rows = append(g.Rows, s.cells())
	}
	g.Caption = fmt.Sprintf(
		"%s at sigma %g: %d of %d rows made · ACR and certified accuracy in percent, in brackets the mean of the authors' runs",
		standings[0].Row.Dataset,
		sigma,
		made,
		len(standings),
	)
	return g
}

// cells returns a row of Grid.
func (s Standing) cells() []string {
	row := []string{s.Row.Label, "", "", "", s.verdict()}
	if s.Made != nil {
		row[1] = fmt.Sprintf("%.4f ± %.4f", s.Made.Certified.ACR, s.Made.Certified.Error)
	}
	if s.Authors != nil {
		row[2], row[3] = fmt.Sprintf("%.4f", s.Authors.Mean), fmt.Sprintf("%.4f … %.4f", s.Authors.Low, s.Authors.High)
	}
	if p := s.Published; p != nil {
		row[2] = fmt.Sprintf("%.4f ± %.4f (1 run, N=%s)", p.ACR, p.Error, humanize.Grouped(p.N))
	}
	for i, r := range Radii(s.Sigma) {
		cell := "–"
		if s.Made != nil && i < len(s.Made.Certified.Accuracy) {
			cell = fmt.Sprintf("%.1f", 100*s.Made.Certified.Accuracy[i])
		}
		if theirs, ok := paper.MeanAccuracy(s.runs, r); ok {
			cell += fmt.Sprintf(" (%.1f)", 100*theirs)
		}
		row = append(row, cell)
	}
	training := ""
	if s.Made != nil {
		training = s.Made.Training
	}
	return append(row, training)
}
