package paper

import (
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// every20 is derived from the authors' logs: for each main run on MNIST, the expected result of certifying every 20th
// test image with 10,000 votes. Each printed radius is converted back to a share of votes, from which 10,000 are drawn
// binomially.
//
//go:embed every20.csv
var every20 string

// Expected holds the expected results of a run of the authors on every 20th test image (0, 20, … 9980) at N = 10,000,
// N0 = 100 and alpha = 0.001.
type Expected struct {
	ACR      float64   `json:"acr"`
	VotesSD  float64   `json:"votes_sd"` // standard deviation of ACR from the votes alone
	Radii    []float64 `json:"radii"`
	Accuracy []float64 `json:"accuracy"` // certified accuracy at each of them
}

// errNoExpected reports a result without expectations: only the main runs on MNIST have them.
var errNoExpected = errors.New(
	"the authors' runs of this row were not re-expressed at N = 10,000 on every 20th test image",
)

// Expected returns the expectation of each run of the result, in the order of r.Runs.
func (r Result) Expected() ([]Expected, error) {
	lines, err := csv.NewReader(strings.NewReader(every20)).ReadAll()
	if err != nil {
		return nil, err
	}
	byLog := map[string]Expected{}
	for i, line := range lines[1:] {
		if byLog[line[0]], err = parseExpected(lines[0], line); err != nil {
			return nil, fmt.Errorf("every20.csv, line %d: %w", i+2, err)
		}
	}
	var list []Expected
	for _, run := range r.Runs {
		e, ok := byLog[run.Log]
		if !ok {
			return nil, errNoExpected
		}
		list = append(list, e)
	}
	return list, nil
}

func parseExpected(head, line []string) (Expected, error) {
	var e Expected
	for i, name := range head[1:] {
		x, err := strconv.ParseFloat(line[i+1], 64)
		if err != nil {
			return e, err
		}
		switch name {
		case "acr":
			e.ACR = x
		case "sd_votes":
			e.VotesSD = x
		default:
			radius, err := strconv.ParseFloat(strings.TrimPrefix(name, "r"), 64)
			if err != nil {
				return e, err
			}
			e.Radii, e.Accuracy = append(e.Radii, radius), append(e.Accuracy, x)
		}
	}
	return e, nil
}

// Prediction is the 95% interval for the ACR of one more run, certified once on the same images.
type Prediction struct {
	Runs      int     `json:"runs"`
	Mean      float64 `json:"mean"`
	SD        float64 `json:"sd"` // between the runs, n-1
	Low, High float64
}

// Predict returns the interval of one more run: mean ± t(0.975; n−1) · √(sd²·(1 + 1/n) + votes²), where votes² is the
// mean variance that the votes of one certification add. It needs at least two runs.
func Predict(runs []Expected) (Prediction, error) {
	n := float64(len(runs))
	if n < 2 {
		return Prediction{}, fmt.Errorf("an interval of one more run needs at least 2 runs, got %d", len(runs))
	}
	var acr, votes []float64
	for _, r := range runs {
		acr, votes = append(acr, r.ACR), append(votes, r.VotesSD*r.VotesSD)
	}
	p := Prediction{Runs: len(runs)}
	p.Mean, p.SD = stat.MeanStdDev(acr, nil)
	t := distuv.StudentsT{Sigma: 1, Nu: n - 1}.Quantile(0.975)
	half := t * math.Sqrt(p.SD*p.SD*(1+1/n)+stat.Mean(votes, nil))
	p.Low, p.High = p.Mean-half, p.Mean+half
	return p, nil
}

// MeanAccuracy returns the certified accuracy at a radius, averaged over runs; false if the aggregates do not have it.
func MeanAccuracy(runs []Expected, radius float64) (float64, bool) {
	sum := 0.0
	for _, r := range runs {
		found := false
		for i, at := range r.Radii {
			if at == radius {
				sum, found = sum+r.Accuracy[i], true
			}
		}
		if !found {
			return 0, false
		}
	}
	return sum / float64(len(runs)), len(runs) > 0
}
