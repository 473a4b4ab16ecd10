package robust_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"smoothlab/robust"
)

func calibrateSettings() robust.CalibrateSettings {
	return robust.CalibrateSettings{Votes: 200, Ascent: robust.Ascent{Steps: 3, Step: 0.5, Draws: 8}, Path: 5}
}

func calibrated(t testing.TB, j robust.Job, s robust.CalibrateSettings) *robust.Calibration {
	t.Helper()
	c, err := robust.Calibrate(t.Context(), j, s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Under Gaussian noise the share of votes of a linear network has a law: the lead of class a over class b is normal
// with mean (w_a−w_b)·x + b_a−b_b and standard deviation sigma·‖w_a−w_b‖. So the label's share is at most the smallest
// of Φ(mean/deviation) over the other classes, and at least 1 minus the sum of the others' Φ(−mean/deviation). Shares
// of 2000 votes lie within five standard errors of that.
func TestSharesOfALinearNetwork(t *testing.T) {
	j, s := linear(t, 20), calibrateSettings()
	s.Votes, s.Path = 2000, 20
	s.Ascent.Steps = 0
	c := calibrated(t, j, s)
	w, b := j.Classifier.Params[0], j.Classifier.Params[1]
	for pos, path := range c.Path {
		y := int(j.Data.Labels[pos])
		most, least := 1.0, 1.0
		for k := range b {
			if k == y {
				continue
			}
			mean, square := float64(b[y])-float64(b[k]), 0.0
			for i, p := range j.Data.Image(pos) {
				d := float64(w[y*784+i]) - float64(w[k*784+i])
				mean += d * float64(p) / 255
				square += d * d
			}
			phi := 0.5 * math.Erfc(-mean/(sigma*math.Sqrt(square))/math.Sqrt2)
			most, least = min(most, phi), least-(1-phi)
		}
		got := path[0].Share.Label
		slack := 5*math.Sqrt(got*(1-got)/2000) + 5./2000
		if got > most+slack || got < least-slack {
			t.Errorf("image at %d: the label has share %g, expected from %g to %g", pos, got, least, most)
		}
	}
}

// Along the path confidence goes from the label to a wrong class. Scores at the images do not depend on the images that
// are followed, and a second call gives the same results.
func TestCalibrate(t *testing.T) {
	j, s := linear(t, 60), calibrateSettings()
	c := calibrated(t, j, s)
	if len(c.Path) != 5 || len(c.Softmax.Top) != 60 || len(c.Share.Correct) != 60 {
		t.Fatalf("%d paths and %d confidences", len(c.Path), len(c.Softmax.Top))
	}
	lost, won := 0., 0.
	for pos, path := range c.Path {
		if len(path) != 4 || path[0].Moved != 0 {
			t.Fatalf("image at %d: path %v", pos, path)
		}
		for step, look := range path {
			if look.Moved > 0.5*float64(step)*(1+1e-5) {
				t.Errorf("image at %d: moved %g in %d steps of 0.5", pos, look.Moved, step)
			}
			for _, p := range []robust.Confidence{look.Softmax, look.Share} {
				if p.Label < 0 || p.Wrong < 0 || p.Label+p.Wrong > 1+1e-9 {
					t.Errorf("image at %d, step %d: %v", pos, step, look)
				}
			}
		}
		lost += path[0].Softmax.Label - path[3].Softmax.Label
		won += path[3].Share.Wrong - path[0].Share.Wrong
	}
	if !(lost > 0.1 && won > 0.1) {
		t.Errorf("along the search labels lose %g of confidence and wrong classes win %g", lost/5, won/5)
	}
	s.Path = 0
	again := calibrated(t, j, s)
	again.Path = c.Path
	if fmt.Sprint(again.Softmax.Scores, again.Share.Scores) != fmt.Sprint(c.Softmax.Scores, c.Share.Scores) {
		t.Errorf("with nobody followed the scores are %v, else %v", again.Softmax.Scores, c.Softmax.Scores)
	}
	if c.Softmax.Brier < 0 || c.Softmax.Brier > 2 || !(c.Share.NLL < 20) || c.Softmax.Accuracy < 0.5 {
		t.Errorf("scores %+v and %+v", c.Softmax.Scores, c.Share.Scores)
	}
}

func TestCalibrateRefuses(t *testing.T) {
	for name, change := range map[string]func(*robust.Job, *robust.CalibrateSettings){
		"votes 0":   func(_ *robust.Job, s *robust.CalibrateSettings) { s.Votes = 0 },
		"many":      func(_ *robust.Job, s *robust.CalibrateSettings) { s.Votes = 1 << 23 },
		"overflow":  func(_ *robust.Job, s *robust.CalibrateSettings) { s.Votes, s.Ascent.Steps = 1<<22, 1<<10 },
		"path -1":   func(_ *robust.Job, s *robust.CalibrateSettings) { s.Path = -1 },
		"steps -1":  func(_ *robust.Job, s *robust.CalibrateSettings) { s.Ascent.Steps = -1 },
		"step NaN":  func(_ *robust.Job, s *robust.CalibrateSettings) { s.Ascent.Step = math.NaN() },
		"draws 0":   func(_ *robust.Job, s *robust.CalibrateSettings) { s.Ascent.Draws = 0 },
		"no images": func(j *robust.Job, _ *robust.CalibrateSettings) { j.Data = digits(t, 0) },
	} {
		j, s := linear(t, 2), calibrateSettings()
		change(&j, &s)
		if _, err := robust.Calibrate(t.Context(), j, s); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want one line", name, err)
		}
	}
}

// Calibrate ends with its context: at the first evaluation, in the search, and in the evaluation of a point.
func TestCalibrateIsInterrupted(t *testing.T) {
	for _, calls := range []int{0, 1, 2} {
		ctx := interruptAfter(t, calls)
		_, err := robust.Calibrate(ctx, linear(t, 1), calibrateSettings())
		if now := ctx.calls(); !errors.Is(err, context.Canceled) || now > ctx.most {
			t.Errorf("error %v, %d calls too many", err, now-ctx.most)
		}
	}
}

// The numbers of noisy copies have 32 bits; more copies would repeat the noise.
func TestCopiesHaveNumbers(t *testing.T) {
	for _, c := range []struct {
		votes, steps, path int
		fits               bool
	}{{1 << 31, 3, 0, true}, {1 << 29, 3, 1, true}, {1<<31 + 1, 3, 0, false}, {1<<29 + 1, 3, 1, false}, {1 << 62, 3, 1, false}} {
		err := robust.CalibrateSettings{
			Votes:  c.votes,
			Path:   c.path,
			Ascent: robust.Ascent{Steps: c.steps, Step: 1, Draws: 1},
		}.Check()
		if (err == nil) != c.fits {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
