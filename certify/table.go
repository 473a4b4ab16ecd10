package certify

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"smoothlab/internal/humanize"
)

// Entry is a named certification in a table or a plot, or several of training runs of one method.
type Entry struct {
	Name         string
	Certificates *Certificates
	More         []*Certificates // further training runs, certified alike; may be nil
}

// NewEntry returns an entry of one or more training runs.
func NewEntry(name string, runs ...*Certificates) Entry {
	return Entry{Name: name, Certificates: runs[0], More: runs[1:]}
}

// runs returns all certifications of the entry.
func (e Entry) runs() []*Certificates { return append([]*Certificates{e.Certificates}, e.More...) }

// Table compares certifications: ACR with its standard error over images, certified accuracy in percent at radii, and
// the share of abstentions in percent. If one log has printed radii, all are shown as printed. If an entry has several
// runs, the values are means over them, and ACR and accuracies have their standard deviations between runs (n-1).
type Table struct {
	Entries []Entry
	Radii   []float64
	Base    string // name of the entry that the others are compared with in the last column; may be ""

	Columns []string // headers of the columns to show, in this order; nil for all. "ACR" is without its error
	Digits  *Digits  // nil for 4 and 2
	Best    bool     // mark the largest ACR and accuracies, among the entries of a block
	Blocks  bool     // one block of entries for each sigma
}

// Digits are numbers of digits after the point.
type Digits struct{ ACR, Accuracy int }

func (t Table) digits() Digits {
	if t.Digits == nil {
		return Digits{4, 2}
	}
	return *t.Digits
}

// Text returns the table in aligned columns.
func (t Table) Text() (string, error) { return t.format((*Grid).Text) }

// Markdown returns the table in Markdown, after its caption.
func (t Table) Markdown() (string, error) { return t.format((*Grid).Markdown) }

// LaTeX returns a tabular with the rules of the booktabs package, after its caption as a comment.
func (t Table) LaTeX() (string, error) { return t.format((*Grid).LaTeX) }

func (t Table) format(write func(*Grid) string) (string, error) {
	g, err := t.Grid()
	if err != nil {
		return "", err
	}
	return write(g), nil
}

const (
	bareACRHead = "ACR"
	acrHead     = "ACR ± s.e."
	acrRunsHead = "ACR ± sd of runs"
)

// Grid computes the table.
func (t Table) Grid() (*Grid, error) {
	entries, err := t.prepared()
	if err != nil {
		return nil, err
	}
	acr := acrHead
	if slices.ContainsFunc(entries, func(e Entry) bool { return len(e.More) > 0 }) {
		acr = acrRunsHead
	}
	caption, varying := describe(entries, t.Entries)
	g := &Grid{Caption: caption, Head: []string{""}}
	for _, fact := range varying {
		g.Head = append(g.Head, fact.name)
	}
	g.Head = append(g.Head, acr)
	for _, r := range t.Radii {
		g.Head = append(g.Head, radiusText(r))
	}
	g.Head = append(g.Head, "abstain")
	if t.Base != "" {
		g.Head = append(g.Head, "ACR − "+t.Base)
	}
	for _, e := range entries {
		row, err := t.row(e, entries, acr == acrRunsHead)
		if err != nil {
			return nil, err
		}
		var facts []string
		for _, f := range varying {
			facts = append(facts, f.of(e))
		}
		g.Rows = append(g.Rows, slices.Insert(row, 1, facts...))
	}
	if t.Blocks {
		g.divide(entries)
	}
	if t.Best {
		g.mark(t.valued(entries), 1+len(varying))
	}
	return g, g.choose(t.Columns)
}

// valued returns the numbers behind the columns of ACR and accuracies, by row; NaN where there is none.
func (t Table) valued(entries []Entry) [][]float64 {
	var values [][]float64
	for _, e := range entries {
		acr, _ := e.acr()
		row := []float64{acr}
		for _, r := range t.Radii {
			share, _ := e.mean(func(c *Certificates) float64 { return c.Accuracy(r) })
			row = append(row, share)
		}
		values = append(values, row)
	}
	return values
}

// prepared checks the entries and rounds their radii alike.
func (t Table) prepared() ([]Entry, error) {
	if len(t.Entries) == 0 {
		return nil, errors.New("a table needs at least one certification")
	}
	entries := slices.Clone(t.Entries)
	printed := slices.ContainsFunc(entries, Entry.printed)
	for i, e := range entries {
		if err := e.check(); err != nil {
			return nil, err
		}
		if printed {
			runs := e.runs()
			for k, c := range runs {
				runs[k] = c.Rounded()
			}
			entries[i] = NewEntry(e.Name, runs...)
		}
	}
	if err := checkRadii(t.Radii); err != nil {
		return nil, err
	}
	if d := t.digits(); min(d.ACR, d.Accuracy) < 0 || max(d.ACR, d.Accuracy) > 12 {
		return nil, fmt.Errorf("digits after the point must be from 0 to 12, got %d and %d", d.ACR, d.Accuracy)
	}
	if t.Blocks {
		slices.SortStableFunc(entries, func(a, b Entry) int {
			return cmp.Compare(a.Certificates.Sigma(), b.Certificates.Sigma())
		})
	}
	if _, found := entryNamed(entries, t.Base); t.Base != "" && !found {
		return nil, fmt.Errorf("the table has no entry named %q to compare the others with", t.Base)
	}
	return entries, nil
}

// printed reports whether a run of the entry has printed radii.
func (e Entry) printed() bool {
	return slices.ContainsFunc(e.runs(), func(c *Certificates) bool { return c.Printed })
}

// check returns an error if the runs of an entry cannot be averaged.
func (e Entry) check() error {
	for _, c := range e.More {
		if err := checkComparable(e.Certificates, c); err != nil {
			return fmt.Errorf("the runs of %s cannot be averaged: %w", e.Name, err)
		}
		if !sameIndices(e.Certificates.Rows, c.Rows) || e.Certificates.Planned != c.Planned {
			return fmt.Errorf(
				"the runs of %s are certified on different images, or some are unfinished; certify the same images with each",
				e.Name,
			)
		}
	}
	return nil
}

func entryNamed(entries []Entry, name string) (Entry, bool) {
	i := slices.IndexFunc(entries, func(e Entry) bool { return e.Name == name })
	if i < 0 {
		return Entry{}, false
	}
	return entries[i], true
}

// row returns the cells of one entry, without the varying facts.
func (t Table) row(e Entry, entries []Entry, runs bool) ([]string, error) {
	acr, se := e.acr()
	if runs {
		_, se = e.mean((*Certificates).ACR)
	}
	acrForm, share := fmt.Sprintf("%%.%df", t.digits().ACR), fmt.Sprintf("%%.%df", t.digits().Accuracy)
	wide := fmt.Sprintf("%%%d.%df", 3+t.digits().Accuracy, t.digits().Accuracy)
	row := []string{OneLine(e.Name), humanize.OrDash(acrForm, acr) + " ± " + humanize.OrDash(acrForm, se)}
	if !e.Certificates.Plan.DefinesACR() {
		row[1] = "–"
	}
	for _, r := range t.Radii {
		accuracy, sd := e.mean(func(c *Certificates) float64 { return c.Accuracy(r) })
		cell := humanize.OrDash(wide, 100*accuracy)
		if len(e.More) > 0 {
			cell += " ± " + humanize.OrDash(share, 100*sd)
		}
		row = append(row, cell)
	}
	abstain, _ := e.mean((*Certificates).Abstention)
	row = append(row, humanize.OrDash(wide, 100*abstain))
	if t.Base == "" {
		return row, nil
	}
	if e.Name == t.Base {
		return append(row, ""), nil
	}
	base, _ := entryNamed(entries, t.Base)
	if !e.Certificates.Plan.DefinesACR() && !base.Certificates.Plan.DefinesACR() {
		return append(row, "–"), nil
	}
	d, err := CompareRuns(e.runs(), base.runs())
	if err != nil {
		return nil, fmt.Errorf("%s and %s: %w", e.Name, t.Base, err)
	}
	return append(row, fmt.Sprintf("%s ± %.4f", humanize.Signed(d.Difference, 4), d.Error)), nil
}

// acr returns the mean ACR and, for a single run, its standard error over images.
func (e Entry) acr() (mean, se float64) {
	mean, _ = e.mean((*Certificates).ACR)
	return mean, e.Certificates.ACRError()
}

// mean averages a value over runs; sd is its standard deviation (n-1) between them, NaN for a single run.
func (e Entry) mean(of func(*Certificates) float64) (mean, sd float64) {
	var values []float64
	for _, c := range e.runs() {
		values = append(values, of(c))
	}
	mean, se := meanAndError(values)
	return mean, se * math.Sqrt(float64(len(values)))
}

// OneLine replaces line breaks and other control characters in a name by spaces: in a table they would end its row.
func OneLine(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, name)
}

func radiusText(r float64) string { return strconv.FormatFloat(humanize.Round(r, 12), 'g', -1, 64) }
