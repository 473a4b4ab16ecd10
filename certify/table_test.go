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
