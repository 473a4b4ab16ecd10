package paper

import (
	"fmt"
	"slices"
	"strconv"

	"smoothlab/certify"
)

// Grid returns a table of results: mean ACR with its standard deviation between runs, certified accuracy in percent at
// radii (by default those of all results), abstentions, and the expected ACR with fewer votes.
func Grid(results []Result, radii ...float64) *certify.Grid {
	if len(radii) == 0 {
		for _, r := range results {
			radii = append(radii, r.Radii...)
		}
		slices.Sort(radii)
		radii = slices.Compact(radii)
	}
	g := &certify.Grid{
		Caption: "the authors' certification logs (jh-jeong/smoothmix at cb1fd33) · 10,000 images · N 100,000 · alpha 0.001 per image · radii as printed (3 digits)",
		Head:    []string{"", "settings", "sigma", "part", "runs", "ACR ± sd of runs"},
	}
	for _, r := range radii {
		g.Head = append(g.Head, strconv.FormatFloat(r, 'g', -1, 64))
	}
	g.Head = append(g.Head, "abstain", "expected at N 10,000", "at N 1,000")
	for _, r := range results {
		g.Rows = append(g.Rows, r.row(radii))
	}
	return g
}

func (r Result) row(radii []float64) []string {
	sd := "–"
	if len(r.Runs) > 1 {
		sd = fmt.Sprintf("%.4f", r.SD)
	}
	settings := r.Settings()
	if r.Doubtful {
		settings += " (uncertain)"
	}
	row := []string{
		r.Dataset + " " + r.Method,
		settings,
		fmt.Sprint(r.Sigma),
		r.Part,
		strconv.Itoa(len(r.Runs)),
		fmt.Sprintf("%.4f ± %s", r.ACR, sd),
	}
	for _, radius := range radii {
		cell := "–"
		if i := slices.Index(r.Radii, radius); i >= 0 {
			cell = fmt.Sprintf("%5.2f", 100*r.Accuracy[i])
		}
		row = append(row, cell)
	}
	return append(
		row,
		fmt.Sprintf("%5.2f", 100*r.Abstain),
		fmt.Sprintf("%.4f", r.ACR10000),
		fmt.Sprintf("%.4f", r.ACR1000),
	)
}
