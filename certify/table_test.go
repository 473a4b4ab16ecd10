package certify

import (
	"strings"
	"testing"

	"smoothlab/smoothing"
)

func TestTable(t *testing.T) {
	a, b := radii(1, 1, -1, 0.5), radii(1.5, 1, 1, 0.5)
	text, err := Table{
		Entries: []Entry{NewEntry("Gaussian", a), NewEntry("Mix", b)},
		Radii:   []float64{0, 3 * 0.1, 1},
		Base:    "Gaussian",
	}.Text()
	if err != nil {
		t.Fatal(err)
	}
	// By hand: ACR 2.5/4 and 4/4, s.e. √(0.6875/12) and √(0.5/12), difference 0.375 with s.e. √(0.6875/12).
	const want = `4 images · sigma 0.5 · N 10,000 · alpha 0.001 per image · radii in full precision, rounded down
            ACR ± s.e.        0       0.3     1      abstain  ACR − Gaussian
Gaussian    0.6250 ± 0.2394   75.00   75.00   50.00  25.00
Mix         1.0000 ± 0.2041   100.00  100.00  75.00   0.00    +0.3750 ± 0.2394
`
	if text != want {
		t.Errorf("the table is\n%s\nexpected\n%s", text, want)
	}
	b.Smoothing, b.Printed = smoothing.Gaussian{Sigma: 1}, true
	markdown, err := Table{Entries: []Entry{NewEntry("A|B", a), NewEntry("Mix", b)}, Radii: []float64{1}}.Markdown()
	if err != nil {
		t.Fatal(err)
	}
	const wantMarkdown = `4 images · N 10,000 · alpha 0.001 per image · all radii rounded to 3 digits, as some of the logs print them

|  | sigma | ACR ± s.e. | 1 | abstain |
|---|---:|---:|---:|---:|
| A\|B | 0.5 | 0.6250 ± 0.2394 | 50.00 | 25.00 |
| Mix | 1 | 1.0000 ± 0.2041 | 75.00 | 0.00 |
`
	if markdown != wantMarkdown {
		t.Errorf("the table is\n%s\nexpected\n%s", markdown, wantMarkdown)
	}
}

func TestTableOfFewRows(t *testing.T) {
	unfinished := radii(1)
	unfinished.Planned = 3
	text, err := Table{
		Entries: []Entry{NewEntry("begun", unfinished), NewEntry("not begun", &Certificates{Planned: 3})},
	}.Text()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"1 of 3", "0 of 3", "1.0000 ± –", "– ± –"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
}

// A name with line breaks stays in one row, in text, Markdown and LaTeX.
func TestTableOfNamesWithLineBreaks(t *testing.T) {
	table := Table{Entries: []Entry{NewEntry("a\nb\tc", radii(1)), NewEntry("d", radii(1))}, Radii: []float64{0}}
	g, err := table.Grid()
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"text": g.Text(), "Markdown": g.Markdown(), "LaTeX": g.LaTeX()} {
		if !strings.Contains(text, "a b c") {
			t.Errorf("%s does not have the name in one row:\n%s", name, text)
		}
	}
}

func TestTableRefuses(t *testing.T) {
	other := radii(1, 2)
	other.Plan.N = 1000
	for _, c := range []struct {
		table Table
		want  string
	}{
		{Table{}, "at least one certification"},
		{Table{Entries: []Entry{NewEntry("a", radii(1, 2))}, Radii: []float64{-1}}, "a radius cannot be -1"},
		{Table{Entries: []Entry{NewEntry("a", radii(1, 2))}, Base: "b"}, `the table has no entry named "b"`},
		{Table{Entries: []Entry{NewEntry("a", radii(1, 2)), NewEntry("b", other)}, Base: "a"}, "b and a: N differs (1,000 and 10,000)"},
	} {
		if _, err := c.table.Text(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, expected %q", err, c.want)
		}
	}
}

// What entries differ in is named with all values, of all runs; what is unknown differs from nothing.
func TestDifferences(t *testing.T) {
	of := func(n int, alpha float64, under smoothing.Smoothing, rows int) *Certificates {
		s := toySettings()
		s.Plan, s.Smoothing = Fixed(10, n, alpha), under
		return &Certificates{Settings: s, Rows: make([]Row, rows), Planned: rows}
	}
	wide, narrow := smoothing.Gaussian{Sigma: 1}, smoothing.Gaussian{Sigma: 0.5}
	a := of(200, 0.001, wide, 3)
	unknown := of(0, 0, wide, 3)
	for want, entries := range map[string][]Entry{
		"":             {NewEntry("a", a), NewEntry("b", of(200, 0.001, narrow, 3)), NewEntry("c", unknown)},
		"N (200; 500)": {NewEntry("a", a, of(500, 0.001, wide, 3)), NewEntry("b", a)},
		"norm (L2; L1) and alpha (0.001; 0.01)": {
			NewEntry("a", a), NewEntry("b", of(200, 0.01, smoothing.Uniform{Scale: 1}, 3)),
		},
		"images (3; 2)": {NewEntry("a", a), NewEntry("b", of(200, 0.001, wide, 2))},
	} {
		if got := Differences(entries); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
