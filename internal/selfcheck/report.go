package selfcheck

import (
	"fmt"
	"strings"
)

// Finding is what was found about one case.
type Finding struct {
	Case    string
	Runs    int
	Wrong   int     // runs whose result is wrong
	Changed int     // runs whose result is right, but not the same to the last bit
	Largest float64 // largest difference from the right result, relative to it
	// Off is how far the right result is from the reference; −1 where there is none.
	Off float64
}

// Report is what [Check] found, by case.
type Report []Finding

// Wrong is the number of wrong results of all cases, and Runs that of all results.
func (r Report) Wrong() (wrong, runs int) {
	for _, f := range r {
		wrong += f.Wrong
		runs += f.Runs
	}
	return wrong, runs
}

// String is a table and a sentence.
func (r Report) String() string {
	var text strings.Builder
	for _, f := range r {
		fmt.Fprintf(&text, "%-36s %5d runs, %d wrong, %d with other last bits, largest difference %.2g",
			f.Case, f.Runs, f.Wrong, f.Changed, f.Largest)
		if f.Off >= 0 {
			fmt.Fprintf(&text, "; %.2g from the reference", f.Off)
		}
		text.WriteByte('\n')
	}
	switch wrong, runs := r.Wrong(); {
	case runs == 0:
		text.WriteString("Nothing was computed.")
	case wrong > 0:
		fmt.Fprintf(&text, "%d of %d results are wrong: this plugin must not be used on a processor that has other work.", wrong, runs)
	default:
		fmt.Fprintf(&text, "All %d results are right.", runs)
	}
	return text.String()
}

// report decides which kind of results is the right one: the one that is nearest to the reference, else the most
// frequent. If none is within [Tolerance] of the reference, all results are wrong.
func report(cases []Case, tallies [][Variants]tally) Report {
	var r Report
	for i, c := range cases {
		f := Finding{Case: c.Name, Off: -1}
		for variant, t := range tallies[i] {
			f.take(t, references[c.Name][variant])
		}
		r = append(r, f)
	}
	return r
}

// take adds what was found about one variant.
func (f *Finding) take(t tally, ref sketch) {
	if len(t.kinds) == 0 {
		return
	}
	right := 0
	for i, k := range t.kinds {
		if ref == nil && k.runs > t.kinds[right].runs || ref != nil && ref.off(k.first) < ref.off(t.kinds[right].first) {
			right = i
		}
	}
	chosen := t.kinds[right]
	for i, k := range t.kinds {
		f.Runs += k.runs
		if i != right {
			f.Wrong += k.runs
			f.Largest = max(f.Largest, difference(k.first, chosen.first))
		}
	}
	f.Changed += chosen.changed
	f.Largest = max(f.Largest, chosen.largest)
	if ref == nil {
		return
	}
	off := ref.off(chosen.first)
	f.Off = max(f.Off, off)
	if off > Tolerance {
		f.Wrong += chosen.runs
		f.Largest = max(f.Largest, off)
	}
}
