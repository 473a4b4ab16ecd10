package main

import (
	"fmt"
	"strings"

	"smoothlab/internal/texttable"
)

// String returns one line of a result, for the notes.
func (r result) String() string {
	parts := []string{fmt.Sprintf("%s: %.2f ms, %.2f ms of processors", r.Name, 1000*r.Seconds, 1000*r.CPU)}
	for _, b := range r.Others {
		parts = append(parts, fmt.Sprintf("%s %s", b.Name, b.cell()))
	}
	return strings.Join(parts, " · ")
}

// cell returns how many times faster than an anchor smoothlab is, with the spread and, if it is missed, the goal.
func (o other) cell() string {
	cell := fmt.Sprintf("%.2f (%.2f…%.2f)", o.Ratio, o.Low, o.High)
	if o.Goal > 0 && o.Ratio < o.Goal {
		cell += fmt.Sprintf(" of %.1f", o.Goal)
	}
	return cell
}

// table formats the results for the terminal: how many times faster than each anchor smoothlab is.
func table(results []result, anchors []anchor) string {
	head := []string{"work", "smoothlab, ms", "processors, ms"}
	for _, a := range anchors {
		head = append(head, "than "+a.name)
	}
	rows := [][]string{append(head, "of the product's rate")}
	for _, r := range results {
		row := []string{r.Name, fmt.Sprintf("%.2f", 1000*r.Seconds), fmt.Sprintf("%.2f", 1000*r.CPU)}
		for _, a := range anchors {
			cell := "–"
			for _, b := range r.Others {
				if b.Name == a.name {
					cell = b.cell()
				}
			}
			row = append(row, cell)
		}
		share := "–"
		if r.Share > 0 {
			share = fmt.Sprintf("%.0f%%", 100*r.Share)
		}
		rows = append(rows, append(row, share))
	}
	return texttable.New(rows, 1).Text(rows)
}
