package certify

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"smoothlab/internal/testreference"
	"smoothlab/smoothing"
)

func published(t *testing.T, name string, sigma float64) *Certificates {
	t.Helper()
	c, err := ReadLog(filepath.Join(testreference.Dir(t), "logs", name+".gz"), smoothing.Gaussian{Sigma: sigma}, Plan{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// paperRows returns the rows of paper_tables.csv whose logs are available, by column.
func paperRows(t *testing.T) (rows []map[string]string) {
	t.Helper()
	file, err := os.Open(filepath.Join(testreference.Dir(t), "paper_tables.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	table, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range table[1:] {
		row := map[string]string{}
		for i, name := range table[0] {
			row[name] = line[i]
		}
		if row["log_in_shared"] == "yes" {
			rows = append(rows, row)
		}
	}
	return rows
}

// Every row of paper_tables.csv whose log is available, recomputed to all printed digits.
func TestReferencePaperTables(t *testing.T) {
	rows := paperRows(t)
	for _, want := range rows {
		sigma, err := strconv.ParseFloat(want["sigma"], 64)
		if err != nil {
			t.Fatal(err)
		}
		checkPaperRow(t, want, published(t, want["log"], sigma))
	}
	if len(rows) == 0 {
		t.Error("paper_tables.csv names no log that is there")
	}
	t.Logf("%d logs", len(rows))
}

func checkPaperRow(t *testing.T, want map[string]string, c *Certificates) {
	got := map[string]string{
		"n":           fmt.Sprint(len(c.Rows)),
		"ACR":         fmt.Sprintf("%.5f", c.ACR()),
		"clean":       fmt.Sprintf("%.4f", c.Accuracy(0)),
		"abstain":     fmt.Sprintf("%.4f", float64(c.Abstained())/float64(len(c.Rows))),
		"ACR_skip20":  fmt.Sprintf("%.4f", c.Every(20).ACR()),
		"ACR_skip100": fmt.Sprintf("%.4f", c.Every(100).ACR()),
	}
	for name := range want {
		if r, err := strconv.ParseFloat(strings.TrimPrefix(name, "r"), 64); err == nil && want[name] != "" {
			got[name] = fmt.Sprintf("%.4f", c.Accuracy(r))
		}
	}
	if len(c.Rows) >= 500 {
		got["ACR_first500"] = fmt.Sprintf("%.4f", c.Slice(0, 500, 1).ACR())
	}
	for name, value := range got {
		if value != want[name] {
			t.Errorf("%s: %s is %s, expected %s", want["log"], name, value, want[name])
		}
	}
}

// Section 2 of the acceptance examples, digit by digit.
func TestReferenceExamples(t *testing.T) {
	a := published(t, "mnist/cohen/noise_0.50_1801", 0.5)
	b := published(t, "mnist/salman/pgd_255.0_10_10/num_4/noise_0.50_3916", 0.5)
	s := published(t, "mnist/smoothmix/smix_1.0_4_m0/tau_5.0/num_4/21/noise_0.5", 0.5)
	text, err := Table{
		Entries: []Entry{NewEntry("Gaussian", a), NewEntry("SmoothAdv", b), NewEntry("SmoothMix", s)},
		Radii:   []float64{0, 0.5, 1, 1.5, 1.75},
	}.Text()
	if err != nil {
		t.Fatal(err)
	}
	const want = `10,000 images · radii as printed in the logs (3 digits)
             ACR ± s.e.        0      0.5    1      1.5    1.75   abstain
Gaussian     1.5569 ± 0.0041   99.11  96.87  89.75  67.75  44.88   0.26
SmoothAdv    1.6871 ± 0.0038   99.05  97.35  92.84  81.20  67.63   0.27
SmoothMix    1.6927 ± 0.0040   98.64  97.00  92.68  81.70  69.69   0.29
`
	if text != want {
		t.Errorf("the table is\n%s\nexpected\n%s", text, want)
	}
	compared, err := Compare(s, b, 0, 1, 1.5, 1.75)
	if err != nil {
		t.Fatal(err)
	}
	const wantCompared = `the first − the second: 10,000 common images, one run each: about these two classifiers, not yet about the methods (give lists of runs)
ACR   +0.0056 ± 0.0008   95% [+0.0040, +0.0073]
the first has the larger ACR: on images like these, 0 is outside the 95% interval of these two classifiers
r      diff      only first   only second   p (exact McNemar)
0     −0.41 pt        5            46       2e-09
1     −0.16          84           100       0.27
1.5   +0.50         191           141       0.007
1.75  +2.06         366           160       1e-19
`
	if got := compared.Text(); got != wantCompared {
		t.Errorf("the comparison is\n%s\nexpected\n%s", got, wantCompared)
	}
	for _, c := range []struct {
		a, b *Certificates
		want string
	}{
		{s, b, "+0.0056 ± 0.0008, 95% [+0.0040, +0.0073]"},
		{s.Every(20), b.Every(20), "+0.0080 ± 0.0036, 95% [+0.0009, +0.0151]"},
		{s.Every(20), a.Every(20), "+0.1419 ± 0.0089, 95% [+0.1245, +0.1593]"},
	} {
		if d, err := Compare(c.a, c.b); err != nil || d.Estimate.String() != c.want {
			t.Errorf("the difference of %d images is %v (%v), expected %s", len(c.a.Rows), d, err, c.want)
		}
	}
}
