package paper

import (
	"cmp"
	_ "embed"
	"encoding/csv"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"smoothlab/internal/humanize"
	"smoothlab/internal/suggest"
)

//go:embed logs.csv
var logs string

// Settings of all logs.
const (
	N0     = 100
	N      = 100_000
	Alpha  = 0.001
	Images = 10_000
)

// parts are the values of Result.Part, in the order in which results are listed.
var parts = [...]string{"main", "ablation", "exploration"}

// Param is a parameter of a method, by its name in this module.
type Param struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
}

// Summary is the summary of a log, or the mean over several. Accuracies are shares between 0 and 1.
type Summary struct {
	ACR      float64   `json:"acr"`
	Accuracy []float64 `json:"accuracy"`    // certified accuracy at each of the result's radii
	Abstain  float64   `json:"abstain"`     // share of abstentions
	ACR20    float64   `json:"acr_skip20"`  // ACR of every 20th test image
	ACR100   float64   `json:"acr_skip100"` // ACR of every 100th
	ACR1000  float64   `json:"acr_1000"`    // expected at N = 1,000: counts are inferred from the radii and drawn anew
	ACR10000 float64   `json:"acr_10000"`
}

// Run is one log.
type Run struct {
	Summary
	ID     string `json:"id"`     // the authors' number of the run; may be empty
	Log    string `json:"log"`    // path below data/certify
	SHA256 string `json:"sha256"` // SHA-256 of the log
}

// Result is one setting of a method.
type Result struct {
	Dataset  string    `json:"dataset"`
	Arch     string    `json:"arch"` // the authors' name of the network
	Method   string    `json:"method"`
	Params   []Param   `json:"params"` // as far as they are known
	Sigma    float64   `json:"sigma"`
	Part     string    `json:"part"`     // main, ablation or exploration
	Doubtful bool      `json:"doubtful"` // network and settings were inferred
	Summary            // means over the runs
	SD       float64   `json:"sd"`    // of ACR between runs (n-1); 0 of one run
	Radii    []float64 `json:"radii"` // of Accuracy
	Runs     []Run     `json:"runs"`
}

// Settings formats the parameters as name=value, separated by blanks.
func (r Result) Settings() string {
	var words []string
	for _, p := range r.Params {
		words = append(words, p.Name+"="+humanize.Setting(p.Value))
	}
	return strings.Join(words, " ")
}

// Results returns all results: main ones first, then ablations and explorations, each in the order of data set,
// network, sigma and method.
func Results() ([]Result, error) {
	lines, err := csv.NewReader(strings.NewReader(logs)).ReadAll()
	if err != nil {
		return nil, err
	}
	var results []Result
	at := map[string]int{} // index of a result by the settings that its runs share
	for i, line := range lines[1:] {
		r, err := parse(lines[0], line)
		if err != nil {
			return nil, fmt.Errorf("logs.csv, line %d: %w", i+2, err)
		}
		key := fmt.Sprint(r.Dataset, r.Arch, r.Method, r.Settings(), r.Sigma, r.Part, r.Doubtful)
		if k, known := at[key]; known {
			results[k].Runs = append(results[k].Runs, r.Runs...)
			continue
		}
		at[key] = len(results)
		results = append(results, r)
	}
	for i := range results {
		results[i].summarise()
	}
	slices.SortStableFunc(results, func(a, b Result) int {
		return cmp.Or(
			cmp.Compare(slices.Index(parts[:], a.Part), slices.Index(parts[:], b.Part)),
			-strings.Compare(a.Dataset, b.Dataset),
			strings.Compare(a.Arch, b.Arch),
			cmp.Compare(a.Sigma, b.Sigma),
		)
	})
	return results, nil
}

// parse reads one line as a result of one run. It is long because it has one case per column.
func parse(head, line []string) (Result, error) {
	var r Result
	var run Run
	var err error
	number := func(s string) float64 {
		x, e := strconv.ParseFloat(s, 64)
		err = cmp.Or(err, e)
		return x
	}
	for i, name := range head {
		value := line[i]
		switch name {
		case "dataset":
			r.Dataset = value
		case "arch":
			r.Arch = value
		case "method":
			r.Method = value
		case "settings":
			for word := range strings.FieldsSeq(value) {
				name, x, _ := strings.Cut(word, "=")
				r.Params = append(r.Params, Param{name, number(x)})
			}
		case "sigma":
			r.Sigma = number(value)
		case "part":
			r.Part = value
		case "run":
			run.ID = value
		case "acr":
			run.ACR = number(value)
		case "abstain":
			run.Abstain = number(value)
		case "acr_skip20":
			run.ACR20 = number(value)
		case "acr_skip100":
			run.ACR100 = number(value)
		case "acr_n1000":
			run.ACR1000 = number(value)
		case "acr_n10000":
			run.ACR10000 = number(value)
		case "doubtful":
			r.Doubtful = value == "yes"
		case "log":
			run.Log = value
		case "sha256":
			run.SHA256 = value
		case "images":
			if value != strconv.Itoa(Images) {
				return r, fmt.Errorf("a log of %s images", value)
			}
		default: // r0.25
			if value != "" {
				r.Radii = append(r.Radii, number(strings.TrimPrefix(name, "r")))
				run.Accuracy = append(run.Accuracy, number(value))
			}
		}
	}
	r.Runs = []Run{run}
	return r, err
}

// summarise computes the means over the runs.
func (r *Result) summarise() {
	mean := func(of func(Run) float64) float64 {
		sum := 0.0
		for _, run := range r.Runs {
			sum += of(run)
		}
		return sum / float64(len(r.Runs))
	}
	r.ACR = mean(func(x Run) float64 { return x.ACR })
	r.Abstain = mean(func(x Run) float64 { return x.Abstain })
	r.ACR20 = mean(func(x Run) float64 { return x.ACR20 })
	r.ACR100 = mean(func(x Run) float64 { return x.ACR100 })
	r.ACR1000 = mean(func(x Run) float64 { return x.ACR1000 })
	r.ACR10000 = mean(func(x Run) float64 { return x.ACR10000 })
	for i := range r.Radii {
		r.Accuracy = append(r.Accuracy, mean(func(x Run) float64 { return x.Accuracy[i] }))
	}
	if n := float64(len(r.Runs)); n > 1 {
		r.SD = math.Sqrt(mean(func(x Run) float64 { return (x.ACR - r.ACR) * (x.ACR - r.ACR) }) * n / (n - 1))
	}
}

// Find returns the results of a method, or with "" of all methods, on a data set at a noise level, with the given
// parameters. Its error lists the known names, or the known values of a parameter.
func Find(dataset, method string, sigma float64, params map[string]float64) ([]Result, error) {
	all, err := Results()
	if err != nil {
		return nil, err
	}
	for _, narrow := range []struct {
		kind, want string
		of         func(Result) string
	}{
		{"data set in the paper's logs", dataset, func(r Result) string { return r.Dataset }},
		{"method in the paper's logs of " + dataset, method, func(r Result) string { return r.Method }},
	} {
		if narrow.want == "" {
			continue
		}
		if all, err = keep(all, narrow.kind, narrow.want, narrow.of); err != nil {
			return nil, err
		}
	}
	kind := fmt.Sprintf("sigma in the paper's logs of %s on %s", cmp.Or(method, "any method"), dataset)
	if all, err = keepNumber(all, kind, sigma, func(r Result) (float64, bool) { return r.Sigma, true }); err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(params)) {
		if all, err = keepParam(all, name, params[name]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// keep returns the results whose property has the wanted value.
func keep(all []Result, kind, want string, of func(Result) string) ([]Result, error) {
	values := distinct(all, of)
	if !slices.Contains(values, want) {
		return nil, fmt.Errorf("%s", suggest.Sentence(kind, want, values))
	}
	return slices.DeleteFunc(all, func(r Result) bool { return of(r) != want }), nil
}

// keepParam returns the results whose parameter has the wanted value.
func keepParam(all []Result, name string, want float64) ([]Result, error) {
	var names []string
	for _, r := range all {
		for _, p := range r.Params {
			if !slices.Contains(names, p.Name) {
				names = append(names, p.Name)
			}
		}
	}
	if !slices.Contains(names, name) {
		return nil, fmt.Errorf("%s", suggest.Sentence("parameter of the paper's "+all[0].Method, name, names))
	}
	return keepNumber(all, "value of "+name+" among these logs", want, func(r Result) (float64, bool) {
		for _, p := range r.Params {
			if p.Name == name {
				return p.Value, true
			}
		}
		return 0, false
	})
}

// keepNumber returns the results whose number is known and equal to the wanted one.
func keepNumber(all []Result, kind string, want float64, of func(Result) (x float64, known bool)) ([]Result, error) {
	var values []float64
	for _, r := range all {
		if x, known := of(r); known && !slices.Contains(values, x) {
			values = append(values, x)
		}
	}
	if len(values) == 0 || !slices.Contains(values, want) {
		return nil, suggest.Number(kind, want, values)
	}
	return slices.DeleteFunc(all, func(r Result) bool { x, known := of(r); return !known || x != want }), nil
}

func distinct(all []Result, of func(Result) string) (values []string) {
	for _, r := range all {
		if v := of(r); !slices.Contains(values, v) {
			values = append(values, v)
		}
	}
	return values
}
