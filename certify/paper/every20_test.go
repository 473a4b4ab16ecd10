package paper

import (
	"bufio"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"smoothlab/internal/testreference"
)

// The intervals agree with the reference page, which was computed by another program, to its four digits.
func TestPredictionsAreTheReference(t *testing.T) {
	page, err := os.Open(filepath.Join(testreference.Dir(t, "."), "mnist_skip20_n10000.md"))
	if err != nil {
		t.Fatal(err)
	}
	defer page.Close()
	var want [][]string
	for lines := bufio.NewScanner(page); lines.Scan(); {
		cells := strings.Split(strings.Trim(lines.Text(), "| "), " | ")
		if len(cells) == 7 && cells[3] == "5" {
			want = append(want, cells)
		}
	}
	results, err := Results()
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, r := range results {
		if r.Dataset != "mnist" || r.Part != "main" {
			continue
		}
		runs, err := r.Expected()
		if err != nil {
			t.Fatalf("%s %s %g: %v", r.Method, r.Settings(), r.Sigma, err)
		}
		p, err := Predict(runs)
		if err != nil {
			t.Fatal(err)
		}
		for _, cells := range want {
			sigma, _ := strconv.ParseFloat(cells[2], 64)
			mean, _ := strconv.ParseFloat(cells[4], 64)
			sd, _ := strconv.ParseFloat(cells[5], 64)
			low, high, _ := strings.Cut(cells[6], " … ")
			l, _ := strconv.ParseFloat(low, 64)
			h, _ := strconv.ParseFloat(high, 64)
			near := func(a, b float64) bool { return math.Abs(a-b) < 0.6e-4 }
			if sigma == r.Sigma && near(mean, p.Mean) && near(sd, p.SD) && near(l, p.Low) && near(h, p.High) {
				found++
				break
			}
		}
	}
	if len(want) != 30 || found != 30 {
		t.Errorf("%d of %d rows of the page are found again", found, len(want))
	}
}

// A result without the aggregates is an error, and one run has no interval.
func TestNoPrediction(t *testing.T) {
	results, err := Find("cifar10", "gaussian", 0.5, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := results[0].Expected(); err == nil || !strings.Contains(err.Error(), "not re-expressed") {
		t.Errorf("CIFAR-10: %v", err)
	}
	if _, err := Predict(make([]Expected, 1)); err == nil || !strings.Contains(err.Error(), "at least 2 runs") {
		t.Errorf("one run: %v", err)
	}
}
