package certify

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Entry is a named certification in a table or a plot.
type Entry struct {
	Name         string
	Certificates *Certificates
}

// Table sets certifications side by side: ACR with its standard error over images, certified accuracy in percent at
// radii, and the share of abstentions in percent. Logs with printed radii beside others are all shown as printed.
type Table struct {
	Entries []Entry
	Radii   []float64
	Base    string // name of the entry that the others are compared with in the last column; "" for no such column
}

// grid is a table before it is laid out: a caption, column heads, a line an entry.
type grid struct {
	caption string
	head    []string
	lines   [][]string
}

// Text lays the table out in columns.
func (t Table) Text() (string, error) {
	g, err := t.grid()
	if err != nil {
		return "", err
	}
	lines := append([][]string{g.head}, g.lines...)
	widths := make([]int, len(g.head))
	for _, line := range lines {
		for i, cell := range line {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	fmt.Fprintln(&b, g.caption)
	for _, line := range lines {
		var s strings.Builder
		for i, cell := range line {
			s.WriteString(cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+gapAfter(g.head[i])))
		}
		fmt.Fprintln(&b, strings.TrimRight(s.String(), " "))
	}
	return b.String(), nil
}

// gapAfter sets names and ACR a little apart from the narrow columns.
func gapAfter(head string) int {
	switch head {
	case "":
		return 4
	case acrHead:
		return 3
	}
	return 2
}

// Markdown writes the table for a README; the caption stands above it.
func (t Table) Markdown() (string, error) {
	g, err := t.grid()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	row := func(cells []string) {
		b.WriteString("|")
		for _, cell := range cells {
			b.WriteString(" " + strings.ReplaceAll(strings.TrimSpace(cell), "|", `\|`) + " |")
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "%s\n\n", g.caption)
	row(g.head)
	b.WriteString("|---|" + strings.Repeat("---:|", len(g.head)-1) + "\n")
	for _, line := range g.lines {
		row(line)
	}
	return b.String(), nil
}

const acrHead = "ACR ± s.e."

func (t Table) grid() (*grid, error) {
	entries, err := t.prepared()
	if err != nil {
		return nil, err
	}
	shared, varying := describe(entries)
	g := &grid{caption: strings.Join(append(shared, rounding(t.Entries)), " · "), head: []string{""}}
	for _, fact := range varying {
		g.head = append(g.head, fact.name)
	}
	g.head = append(g.head, acrHead)
	for _, r := range t.Radii {
		g.head = append(g.head, strconv.FormatFloat(significant(r, 12), 'g', -1, 64))
	}
	g.head = append(g.head, "abstain")
	if t.Base != "" {
		g.head = append(g.head, "ACR − "+t.Base)
	}
	for _, e := range entries {
		line, err := t.line(e, entries, varying)
		if err != nil {
			return nil, err
		}
		g.lines = append(g.lines, line)
	}
	return g, nil
}

// prepared checks the entries and brings their radii to one rounding.
func (t Table) prepared() ([]Entry, error) {
	if len(t.Entries) == 0 {
		return nil, errors.New("a table needs at least one certification")
	}
	entries := slices.Clone(t.Entries)
	printed := slices.ContainsFunc(entries, func(e Entry) bool { return e.Certificates.Printed })
	for i, e := range entries {
		if printed {
			entries[i].Certificates = e.Certificates.Rounded()
		}
	}
	for _, r := range t.Radii {
		if !(r >= 0) {
			return nil, fmt.Errorf("a radius cannot be %v; expected 0 or more", r)
		}
	}
	if t.Base != "" && baseOf(entries, t.Base) == nil {
		return nil, fmt.Errorf("no entry of the table is named %q, which the others are to be compared with", t.Base)
	}
	return entries, nil
}

func baseOf(entries []Entry, name string) *Certificates {
	for _, e := range entries {
		if e.Name == name {
			return e.Certificates
		}
	}
	return nil
}

func (t Table) line(e Entry, entries []Entry, varying []fact) ([]string, error) {
	c := e.Certificates
	line := []string{e.Name}
	for _, f := range varying {
		line = append(line, f.of(c))
	}
	line = append(line, orDash("%.4f", c.ACR())+" ± "+orDash("%.4f", c.ACRError()))
	for _, r := range t.Radii {
		line = append(line, orDash("%5.2f", 100*c.Accuracy(r)))
	}
	line = append(line, orDash("%5.2f", 100*float64(c.Abstained())/float64(len(c.Rows))))
	if t.Base == "" {
		return line, nil
	}
	if e.Name == t.Base {
		return append(line, ""), nil
	}
	d, err := Compare(c, baseOf(entries, t.Base))
	if err != nil {
		return nil, fmt.Errorf("%s and %s: %w", e.Name, t.Base, err)
	}
	return append(line, fmt.Sprintf("%s ± %.4f", signed(d.Difference), d.Error)), nil
}

// orDash shows what there are too few rows for as a dash.
func orDash(format string, x float64) string {
	if math.IsNaN(x) {
		return "–"
	}
	return fmt.Sprintf(format, x)
}

// fact is something a table's entries have in common, or not.
type fact struct {
	name string
	of   func(*Certificates) string // "" if unknown
	say  func(string) string        // in the caption
}

var tableFacts = [...]fact{
	{"images", func(c *Certificates) string {
		if c.Unfinished() {
			return grouped(len(c.Rows)) + " of " + grouped(c.Planned)
		}
		return grouped(len(c.Rows))
	}, func(s string) string { return s + " images" }},
	{"data", func(c *Certificates) string { return strings.TrimSpace(c.Dataset + " " + c.Split) }, func(s string) string { return s }},
	{"sigma", func(c *Certificates) string { return factValue(c.Sigma) }, func(s string) string { return "sigma " + s }},
	{"N", func(c *Certificates) string {
		if c.Plan.N == 0 {
			return ""
		}
		return grouped(c.Plan.N)
	}, func(s string) string { return "N " + s }},
	{"alpha", func(c *Certificates) string { return factValue(c.Plan.Alpha) }, func(s string) string { return "alpha " + s + " an image" }},
}

func factValue(x float64) string {
	if x == 0 {
		return ""
	}
	return fmt.Sprint(x)
}

// describe sorts the facts into those the entries share, for the caption, and those that need a column. Of logs that do
// not tell their plan, the caption tells the number of images only.
func describe(entries []Entry) (shared []string, varying []fact) {
	for _, f := range tableFacts {
		value := f.of(entries[0].Certificates)
		same := !slices.ContainsFunc(entries, func(e Entry) bool { return f.of(e.Certificates) != value })
		switch {
		case !same:
			varying = append(varying, f)
		case value != "" && (f.name == "images" || entries[0].Certificates.Plan.N > 0):
			shared = append(shared, f.say(value))
		}
	}
	return shared, varying
}

// rounding says what the radii of a table are.
func rounding(entries []Entry) string {
	printed := 0
	for _, e := range entries {
		if e.Certificates.Printed {
			printed++
		}
	}
	switch printed {
	case 0:
		return "radii in full precision, rounded down"
	case len(entries):
		return "radii as printed in the logs (3 digits)"
	}
	return "all radii rounded to 3 digits, as some of the logs print them"
}

// grouped writes 10000 as 10,000.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
