package certify

import (
	"regexp"
	"strings"
	"testing"
)

// paperTable has two sigmas with two entries each, out of order.
func paperTable() Table {
	wide := func(values ...float64) *Certificates {
		c := radii(values...)
		c.Settings = gaussian(1, c.Plan)
		return c
	}
	return Table{
		Entries: []Entry{
			NewEntry("Gaussian", radii(1, 1, -1, 0.5)), NewEntry("Gaussian", wide(2, 0.5, -1, -1)),
			NewEntry("Smooth_Mix", radii(1.5, 1, 1, 0.5)), NewEntry("Smooth_Mix", wide(1, 1, 1, -1)),
		},
		Radii:   []float64{0, 1},
		Columns: []string{"ACR", "1", "0"},
		Digits:  &Digits{ACR: 3, Accuracy: 1},
		Best:    true,
		Blocks:  true,
	}
}

// A table as in papers: chosen columns, blocks, the best of each block in bold. ACRs by hand: .625, 1, .625, .75.
func TestPaperLaTeX(t *testing.T) {
	got, err := paperTable().LaTeX()
	if err != nil {
		t.Fatal(err)
	}
	const want = `\begin{tabular}{lrrr}
\toprule
 & ACR & 1 & 0 \\
\midrule
\multicolumn{4}{l}{$\sigma = 0.5$} \\
Gaussian & 0.625 & 50.0 & 75.0 \\
Smooth\_Mix & \textbf{1.000} & \textbf{75.0} & \textbf{100.0} \\
\midrule
\multicolumn{4}{l}{$\sigma = 1$} \\
Gaussian & 0.625 & 25.0 & 50.0 \\
Smooth\_Mix & \textbf{0.750} & \textbf{75.0} & \textbf{75.0} \\
\bottomrule
\end{tabular}
`
	if _, body, _ := strings.Cut(got, "booktabs}\n"); body != want {
		t.Errorf("the table is\n%s\nexpected\n%s", got, want)
	}
	checkLaTeX(t, got)
}

// checkLaTeX checks that environments and groups end, and that all rows have the columns of the tabular.
func checkLaTeX(t *testing.T, tex string) {
	t.Helper()
	var open []string
	for _, m := range regexp.MustCompile(`\\(begin|end)\{(\w+)\}`).FindAllStringSubmatch(tex, -1) {
		switch {
		case m[1] == "begin":
			open = append(open, m[2])
		case len(open) == 0 || open[len(open)-1] != m[2]:
			t.Fatalf("%s ends and did not begin", m[2])
		default:
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		t.Errorf("%v do not end", open)
	}
	bare := strings.NewReplacer(`\\`, "\n", `\{`, "", `\}`, "", `\&`, "", `\%`, "", `\$`, "", `\_`, "").Replace(tex)
	if strings.Count(bare, "{") != strings.Count(bare, "}") || strings.Count(bare, "$")%2 != 0 {
		t.Errorf("groups or formulas do not end in\n%s", tex)
	}
	columns := len(regexp.MustCompile(`tabular\}\{(\w+)\}`).FindStringSubmatch(tex)[1])
	for line := range strings.Lines(bare) {
		if n := strings.Count(line, "&"); n > 0 && n != columns-1 {
			t.Errorf("%q has %d columns of %d", line, n+1, columns)
		}
	}
}

func TestPaperText(t *testing.T) {
	table := paperTable()
	text, err := table.Text()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\nsigma 0.5\nGaussian ", "\nsigma 1\n", "Smooth_Mix    1.000*  ", " 75.0*  100.0*\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	table.Blocks, table.Columns = false, []string{"sigma", "ACR ± s.e."}
	if text, err = table.Markdown(); err != nil || !strings.Contains(text, "| Smooth_Mix | 0.5 | **1.000 ± 0.204** |") ||
		strings.Count(text, "**") != 2 {
		t.Errorf("%v\n%s", err, text)
	}
}

func TestPaperRefuses(t *testing.T) {
	for want, change := range map[string]func(*Table){
		`unknown column "abstian": did you mean "abstain"?`:         func(t *Table) { t.Columns = []string{"abstian"} },
		`the column "0" is given twice`:                             func(t *Table) { t.Columns = []string{"0", "0"} },
		"digits after the point must be from 0 to 12, got 13 and 1": func(t *Table) { t.Digits = &Digits{13, 1} },
	} {
		table := paperTable()
		change(&table)
		if _, err := table.Text(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, expected %q", err, want)
		}
	}
}
