package certify

import (
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"smoothlab/smoothing"
)

// The same five invented rows in the forms that people have them in (testdata/logs), with sigma 0.25 and the authors'
// plan, whose largest radius is 0.9528: read as they are meant, or refused in one sentence that names the place.
func TestLogsAsPeopleHaveThem(t *testing.T) {
	read := func(name string) (*Certificates, error) {
		return ReadLog(
			filepath.Join("testdata/logs", name),
			smoothing.Gaussian{Sigma: 0.25},
			Fixed(100, 100_000, 0.001),
		)
	}
	want, err := read("ok.tsv")
	if err != nil {
		t.Fatal(err)
	}
	// (0.831 + 0.4 + 0.952)/5: the third is wrong, the fourth abstains.
	if acr := want.ACR(); len(want.Rows) != 5 || acr < 0.4366-1e-12 || acr > 0.4366+1e-12 || want.Abstained() != 1 {
		t.Errorf("%d rows, ACR %v, %d abstentions", len(want.Rows), acr, want.Abstained())
	}
	refused := map[string]string{
		"cr.tsv":                  ":1: the line has carriage returns in it: end lines with line feeds",
		"utf16.tsv":               "it is not UTF-8 text, but UTF-16 or no text at all: save it as UTF-8",
		"utf16_mark.tsv":          "it is not UTF-8 text, but UTF-16 or no text at all: save it as UTF-8",
		"sheet.xlsx":              "a zip archive or a spreadsheet: unpack it, or save it as text",
		"twice.tsv.gz":            "it is packed: unpack it",
		"cut.tsv.gz":              "the gzip file is cut short",
		"pointer.tsv":             "a pointer of Git LFS",
		"same_column.tsv":         ":1: the columns 4 and 7 are both named radius: remove one",
		"zeros_after.tsv":         `\x00", expected an integer`,
		"empty.tsv":               "holds no rows",
		"only_header.tsv":         "holds no rows",
		"cut_radius.tsv":          ":6: the line has 4 fields",
		"cut_line.tsv":            `:6: time "0:" is not h:mm:ss`,
		"args_first.tsv":          `:1: expected a header`,
		"abstain_correct.tsv":     ":5: correct is true",
		"abstain_radius.tsv":      ":5: column radius: 0.7 for an abstention",
		"correct_lies.tsv":        ":6: correct is false",
		"inf_radius.tsv":          `:3: radius is "inf"`,
		"nan_radius.tsv":          `:3: radius is "nan"`,
		"neg_radius.tsv":          `:3: radius is "-0.4"`,
		"radius_too_big.tsv":      ":6: column radius: 5, but fixed(n0=100, n=100000, alpha=0.001) proves 0.952 at most at sigma 0.25",
		"radius_just_too_big.tsv": ":6: column radius: 0.954, but fixed(",
		"same_twice.tsv":          ":7: image 0 is already on line 2",
		"resumed_duplicates.tsv":  ":5: image 200 is already on line 4",
		"tensor_print.tsv":        `:2: label is "tensor(7)"`,
		"total_line.tsv":          `:7: idx is "ACR:"`,
		"warning_inside.tsv":      `:4: idx is "UserWarning:"`,
	}
	files, err := filepath.Glob("testdata/logs/*")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		got, err := read(name)
		if sentence, bad := refused[name]; bad {
			if err == nil || !strings.Contains(err.Error(), sentence) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s: %v, expected %q", name, err, sentence)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		same := func(a, b Row) bool { return a.sameVotes(b) }
		if !slices.EqualFunc(got.Rows, want.Rows, same) || got.Planned != 5 || !got.Printed {
			t.Errorf("%s reads as %+v", name, got.Rows)
		}
		if !slices.Contains([]string{"no_time.tsv", "day_time.tsv", "quoted_day.csv"}, name) &&
			!reflect.DeepEqual(got, want) {
			t.Errorf("%s reads as %+v", name, got)
		}
	}
}

// The largest radius of noise and plan is checked as far as they are known.
func TestRadiusBeyondNoiseAndPlan(t *testing.T) {
	path := "testdata/published.tsv" // of sigma 0.5, up to 1.91
	for _, c := range []struct {
		sigma float64
		plan  Plan
		want  string // "" if it is read
	}{
		{0.5, Fixed(100, 100_000, 0.001), ""},
		{0.25, Fixed(100, 100_000, 0.001), "proves 0.952 at most at sigma 0.25: the log was made with other noise or another plan"},
		{0.5, Fixed(100, 10_000, 0.001), "proves 1.59 at most at sigma 0.5"},
		{0.5, Plan{N: 1000}, "no plan proves more than"},
		{0.5, Plan{}, ""},
		{0.25, Plan{}, "no plan proves more than"},
		{0, Plan{}, ""},
	} {
		var under smoothing.Smoothing
		if c.sigma > 0 {
			under = smoothing.Gaussian{Sigma: c.sigma}
		}
		_, err := ReadLog(path, under, c.plan)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("sigma %v, %+v: %v, expected %q", c.sigma, c.plan, err, c.want)
		}
	}
}

func TestHalfDigit(t *testing.T) {
	for text, want := range map[string]float64{"0.952": 0.0005, "3.8": 0.05, "4": 0.5, "1e-05": 0.5e-5, "1.25e+02": 0.5, "0.0": 0.05} {
		if got := halfDigit(text); got < want*(1-1e-12) || got > want*(1+1e-12) {
			t.Errorf("%s: %v, expected %v", text, got, want)
		}
	}
}
