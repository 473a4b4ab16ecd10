package paper

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"slices"
	"smoothlab/internal/testreference"
	"strconv"
	"strings"
	"testing"
)

// Every result is consistent in itself.
func TestEveryResult(t *testing.T) {
	results, err := Results()
	if err != nil {
		t.Fatal(err)
	}
	runs := 0
	seen := map[string]bool{}
	for _, r := range results {
		name := fmt.Sprint(r.Dataset, " ", r.Arch, " ", r.Method, " ", r.Settings(), " ", r.Sigma, " ", r.Part)
		if seen[name] {
			t.Errorf("%s comes twice", name)
		}
		seen[name] = true
		if !slices.Contains(parts[:], r.Part) || !slices.Contains([]float64{0.25, 0.5, 1}, r.Sigma) ||
			len(r.Params) == 0 && r.Method != "gaussian" {
			t.Errorf("%s: %+v", name, r)
		}
		ids := map[string]bool{}
		for _, run := range r.Runs {
			runs++
			if ids[run.ID] || run.Log == "" {
				t.Errorf("%s: run %q", name, run.ID)
			}
			ids[run.ID] = true
			if len(run.Accuracy) != len(r.Radii) || r.Radii[0] != 0 || !slices.IsSorted(r.Radii) ||
				!slices.IsSortedFunc(run.Accuracy, func(a, b float64) int { return cmp.Compare(b, a) }) {
				t.Errorf("%s: accuracies %v at radii %v", name, run.Accuracy, r.Radii)
			}
			// ACR is the area under certified accuracy: between the sums of the steps of 0.25 from the left and from
			// the right.
			low, high := 0.0, 0.0
			for i, a := range run.Accuracy {
				high += 0.25 * a
				if i > 0 {
					low += 0.25 * a
				}
			}
			if run.ACR < low-0.003 || run.ACR > high+0.003 ||
				!(run.ACR1000 < run.ACR10000 && run.ACR10000 < run.ACR) { // radii are printed with three digits
				t.Errorf(
					"%s: ACR %v, %v and %v of fewer votes, area between %v and %v",
					name,
					run.ACR,
					run.ACR10000,
					run.ACR1000,
					low,
					high,
				)
			}
		}
	}
	if lines := strings.Count(logs, "\n") - 1; runs != lines || lines == 0 {
		t.Errorf("%d runs of %d lines", runs, lines)
	}
}

// Means and standard deviations of five runs, as a table of the logs made elsewhere has them.
func TestMeans(t *testing.T) {
	for _, c := range []struct {
		method string
		sigma  float64
		params map[string]float64
		want   string // ACR, sd, certified accuracy at 0.5, abstentions, expected ACR at 10,000 and at 1,000 votes
	}{
		{"gaussian", 0.5, nil, "1.5581 0.0017 96.90 0.24 1.3925 1.1235"},
		{"smoothadv", 0.5, nil, "1.6872 0.0007 97.36 0.22 1.4659 1.1582"},
		{"smoothmix", 0.5, map[string]float64{"eta": 5, "mix_step": 0}, "1.6932 0.0007 96.98 0.29 1.4657 1.1555"},
		{"smoothmix", 1, map[string]float64{"eta": 1, "mix_step": 1, "m": 4}, "1.8169 0.0011 89.40 3.37 1.7342 1.5169"},
		{"macer", 0.5, nil, "1.5899 0.0069 96.28 0.39 1.4076 1.1271"},
	} {
		results, err := Find("mnist", c.method, c.sigma, c.params)
		if err != nil {
			t.Fatal(err)
		}
		r := results[0]
		got := fmt.Sprintf(
			"%.4f %.4f %.2f %.2f %.4f %.4f",
			r.ACR,
			r.SD,
			100*r.Accuracy[slices.Index(r.Radii, 0.5)],
			100*r.Abstain,
			r.ACR10000,
			r.ACR1000,
		)
		if got != c.want || len(r.Runs) != 5 || r.Part != "main" {
			t.Errorf("%s %v at %v: %s of %d runs, expected %s", c.method, c.params, c.sigma, got, len(r.Runs), c.want)
		}
	}
}

// The intervals of a sixth run, which another program computed from the same logs, to the three digits it prints.
func TestPrediction(t *testing.T) {
	for _, c := range []struct {
		sigma float64
		want  string
	}{{0.25, "0.894 ± 0.016"}, {0.5, "1.487 ± 0.020"}, {1, "1.518 ± 0.015"}} {
		results, err := Find("mnist", "gaussian", c.sigma, nil)
		if err != nil {
			t.Fatal(err)
		}
		low, high, err := results[0].Prediction(100)
		if got := fmt.Sprintf("%.3f ± %.3f", (low+high)/2, (high-low)/2); err != nil || got != c.want {
			t.Errorf("sigma %v: %s (%v), expected %s", c.sigma, got, err, c.want)
		}
		all, _, _ := results[0].Prediction(1)
		if all > results[0].ACR || all < results[0].ACR-0.02 {
			t.Errorf("sigma %v: on all images from %v", c.sigma, all)
		}
	}
	results, err := Find("mnist", "smoothmix", 0.5, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := results[0].Prediction(50); err == nil || !strings.Contains(err.Error(), "every 20th") {
		t.Errorf("every 50th: %v", err)
	}
	single := results[len(results)-1]
	if _, _, err := single.Prediction(
		1,
	); len(single.Runs) != 1 || err == nil ||
		!strings.Contains(err.Error(), "one run of smoothmix") {
		t.Errorf("of %d runs: %v", len(single.Runs), err)
	}
}

func TestFindRefuses(t *testing.T) {
	for _, c := range []struct {
		dataset, method string
		sigma           float64
		params          map[string]float64
		want            string
	}{
		{"mnits", "gaussian", 0.5, nil, `"mnits": did you mean "mnist"?`},
		{"mnist", "smothmix", 0.5, nil, `"smothmix": did you mean "smoothmix"?`},
		{"mnist", "smoothmix", 0.55, nil, "0.55: the nearest is 0.5; known: 0.25, 0.5, 1"},
		{"mnist", "smoothmix", 0.5, map[string]float64{"etta": 5}, `"etta": did you mean "eta"?`},
		{"mnist", "smoothmix", 0.5, map[string]float64{"eta": 3}, `unknown value of eta among these logs 3: the nearest is 2; known: 1, 2, 5`},
	} {
		if _, err := Find(
			c.dataset,
			c.method,
			c.sigma,
			c.params,
		); err == nil ||
			!strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, expected %q", err, c.want)
		}
	}
}

// Without a method, all results are returned: the ten rows of the paper's table.
func TestFindAllMethods(t *testing.T) {
	results, err := Find("mnist", "", 0.5, nil)
	if err != nil {
		t.Fatal(err)
	}
	main := 0
	for _, r := range results {
		if r.Part == "main" {
			main++
		}
	}
	if main != 10 {
		t.Errorf("%d main results", main)
	}
}

func TestGrid(t *testing.T) {
	results, err := Find("mnist", "smoothmix", 0.5, map[string]float64{"eta": 5, "mix_step": 0})
	if err != nil {
		t.Fatal(err)
	}
	text := Grid(results, 0, 1.5).Text()
	for _, want := range []string{
		"mnist smoothmix    alpha=1 steps=4 mix_step=0 eta=5 m=4  0.5    main         5     1.6932 ± 0.0007    98.64  81.85   0.29    1.4657",
		"exploration  1     1.6945 ± –         98.66  81.84",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	for _, row := range Grid(results).Rows {
		if len(row) != len(Grid(results).Head) {
			t.Errorf("a row of %d cells", len(row))
		}
	}
}

// The embedded numbers, log by log, against the table that they were taken from.
func TestReferenceTable(t *testing.T) {
	file, err := os.Open(testreference.Dir(t, "paper_tables.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	table, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	byLog := map[string]map[string]string{}
	for _, line := range table[1:] {
		row := map[string]string{}
		for i, name := range table[0] {
			row[name] = line[i]
		}
		byLog[row["log"]] = row
	}
	results, err := Results()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		for _, run := range r.Runs {
			row := byLog[run.Log]
			number := func(column string) float64 {
				x, err := strconv.ParseFloat(row[column], 64)
				if err != nil {
					t.Fatalf("%s, %s: %v", run.Log, column, err)
				}
				return x
			}
			if number("ACR") != run.ACR || number("abstain") != run.Abstain || number("sigma") != r.Sigma ||
				row["seed"] != run.ID ||
				number("ACR_skip20") != run.ACR20 ||
				number("ACR_skip100") != run.ACR100 ||
				number("ACR_at_N1000_est") != run.ACR1000 ||
				number("ACR_at_N10000_est") != run.ACR10000 {
				t.Errorf("%s: %+v, expected %v", run.Log, run, row)
			}
			if method := strings.Replace(
				strings.Trim(row["method"], "?"),
				"+onestep",
				"",
				1,
			); method != r.Method || row["dataset"] != r.Dataset ||
				strings.Trim(row["arch"], "?") != r.Arch ||
				strings.HasPrefix(row["table"], "ablation") != (r.Part == "ablation") {
				t.Errorf("%s is listed as %+v", run.Log, r)
			}
			for i, radius := range r.Radii {
				if number(fmt.Sprintf("r%.2f", radius)) != run.Accuracy[i] {
					t.Errorf("%s at %v: %v", run.Log, radius, run.Accuracy[i])
				}
			}
			checkParams(t, r, run, row["setting"])
		}
	}
}

// checkParams compares parameters with the authors' flags.
func checkParams(t *testing.T, r Result, run Run, setting string) {
	for _, p := range r.Params {
		flag := map[string]string{"steps": "T"}[p.Name]
		_, after, found := strings.Cut(" "+setting, " "+cmp.Or(flag, p.Name)+"=")
		word, _, _ := strings.Cut(after, " ")
		value, err := strconv.ParseFloat(strings.TrimSuffix(word, "/256"), 64)
		switch {
		case r.Doubtful: // the directory's name shows only whether it is one-step
			continue
		case p.Name == "defer": // "deferred" means the epochs at the first learning rate
			found, err, value = strings.Contains(setting, "deferred"), nil, 30
		case strings.HasSuffix(word, "/256"):
			value /= 256
		}
		if !found || err != nil || math.Abs(value-p.Value) > 1e-12 {
			t.Errorf("%s: %s is %v, and the settings are %q", run.Log, p.Name, p.Value, setting)
		}
	}
}
