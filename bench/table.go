package main

import (
	"fmt"
	"strings"
	"text/tabwriter"
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
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "work\tsmoothlab, ms\tprocessors, ms\t")
	for _, a := range anchors {
		fmt.Fprintf(w, "than %s\t", a.name)
	}
	fmt.Fprintln(w, "of the product's rate\t")
	for _, r := range results {
		fmt.Fprintf(w, "%s\t%.2f\t%.2f\t", r.Name, 1000*r.Seconds, 1000*r.CPU)
		for _, a := range anchors {
			cell := "–"
			for _, b := range r.Others {
				if b.Name == a.name {
					cell = b.cell()
				}
			}
			fmt.Fprintf(w, "%s\t", cell)
		}
		share := "–"
		if r.Share > 0 {
			share = fmt.Sprintf("%.0f%%", 100*r.Share)
		}
		fmt.Fprintf(w, "%s\t\n", share)
	}
	w.Flush()
	return text.String()
}
