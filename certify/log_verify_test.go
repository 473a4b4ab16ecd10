package certify

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"smoothlab/smoothing"
)

// Our own log with a field that does not follow from its votes is refused, with the line and the column, even if the
// row is consistent in itself.
func TestEditedLogIsRefused(t *testing.T) {
	dir := t.TempDir()
	whole := filepath.Join(dir, "toy.tsv")
	if _, _, err := runToy(t, whole, nil); err != nil {
		t.Fatal(err)
	}
	log, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	settings, err := os.ReadFile(sidecarPath(whole))
	if err != nil {
		t.Fatal(err)
	}
	columns := append(append([]string{}, publishedColumns...), addedColumns...)
	lines := strings.Split(string(log), "\n")
	for _, c := range []struct {
		line   int // counted from 1
		change map[string]string
		column string
	}{
		{2, map[string]string{"used": "61"}, "used"},
		{2, map[string]string{"votes": "59"}, "p_lower"},
		{2, map[string]string{"p_lower": "0.8912510"}, "p_lower"}, // for 0.89125093…
		{2, map[string]string{"predict": "-1", "correct": "0"}, "predict"},
		{4, map[string]string{"predict": "1", "correct": "0"}, "predict"},
		{4, map[string]string{"radius_full": "0.1"}, "radius_full"},
		{2, map[string]string{"radius_full": "0.6166"}, "radius_full"}, // for 0.61658…
		{2, map[string]string{"radius": "0.617"}, "radius"},            // rounded up
		{2, map[string]string{"predict": "3", "correct": "0"}, "predict"},
		{2, map[string]string{"label": "3", "correct": "0"}, "label"},
	} {
		fields := strings.Split(lines[c.line-1], "\t")
		for i, name := range columns {
			if v, changed := c.change[name]; changed {
				fields[i] = v
			}
		}
		edited := append([]string{}, lines...)
		edited[c.line-1] = strings.Join(fields, "\t")
		out := filepath.Join(dir, "edited.tsv")
		if err := os.WriteFile(out, []byte(strings.Join(edited, "\n")), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(sidecarPath(out), settings, 0o644); err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprintf("%s:%d: column %s: ", out, c.line, c.column)
		if _, err := ReadLog(out, nil, Plan{}); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v: %v, expected %s", c.change, err, want)
		}
		if _, drawn, err := runToy(t, out, nil); err == nil || drawn > 0 {
			t.Errorf("%v: Run goes on from it with %d votes: %v", c.change, drawn, err)
		}
		// Without the JSON file next to it, the caller's settings are used for the check.
		if err := os.Remove(sidecarPath(out)); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadLog(
			out,
			smoothing.Gaussian{Sigma: 0.5},
			Plan{N: 60, Alpha: 0.001},
		); c.change["label"] == "" && c.change["predict"] != "3" &&
			err == nil {
			t.Errorf("%v: read with the caller's settings", c.change)
		}
	}
	if _, err := ReadLog(whole, nil, Plan{}); err != nil {
		t.Errorf("the log as it was: %v", err)
	}
}

// Bounds in a log may differ only in digits that another processor may round differently.
func TestLastDigitsMayDiffer(t *testing.T) {
	for _, c := range [][2]int{{60, 60}, {99_990, 100_000}, {600, 1000}, {999_999_990, 1_000_000_000}} {
		s := gaussian(0.5, Plan{N0: 100, N: c[1], Alpha: 0.001})
		p := LowerBound(c[0], c[1], 0.001)
		for _, b := range []struct {
			p    float64
			fits bool
		}{{p, true}, {p - 2*ulp(p), true}, {p + 2*ulp(p), true}, {p - 1e-6*(1-p), false}, {p + 1e-6*(1-p), false}} {
			row := Row{Correct: true, Votes: c[0], Used: c[1], PLower: b.p, Radius: radius(0.5, b.p)}
			log := parsedLog{
				rows:    []Row{row},
				lines:   []int{2},
				printed: []string{threeDigitsDown(row.Radius)},
				full:    true,
			}
			if err := log.verify("log", s); (err == nil) != b.fits {
				t.Errorf("%d of %d votes with the bound %v, for %v: %v", c[0], c[1], b.p, p, err)
			}
		}
	}
}
