package certify

import (
	"fmt"
	"slices"
	"strings"

	"smoothlab/internal/humanize"
	"smoothlab/smoothing"
)

// fact is a property that a table's entries may have in common.
type fact struct {
	name    string
	of      func(Entry) string  // "" if unknown
	caption func(string) string // text for the caption, "" for none; nil if the caption has it elsewhere
}

var tableFacts = [...]fact{
	{"images", func(e Entry) string {
		c := e.Certificates
		of := ""
		if c.Shard.Of > 0 {
			of = fmt.Sprintf(" (shard %v)", c.Shard)
		}
		if c.Unfinished() {
			return humanize.Grouped(len(c.Rows)) + " of " + humanize.Grouped(c.Planned) + of
		}
		return humanize.Grouped(len(c.Rows)) + of
	}, func(s string) string { return s + " images" }},
	{"runs", func(e Entry) string {
		if len(e.More) == 0 {
			return ""
		}
		return humanize.Grouped(1 + len(e.More))
	}, func(s string) string { return s + " runs each" }},
	{
		"data",
		func(e Entry) string { return strings.TrimSpace(e.Certificates.Dataset + " " + e.Certificates.Split) },
		func(s string) string { return s },
	},
	{
		"sigma",
		func(e Entry) string { return factValue(e.Certificates.Sigma()) },
		func(s string) string { return "sigma " + s },
	},
	{"noise", func(e Entry) string {
		if e.Certificates.Sigma() > 0 {
			return "" // Gaussian is the default
		}
		return smoothing.Describe(e.Certificates.Smoothing)
	}, func(s string) string { return s }},
	{"norm", func(e Entry) string { return e.Certificates.norm() }, func(s string) string {
		if s == defaultNorm {
			return ""
		}
		return s + " radii"
	}},
	{"N", func(e Entry) string { return factCount(e.Certificates.Plan.N) }, func(s string) string { return "N " + s }},
	{"plan", func(e Entry) string {
		procedure := e.Certificates.Plan.Procedure()
		if procedure.UsesLabels() {
			return procedure.Name() + ", labels used"
		}
		return procedure.Name()
	}, func(s string) string {
		if s == (fixedProcedure{}).Name() { // the default
			return ""
		}
		return s + " plan"
	}},
	{"sampling", func(e Entry) string {
		if e.Certificates.Plan.Slack > 0 {
			return "sound"
		}
		return "float32"
	}, func(s string) string {
		if s == "float32" { // the default
			return ""
		}
		return "sound sampling"
	}},
	{"re-expressed from", func(e Entry) string { return factCount(e.Certificates.ReexpressedFrom) }, nil},
	{
		"alpha",
		func(e Entry) string { return factValue(e.Certificates.Plan.Alpha) },
		func(s string) string { return "alpha " + s + " per image" },
	},
}

// Differences names what radii, accuracies and ACRs depend on and entries differ in: images, data, norm, N and alpha,
// in words such as "N (200; 10,000)". It returns "" if they differ in none of these. Noise is not among them: a front
// over several sigmas is what one may want to see.
func Differences(entries []Entry) string {
	var differ []string
	for _, f := range tableFacts {
		if !slices.Contains([]string{"images", "data", "norm", "N", "alpha"}, f.name) {
			continue
		}
		var values []string
		for _, e := range entries {
			for _, c := range e.runs() {
				if v := f.of(Entry{Certificates: c}); v != "" && !slices.Contains(values, v) {
					values = append(values, v)
				}
			}
		}
		if len(values) > 1 {
			differ = append(differ, fmt.Sprintf("%s (%s)", f.name, strings.Join(values, "; ")))
		}
	}
	return strings.Join(differ, " and ")
}

// factValue formats a number, of which 0 means that it is unknown.
func factValue(x float64) string {
	if x == 0 {
		return ""
	}
	return fmt.Sprint(x)
}

// factCount formats a count, of which 0 means that it is unknown.
func factCount(n int) string {
	if n == 0 {
		return ""
	}
	return humanize.Grouped(n)
}

// describe divides the facts into those the entries share, for the caption, and those that need a column. For logs
// without a plan, the caption has the numbers of images and runs only. given are the entries before their radii were
// rounded alike.
func describe(entries, given []Entry) (caption string, varying []fact) {
	var shared []string
	for _, f := range tableFacts {
		value := f.of(entries[0])
		same := !slices.ContainsFunc(entries, func(e Entry) bool { return f.of(e) != value })
		switch {
		case !same:
			varying = append(varying, f)
		case value != "" && f.caption != nil && (f.name == "images" || f.name == "runs" || entries[0].Certificates.Plan.N > 0):
			if s := f.caption(value); s != "" {
				shared = append(shared, s)
			}
		}
	}
	return strings.Join(append(shared, rounding(given)), " · "), varying
}

// rounding describes the radii of a table.
func rounding(entries []Entry) string {
	printed, reexpressed := 0, 0
	for _, e := range entries {
		switch {
		case e.Certificates.ReexpressedFrom > 0:
			reexpressed++
		case e.printed():
			printed++
		}
	}
	switch c := entries[0].Certificates; {
	case reexpressed == len(entries):
		return fmt.Sprintf(
			"re-expressed at N=%s from %s votes: an estimate, which certifies nothing",
			humanize.Grouped(c.Plan.N),
			humanize.Grouped(c.ReexpressedFrom),
		)
	case reexpressed > 0:
		return "re-expressed values are estimates, which certify nothing"
	case !slices.ContainsFunc(entries, func(e Entry) bool { return e.Certificates.Plan.DefinesACR() }):
		return "radii of a grid"
	case printed == 0:
		return "radii in full precision, rounded down"
	case printed == len(entries):
		return "radii as printed in the logs (3 digits)"
	}
	return "all radii rounded to 3 digits, as some of the logs print them"
}
