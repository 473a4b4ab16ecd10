package certify

import (
	"bufio"
	"cmp"
	"flag"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the files of testdata that are made from the published logs anew")

// savingLogs are published logs whose radii are kept, counted, in testdata/radii.tsv: a Gaussian and a SmoothMix run at
// each sigma.
var savingLogs = []struct {
	name  string
	log   string
	sigma float64
}{
	{"Gaussian 0.25", "mnist/cohen/noise_0.25_3870", 0.25},
	{"SmoothMix 0.25", "mnist/smoothmix/smix_1.0_2_m0/tau_5.0/num_4/21/noise_0.25", 0.25},
	{"Gaussian 0.5", "mnist/cohen/noise_0.50_1801", 0.5},
	{"SmoothMix 0.5", "mnist/smoothmix/smix_1.0_4_m0/tau_5.0/num_4/21/noise_0.5", 0.5},
	{"Gaussian 1", "mnist/cohen/noise_1.00_2110", 1},
	{"SmoothMix 1", "mnist/smoothmix/smix_1.0_8_m1/tau_5.0/num_4/21/noise_1.0", 1},
}

const radiiFile = "testdata/radii.tsv"

// outcomeOf returns the outcome of a row: right, wrong or an abstention.
func outcomeOf(r Row) string {
	switch {
	case r.Predicted == Abstain:
		return "abstains"
	case r.Correct:
		return "right"
	}
	return "wrong"
}

// The counted radii agree with the logs.
func TestReferenceRadii(t *testing.T) {
	var b strings.Builder
	for _, l := range savingLogs {
		type kind struct {
			outcome string
			radius  float64
		}
		counted := map[kind]int{}
		for _, row := range published(t, l.log, l.sigma).Rows {
			counted[kind{outcomeOf(row), row.Radius}]++
		}
		kinds := slices.SortedFunc(maps.Keys(counted), func(a, b kind) int {
			return cmp.Or(cmp.Compare(a.outcome, b.outcome), cmp.Compare(a.radius, b.radius))
		})
		fmt.Fprintf(&b, "# %s\n", l.name)
		for _, k := range kinds {
			fmt.Fprintf(&b, "%s\t%v\t%d\n", k.outcome, k.radius, counted[k])
		}
	}
	if *update {
		if err := os.WriteFile(radiiFile, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	was, err := os.ReadFile(radiiFile)
	if err != nil || string(was) != b.String() {
		t.Errorf("%s does not hold the radii of the logs (%v)", radiiFile, err)
	}
}

// savingCertificates are the certificates of the kept radii, in no order.
func savingCertificates(t *testing.T) map[string]*Certificates {
	t.Helper()
	file, err := os.Open(radiiFile)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	all := map[string]*Certificates{}
	for _, l := range savingLogs {
		all[l.name] = &Certificates{Settings: gaussian(l.sigma, Fixed(100, 100_000, 0.001)), Printed: true}
	}
	name := ""
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if next, heads := strings.CutPrefix(lines.Text(), "# "); heads {
			name = next
			continue
		}
		var outcome string
		var radius float64
		var images int
		if _, err := fmt.Sscan(lines.Text(), &outcome, &radius, &images); err != nil {
			t.Fatal(err)
		}
		c := all[name]
		for range images {
			row := Row{Index: len(c.Rows), Radius: radius, Correct: outcome == "right"}
			switch outcome {
			case "wrong":
				row.Label = 1
			case "abstains":
				row.Predicted = Abstain
			}
			c.Rows = append(c.Rows, row)
			c.Planned++
		}
	}
	return all
}

// Votes saved on the probabilities that published logs imply, against the fixed plan of 100,000 votes: the targets of
// the design, with what it costs in each entry of the table. Losses are of the expected accuracy, in points.
func TestVotesSaved(t *testing.T) {
	logs := savingCertificates(t)
	page, err := os.ReadFile("../docs/certification.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		sigma    float64
		radii    []float64
		atLeast  float64 // times fewer votes
		mostLost float64 // points at any radius
	}{
		{0.25, quarters(0.75), 9, 0.1}, // up to 3 sigma
		{0.25, []float64{0.5}, 10, 0.15},
		{0.5, []float64{0.5}, 10, 0.15},
		{0.5, []float64{1}, 10, 0.15}, // 2 sigma
		{1, []float64{1}, 10, 0.15},
		{1, []float64{2}, 10, 0.15},
		{0.5, quarters(1.75), 1.5, 0.15}, // the full grid
		{1, quarters(3.75), 1.5, 0.15},
	} {
		for _, l := range savingLogs {
			if l.sigma != c.sigma {
				continue
			}
			plan := ladder(t, Fixed(100, 100_000, 0.001), c.sigma, true, c.radii...)
			f, err := logs[l.name].Forecast(plan)
			if err != nil {
				t.Fatal(err)
			}
			if f.Images != 10_000 || f.Saving() < c.atLeast {
				t.Errorf(
					"%s: %.2f times fewer votes than of the fixed plan on %d images, expected at least %v",
					l.name,
					f.Saving(),
					f.Images,
					c.atLeast,
				)
			}
			text := fmt.Sprintf(
				"%s, %s: %.0f votes per image, %.2f times fewer; lost",
				l.name,
				gridText(plan.Ladder.Radii),
				f.Votes,
				f.Saving(),
			)
			for _, r := range f.Radii {
				text += fmt.Sprintf(" %.3f", 100*r.Error())
				if lost := 100 * r.Error(); math.Abs(lost) > c.mostLost {
					t.Errorf("%s: radius %v loses %.3f points, expected at most %v", l.name, r.Radius, lost, c.mostLost)
				}
				// A log is one random draw around the expectation: with 10,000 images it is within 5 standard errors,
				// counting the images near the edge.
				if d := math.Abs(r.Log - r.Fixed); d > 0.01 {
					t.Errorf(
						"%s: radius %v has accuracy %v in the log, and %v is expected of fresh votes",
						l.name,
						r.Radius,
						r.Log,
						r.Fixed,
					)
				}
			}
			t.Log(text)
			last := c.radii[len(c.radii)-1]
			radii := decimals(last)
			if len(c.radii) > 1 {
				radii = "0, 0.25 … " + radii
			}
			method, _, _ := strings.Cut(l.name, " ")
			if line := fmt.Sprintf(
				"| %s | %s | %s | %.0f | %.2f |",
				method,
				decimals(c.sigma),
				radii,
				f.Votes,
				f.Saving(),
			); !strings.Contains(
				string(page),
				line,
			) {
				t.Errorf("docs/certification.md does not hold %s", line)
			}
		}
	}
}

// decimals writes a number as the page does: 1 as 1.0.
func decimals(x float64) string {
	s := fmt.Sprint(x)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}
