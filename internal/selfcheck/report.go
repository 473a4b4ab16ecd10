package selfcheck

import (
	"fmt"
	"strings"
)

// Finding is the result for one case.
type Finding struct {
	Case    string
	Runs    int
	Wrong   int     // runs whose result is wrong
	Changed int     // runs whose result is right, but not the same to the last bit
	Largest float64 // largest difference from the right result, relative to it
}

// Report lists the findings of [Check], by case.
type Report []Finding

// Wrong returns the number of wrong results of all cases, and the number of all results.
func (r Report) Wrong() (wrong, runs int) {
	for _, f := range r {
		wrong += f.Wrong
		runs += f.Runs
	}
	return wrong, runs
}

// String returns a table and a sentence.
func (r Report) String() string {
	var text strings.Builder
	for _, f := range r {
		fmt.Fprintf(&text, "%-36s %5d runs, %d wrong, %d with other last bits, largest difference %.2g\n",
			f.Case, f.Runs, f.Wrong, f.Changed, f.Largest)
	}
	switch wrong, runs := r.Wrong(); {
	case runs == 0:
		text.WriteString("Nothing was computed.")
	case wrong > 0:
		fmt.Fprintf(&text, "%d of %d results are wrong: do not use this plugin.", wrong, runs)
	default:
		fmt.Fprintf(&text, "All %d results are right.", runs)
	}
	return text.String()
}

// report summarises the tallies.
func report(cases []Case, tallies [][Variants]tally) Report {
	var r Report
	for i, c := range cases {
		f := Finding{Case: c.Name}
		for _, t := range tallies[i] {
			for n, k := range t.kinds {
				f.Runs += k.runs
				f.Largest = max(f.Largest, k.largest)
				if n == 0 { // the kind of the first time
					f.Changed += k.changed
					continue
				}
				f.Wrong += k.runs
				f.Largest = max(f.Largest, difference(k.first, t.kinds[0].first))
			}
		}
		r = append(r, f)
	}
	return r
}
