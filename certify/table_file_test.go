package certify

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func someTable() Table {
	return Table{
		Entries: []Entry{NewEntry("A_1 & 50%", radii(1, 1, -1, 0.5)), NewEntry("Mix", radii(1.5, 1, 1, 0.5))},
		Radii:   []float64{0, 1},
	}
}

func TestLaTeX(t *testing.T) {
	got, err := someTable().LaTeX()
	if err != nil {
		t.Fatal(err)
	}
	const want = `% 4 images · sigma 0.5 · N 10,000 · alpha 0.001 per image · radii in full precision, rounded down
% needs \usepackage{booktabs}
\begin{tabular}{lrrrr}
\toprule
 & ACR $\pm$ s.e. & 0 & 1 & abstain \\
\midrule
A\_1 \& 50\% & 0.6250 $\pm$ 0.2394 & 75.00 & 50.00 & 25.00 \\
Mix & 1.0000 $\pm$ 0.2041 & 100.00 & 75.00 & 0.00 \\
\bottomrule
\end{tabular}
`
	if got != want {
		t.Errorf("the table is\n%s\nexpected\n%s", got, want)
	}
}

func TestCSV(t *testing.T) {
	table := someTable()
	table.Entries = append(table.Entries, NewEntry("two, runs", radii(1, 1, 1, 1), radii(2, 2, 2, 2)))
	got, err := table.CSV()
	if err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(strings.NewReader(got)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{
		"name|dataset|split|noise|norm|sigma|n|reexpressed_from|alpha|plan|runs|images|planned|digits|acr|acr_error|acr_sd|accuracy_0|accuracy_1|abstain|accuracy_sd_0|accuracy_sd_1",
		"A_1 & 50%|||sigma 0.5|L2|0.5|10000||0.001|fixed|1|4|4||0.625|0.2393",
		"Mix|||sigma 0.5|L2|0.5|10000||0.001|fixed|1|4|4||1|0.2041",
		"two, runs|||sigma 0.5|L2|0.5|10000||0.001|fixed|2|4|4||1.5||0.7071",
	} {
		if line := strings.Join(lines[i], "|"); !strings.HasPrefix(line, want) {
			t.Errorf("line %d is %s, expected %s…", i+1, line, want)
		}
	}
	if line := strings.Join(lines[1], "|"); !strings.HasSuffix(line, "||0.75|0.5|0.25||") {
		t.Errorf("the first entry is %s", line)
	}
}

// By hand: ACR 0.5 and 1.5, mean 1, standard deviation √0.5; at 1 none and all of the images.
func TestTableOfRuns(t *testing.T) {
	runs := NewEntry("runs", radii(0.5, 0.5), radii(1.5, 1.5))
	text, err := Table{Entries: []Entry{NewEntry("one", radii(1, 2)), runs}, Radii: []float64{1}, Base: "one"}.Text()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"runs  ACR ± sd of runs", "one           1.5000 ± –", "runs    2     1.0000 ± 0.7071    50.00 ± 70.71 "} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if text, err := (Table{Entries: []Entry{runs}}).Text(); err != nil ||
		!strings.HasPrefix(text, "2 images · 2 runs each · ") {
		t.Errorf("%v, the caption of\n%s", err, text)
	}
	other := radii(1, 1)
	other.Plan.N = 1000
	for want, e := range map[string]Entry{
		"the runs of x cannot be averaged: N differs": NewEntry("x", radii(1, 1), other),
		"certified on different images":               NewEntry("x", radii(1, 1), radii(1, 1, 1)),
	} {
		if _, err := (Table{Entries: []Entry{e}}).Text(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, expected %q", err, want)
		}
	}
}

func TestSaveTable(t *testing.T) {
	dir := t.TempDir()
	for _, f := range tableForms {
		want, err := f.table(someTable())
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, "table"+strings.ToUpper(f.ending))
		if err := someTable().Save(path); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("%s: %v\n%s\nexpected\n%s", path, err, got, want)
		}
	}
	for path, want := range map[string]string{
		"table":            "end its name in .tex, .csv, .md or .txt",
		"table.cvs":        "did you mean .csv?",
		"missing/of.csv":   "cannot write the table",
		filepath.Join("."): "cannot tell the form",
	} {
		if err := someTable().Save(filepath.Join(dir, path)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, expected %q", path, err, want)
		}
	}
	if err := (Table{}).Save(filepath.Join(dir, "none.csv")); err == nil {
		t.Error("a table of nothing is saved")
	}
	if files, _ := os.ReadDir(dir); len(files) != len(tableForms) {
		t.Errorf("the directory holds %v", files)
	}
}

// A table of cells is saved in the same forms.
func TestSaveGrid(t *testing.T) {
	g := &Grid{Caption: "two", Head: []string{"r", "share, in %"}, Rows: [][]string{{"0", " 1.50"}}}
	dir := t.TempDir()
	for _, f := range tableForms {
		path := filepath.Join(dir, "grid"+f.ending)
		if err := g.Save(path); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != f.grid(g) {
			t.Errorf("%s holds\n%s, %v", path, got, err)
		}
	}
	if want := "r,\"share, in %\"\n0,1.50\n"; g.CSV() != want {
		t.Errorf("the CSV is %q, expected %q", g.CSV(), want)
	}
	if err := g.Save(filepath.Join(dir, "grid.pdf")); err == nil {
		t.Error("saved as a PDF")
	}
}
