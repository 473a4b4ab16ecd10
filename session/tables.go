package session

import (
	"errors"
	"fmt"

	"smoothlab/certify"
	"smoothlab/internal/humanize"
	"smoothlab/language"
	"smoothlab/language/bounded"
	"smoothlab/report"
	"smoothlab/smoothing"

	"go.starlark.net/starlark"
)

// readLogArgs are the arguments of read_log().
type readLogArgs struct {
	Path  string  `arg:"path,required" complete:"file" help:"the log, plain or gzipped"`
	Sigma float64 `arg:"sigma" default:"None" help:"standard deviation of the noise, in pixel units of [0,1]; None to read it from the log"`
	N     int     `arg:"n" default:"None" help:"votes for the bound, per image; None to read it from the log"`
	Alpha float64 `arg:"alpha" default:"None" help:"failure probability per image; None to read it from the log"`
	N0    int     `arg:"n0" default:"None" help:"votes that select the class; None to read it from the log"`
	Given language.Given
}

// check returns an error for a number that no certification has: 0 would be taken for a number that is not given.
func (a *readLogArgs) check() error {
	for _, f := range []struct {
		name  string
		value float64
	}{{"sigma", a.Sigma}, {"n", float64(a.N)}, {"alpha", a.Alpha}, {"n0", float64(a.N0)}} {
		if a.Given[f.name] && !(f.value > 0) {
			return fmt.Errorf("read_log: %s must be above 0, or left out to be read from the log; got %v", f.name, f.value)
		}
	}
	return nil
}

// readLog implements read_log().
func (s *Session) readLog(c *language.Call, a *readLogArgs) (starlark.Value, error) {
	if err := a.check(); err != nil {
		return nil, err
	}
	path := expandTilde(a.Path)
	var under smoothing.Smoothing // nil: read from the log
	if a.Sigma != 0 {
		under = smoothing.Gaussian{Sigma: a.Sigma}
	}
	k, err := certify.ReadLog(path, under, certify.Plan{N0: a.N0, N: a.N, Alpha: a.Alpha})
	if err != nil {
		return nil, err
	}
	if likely, rows := k.LikelySigma(); likely > 0 {
		c.Out.Print(fmt.Sprintf(
			"note: %s: %d images have its largest radius, which is the largest that can be proved at sigma %g: "+
				"was the log made at sigma %g, not %g?\n", a.Path, rows, likely, likely, k.Sigma()))
	}
	if note := collapse(k); note != "" {
		c.Out.Print("note: " + a.Path + ": " + note + "\n")
	}
	for _, note := range k.Notes {
		c.Out.Print("note: " + a.Path + ": when it was made: " + note + "\n")
	}
	return &certificatesValue{Certificates: k, path: path, classes: k.ClassNames}, nil
}

// named holds the certifications of one or more training runs under a name.
type named struct {
	name string
	runs []*certificatesValue
}

func (n named) entry() certify.Entry {
	var runs []*certify.Certificates
	for _, k := range n.runs {
		runs = append(runs, k.Certificates)
	}
	return certify.NewEntry(n.name, runs...)
}

// maxEntries is the maximum number of rows of a table and of curves in a plot.
const maxEntries = 1000

// entries reads the argument of table() and plot(): certificates, a list of them or of lists of runs, or a dict of
// either by name.
func entries(function string, v starlark.Value, names []string) ([]named, error) {
	var list []named
	add := func(name string, v starlark.Value) error {
		runs, err := runsOf(function, v)
		if err != nil {
			return err
		}
		if name == "" {
			name = runs[0].label()
		}
		list = append(list, named{name, runs})
		return nil
	}
	switch v := v.(type) {
	case *certificatesValue:
		if err := add("", v); err != nil {
			return nil, err
		}
	case *starlark.Dict:
		for _, item := range v.Items() {
			if err := add(key(item[0]), item[1]); err != nil {
				return nil, err
			}
		}
	case starlark.Iterable:
		for item := range starlark.Elements(v) {
			if err := add("", item); err != nil {
				return nil, err
			}
		}
	default:
		return nil, notCertificates(function+" takes certificates, a list or a dict of them", v)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s: no certificates given", function)
	}
	if len(list) > maxEntries {
		return nil, fmt.Errorf(
			"%s: at most %s entries can be compared, got %s",
			function,
			humanize.Grouped(maxEntries),
			humanize.Grouped(len(list)),
		)
	}
	if names != nil && len(names) != len(list) {
		return nil, fmt.Errorf("%s: got %d names for %d entries", function, len(names), len(list))
	}
	for i, name := range names {
		list[i].name = name
	}
	return list, nil
}

// notCertificates returns the error for a value that is not certificates.
func notCertificates(wanted string, got starlark.Value) error {
	if _, ok := got.(*certification); ok {
		return fmt.Errorf("%s, got a certification. %s", wanted, certificationHint)
	}
	return fmt.Errorf("%s, got %s", wanted, got.Type())
}

// key converts the key of a dict to a name. It joins the parts of a tuple with spaces.
func key(v starlark.Value) string {
	if text, ok := starlark.AsString(v); ok {
		return text
	}
	parts, ok := v.(starlark.Tuple)
	if !ok {
		return bounded.InError(v)
	}
	name := ""
	for i, p := range parts {
		if i > 0 {
			name += " "
		}
		name += key(p)
	}
	return name
}

// runsOf reads certificates or a list of certificates, one per training run.
func runsOf(function string, v starlark.Value) ([]*certificatesValue, error) {
	if k, ok := v.(*certificatesValue); ok {
		return []*certificatesValue{k}, nil
	}
	var runs []*certificatesValue
	if items, ok := v.(starlark.Iterable); ok {
		for item := range starlark.Elements(items) {
			k, ok := item.(*certificatesValue)
			if !ok {
				return nil, notCertificates(function+" takes certificates", item)
			}
			runs = append(runs, k)
		}
	}
	if len(runs) == 0 {
		return nil, notCertificates(function+" takes certificates, or a list of them", v)
	}
	return runs, nil
}

// paperArgs are the arguments of table() on how a paper prints it.
type paperArgs struct {
	Columns []string `arg:"columns" max:"1000" help:"headers of the columns to show, in this order, such as [\"ACR\", \"0\", \"0.5\"]; \"ACR\" leaves out its error; None for all"`
	Digits  []int    `arg:"digits" want:"two whole numbers" default:"[4, 2]" help:"digits after the point of ACR and of percentages"`
	Save    string   `arg:"save" complete:"file" default:"None" help:"file to write the table to: .txt, .md, .tex (for LaTeX, with booktabs) or .csv"`
}

// tableArgs are the arguments of the method table().
type tableArgs struct {
	Radii []float64 `arg:"radii" max:"10000" help:"radii in pixel units of [0,1]; None for 0, sigma/2, sigma, …"`
	paperArgs
}

// tablesArgs are the arguments of table().
type tablesArgs struct {
	Entries starlark.Value `arg:"entries,required" want:"certificates" help:"certificates, a list of them, or a dict by name; an inner list holds the training runs of one entry"`
	Names   []string       `arg:"names" help:"names of the entries"`
	Radii   []float64      `arg:"radii" max:"10000" help:"radii in pixel units of [0,1]; None for 0, sigma/2, sigma, …"`
	Base    string         `arg:"base" default:"None" help:"name of the entry to compare the others with, in the last column"`
	Best    bool           `arg:"best" help:"mark the largest ACR and accuracies: bold in LaTeX and Markdown, elsewhere with *"`
	Blocks  string         `arg:"blocks" default:"None" help:"\"sigma\" makes a block of rows for each sigma, each with its own best"`
	paperArgs
}

// table implements table().
func (s *Session) table(_ *language.Call, a *tablesArgs) (starlark.Value, error) {
	list, err := entries("table", a.Entries, a.Names)
	if err != nil {
		return nil, err
	}
	t := certify.Table{Radii: a.Radii, Base: a.Base, Best: a.Best, Blocks: a.Blocks == "sigma"}
	if a.Blocks != "" && !t.Blocks {
		return nil, fmt.Errorf("table: blocks must be \"sigma\" or None, got %q", a.Blocks)
	}
	return makeTable(list, t, a.paperArgs)
}

// makeTable fills in a table and writes it to a file if the arguments name one.
func makeTable(list []named, t certify.Table, a paperArgs) (starlark.Value, error) {
	if t.Radii == nil {
		t.Radii = grid(list)
	}
	t.Entries, t.Columns = entriesOf(list), a.Columns
	if a.Digits != nil {
		if len(a.Digits) != 2 {
			return nil, fmt.Errorf(
				"table: digits must be two whole numbers, for ACR and percentages, got %d",
				len(a.Digits),
			)
		}
		t.Digits = &certify.Digits{ACR: a.Digits[0], Accuracy: a.Digits[1]}
	}
	g, err := t.Grid()
	if err != nil {
		return nil, err
	}
	save := expandTilde(a.Save)
	if err := prepareResult(save); err != nil {
		return nil, err
	}
	if save != "" {
		if err := t.Save(save); err != nil {
			return nil, err
		}
	}
	if t.Best {
		g.Caption += " · * best"
	}
	shown := report.Table{Caption: g.Caption, Head: g.Head, Rows: g.Plain(), Left: 1}
	return newReportValue(report.CertifyTable{Table: shown, Path: save}), nil
}

// grid returns radii that show the shape of a curve: 0, sigma/2, sigma, … up to the largest certified radius, alike
// for other noise, or a ladder's own grid.
func grid(list []named) []float64 {
	if radii := list[0].runs[0].Plan.Procedure().Grid(); radii != nil {
		return radii
	}
	unit, largest := 0.0, 0.0
	for _, n := range list {
		for _, k := range n.runs {
			if k.Smoothing != nil {
				unit = max(unit, smoothing.Step(k.Smoothing))
			}
			for _, row := range k.Rows {
				largest = max(largest, row.Radius)
			}
		}
	}
	if unit == 0 {
		unit = 0.5
	}
	radii := []float64{0}
	for i := 1; len(radii) < 9 && float64(i)*unit/2 <= largest; i++ {
		radii = append(radii, float64(i)*unit/2)
	}
	return radii
}

// compareArgs are the arguments of compare().
type compareArgs struct {
	A     starlark.Value `arg:"a,required" want:"certificates" help:"certificates, or a list of them, one per training run"`
	B     starlark.Value `arg:"b,required" want:"certificates" help:"certificates to compare with, or a list of them"`
	Radii []float64      `arg:"radii" max:"10000" help:"radii at which certified accuracies are compared"`
	N     *int           `arg:"n" want:"a whole number" help:"number of votes at which to re-express both; None to leave them as they are"`
	Names []string       `arg:"names" help:"names of the two; None for the names of their logs"`
}

// compare implements compare().
func (s *Session) compare(_ *language.Call, a *compareArgs) (starlark.Value, error) {
	first, err := a.side(a.A)
	if err != nil {
		return nil, err
	}
	second, err := a.side(a.B)
	if err != nil {
		return nil, err
	}
	names, err := a.names()
	if err != nil {
		return nil, err
	}
	c, err := certify.CompareRuns(first, second, a.Radii...)
	c.Names = names
	var differ *certify.VotesError
	if errors.As(err, &differ) {
		low, high := min(differ.A, differ.B), max(differ.A, differ.B)
		if low == 0 {
			return nil, fmt.Errorf("%w; pass it to read_log(…, n=…)", err)
		}
		return nil, fmt.Errorf( //nolint:staticcheck // N is a name
			"N differs (%s and %s) and the radius depends on N; compare(…, n=%d) re-expresses both at %s votes, "+
				"and certifying again with n=%d gives the radii themselves",
			humanize.Grouped(differ.A),
			humanize.Grouped(differ.B),
			low,
			humanize.Grouped(low),
			high,
		)
	}
	if err != nil {
		return nil, err
	}
	return comparison(c), nil
}

// names returns the names of the two sides.
func (a *compareArgs) names() (names [2]string, err error) {
	if a.Names != nil {
		if len(a.Names) != 2 {
			return names, fmt.Errorf("compare: names must be the names of the two sides, got %d", len(a.Names))
		}
		return [2]string(a.Names), nil
	}
	for i, v := range []starlark.Value{a.A, a.B} {
		if runs, err := runsOf("compare", v); err == nil && len(runs) == 1 && runs[0].path != "" {
			names[i] = runs[0].label()
		}
	}
	return names, nil
}

// side returns one side of a comparison, re-expressed at n votes if n is not nil.
func (a *compareArgs) side(v starlark.Value) ([]*certify.Certificates, error) {
	values, err := runsOf("compare", v)
	if err != nil {
		return nil, err
	}
	var list []*certify.Certificates
	for _, k := range values {
		c := k.Certificates
		if a.N != nil {
			if c, err = c.AtVotes(*a.N); err != nil {
				return nil, err
			}
		}
		list = append(list, c)
	}
	return list, nil
}
