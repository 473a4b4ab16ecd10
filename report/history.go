package report

import (
	"slices"
	"strconv"

	"smoothlab/internal/humanize"
)

// termNames returns the names of the loss terms in order of first appearance. A method may gain a term during training.
func termNames(history []Epoch) []string {
	var names []string
	for _, e := range history {
		for _, t := range e.Terms {
			if !slices.Contains(names, t.Name) {
				names = append(names, t.Name)
			}
		}
	}
	return names
}

// term returns the value of a term; false if the epoch does not have it.
func (e Epoch) term(name string) (float64, bool) {
	i := slices.IndexFunc(e.Terms, func(t Term) bool { return t.Name == name })
	if i < 0 {
		return 0, false
	}
	return e.Terms[i].Value, true
}

func (e Epoch) tested() bool { return e.NoisyAccuracy >= 0 }

func historyTable(history []Epoch) Table {
	names := termNames(history)
	tested := slices.ContainsFunc(history, Epoch.tested)
	t := Table{Head: append([]string{"epoch", "lr", "warm-up", "loss"}, names...)}
	if tested {
		t.Head = append(t.Head, "base accuracy under noise")
	}
	chosen := slices.ContainsFunc(history, func(e Epoch) bool { return e.Kept > 0 })
	if chosen {
		t.Head = append(t.Head, "images kept")
	}
	for _, e := range history {
		row := []string{strconv.Itoa(e.Epoch), plain(e.LR), fixed(e.Warm, 2), fixed(e.Loss, 4)}
		for _, name := range names {
			cell := ""
			if v, ok := e.term(name); ok {
				cell = fixed(v, 4)
			}
			row = append(row, cell)
		}
		if tested {
			cell := ""
			if e.tested() {
				cell = fixed(100*e.NoisyAccuracy, 1) + "%"
			}
			row = append(row, cell)
		}
		if chosen {
			cell := ""
			if e.Kept > 0 {
				cell = humanize.Grouped(e.Kept)
			}
			row = append(row, cell)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func lossCurves(history []Epoch) Curves {
	c := Curves{Title: "loss", X: "epoch", Y: "mean over the epoch"}
	for _, name := range append([]string{"loss"}, termNames(history)...) {
		s := Series{Name: name}
		for _, e := range history {
			v, ok := e.term(name)
			if name == "loss" {
				v, ok = e.Loss, true
			}
			if ok {
				s.X, s.Y = append(s.X, float64(e.Epoch)), append(s.Y, v)
			}
		}
		c.Series = append(c.Series, s)
	}
	return c
}

func accuracyCurve(history []Epoch) Curves {
	c := Curves{Title: "base accuracy under noise", X: "epoch"}
	var s Series
	for _, e := range history {
		if e.tested() {
			s.X, s.Y = append(s.X, float64(e.Epoch)), append(s.Y, e.NoisyAccuracy)
		}
	}
	if len(s.X) > 0 {
		c.Series = []Series{s}
	}
	return c
}
