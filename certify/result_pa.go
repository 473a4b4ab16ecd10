package certify

import (
	"errors"
	"fmt"
	"slices"

	"smoothlab/internal/figure"
)

// PA estimates, for each row, the probability p_A of its class under noise by the share of votes. It returns them in
// increasing order. If a log has only radii, the count with the nearest radius is used, and an abstention, whose class
// such a log does not have, counts as ½. It returns an error if votes are not known, or for a ladder, which ends votes
// by their share.
func (c *Certificates) PA() ([]float64, error) {
	switch {
	case c.Plan.Procedure().Adaptive():
		return nil, fmt.Errorf("a %s ends votes by their share, so the share does not estimate p_A: certify with the fixed plan",
			c.Plan.Kind())
	case c.ReexpressedFrom > 0:
		return nil, errors.New("re-expressed certificates have no votes: use the original certificates")
	case c.Printed && (c.Smoothing == nil || c.Plan.N == 0 || c.Plan.Alpha == 0):
		return nil, errors.New(
			"p_A follows from radii with sigma, N and alpha, but the log does not have all of them: give them to read_log",
		)
	case len(c.Rows) == 0:
		return nil, errors.New("there are no rows to compute p_A from")
	}
	votes, err := c.votes()
	if err != nil {
		return nil, err
	}
	p := make([]float64, len(c.Rows))
	for i, row := range c.Rows {
		n := row.Used
		if n == 0 {
			n = c.Plan.N
		}
		p[i] = float64(votes[i]) / float64(n)
	}
	slices.Sort(p)
	return p, nil
}

// PACurve returns the empirical distribution function of [Certificates.PA]: the share of rows with that p_A or less,
// from 0 to 1.
func (c *Certificates) PACurve() (p, share []float64, err error) {
	sorted, err := c.PA()
	if err != nil {
		return nil, nil, err
	}
	p, share = []float64{0}, []float64{0}
	for i, x := range sorted {
		if i+1 < len(sorted) && sorted[i+1] == x {
			continue
		}
		p, share = append(p, x, x), append(share, share[len(share)-1], float64(i+1)/float64(len(sorted)))
	}
	return append(p, 1), append(share, 1), nil
}

// PlotPA does what [Plot] does, for [Certificates.PACurve].
func PlotPA(path, title string, entries []Entry) error {
	return plotTo(path, func() (f figure.Figure, err error) {
		f.Title = title
		f.X, f.Y = figure.Axis{Name: "p_A", Max: 1, Tick: 0.1}, figure.Axis{Name: "share of images", Max: 1, Tick: 0.2}
		f.Lines, err = linesOf(entries, (*Certificates).PACurve)
		return f, err
	})
}

// linesOf returns one line per run.
func linesOf(entries []Entry, curve func(*Certificates) (x, y []float64, err error)) (lines []figure.Line, err error) {
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
			x, y, err := curve(c)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", e.Name, err)
			}
			lines = append(lines, figure.Line{Name: name, X: x, Y: y})
		}
	}
	return lines, nil
}
