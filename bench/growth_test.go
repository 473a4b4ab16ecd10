package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMain lets the test binary play the bench's child process, which measures one point.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "--point" {
		main()
		return
	}
	os.Exit(m.Run())
}

// A curve is measured point by point, each in a separate process with its own number of cores, and written with its
// figure.
func TestGrowth(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "growth")
	var out, notes bytes.Buffer
	if err := run(t.Context(), options{Rounds: 1, Growth: dir, Only: "votes_cores"}, &out, &notes); err != nil {
		t.Fatal(err)
	}
	lines, err := os.ReadFile(filepath.Join(dir, "growth.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`"curve":"votes_cores","x":1,`, `"cores":1,`, `"unit":"vote"`} {
		if !strings.Contains(string(lines), part) {
			t.Errorf("%s lacks %s", lines, part)
		}
	}
	if svg, err := os.ReadFile(filepath.Join(dir, "votes_cores.svg")); err != nil || !bytes.Contains(svg, []byte("<svg")) {
		t.Errorf("%.100s, %v", svg, err)
	}
	if strings.Contains(string(lines), `"peak_bytes":0`) || !strings.Contains(out.String(), "peak MB") {
		t.Errorf("%s\n%s", lines, &out)
	}
	for _, bad := range []options{
		{Rounds: 1, Growth: dir, Only: "no such"},
		{Rounds: 1, Point: "votes_n"},
		{Rounds: 1, Point: "no=3"},
		{Rounds: 0},
	} {
		if err := run(t.Context(), bad, &out, &notes); err == nil {
			t.Errorf("%+v was accepted", bad)
		}
	}
}

// Votes are drawn as a rate, steps as a time, and other curves are left out.
func TestGrowthFigure(t *testing.T) {
	all := []point{
		{Curve: "a", X: 1, Axis: "x axis", Unit: "vote", Seconds: 0.5, Low: 0.4, High: 0.6},
		{Curve: "a", X: 2, Axis: "x axis", Unit: "vote", Seconds: 0.5, Low: 0.4, High: 0.6},
		{Curve: "b", X: 1, Axis: "other", Unit: "step", Seconds: 3, Low: 2, High: 4},
	}
	for name, want := range map[string]string{"a": "votes per second", "b": "ms per step"} {
		svg, err := growthFigure(name, all)
		if err != nil || !bytes.Contains(svg, []byte(want)) {
			t.Errorf("%s lacks %q: %v", name, want, err)
		}
	}
	if got := strings.Join(curveNames(all), " "); got != "a b" {
		t.Errorf("curves %q", got)
	}
}
