package session_test

import (
	"testing"

	"smoothlab/report"
)

// Ctrl-C ends an attack and a calibration promptly; they keep nothing, and the session continues.
func TestInterruptedAttackAndCalibration(t *testing.T) {
	s := newSession(t, nil)
	evaluate(t, s, begin)
	for line, what := range map[string]string{
		`a = attack(c, t, sigma=0.5, eps=[1, 2], steps=1000, n=100000)`:    "attack",
		`a = calibrate(c, t, sigma=0.5, votes=1000000, path=0)`:            "calibration",
		`a = calibrate(c, t, sigma=0.5, votes=100, steps=100000, path=50)`: "calibration",
	} {
		e, _ := interrupted(t, s, "a = 1\n"+line+"\na = 2", func(report.Progress) bool { return true })
		if e.Message != "the "+what+" was interrupted and its results are lost" {
			t.Errorf("the interrupt says %q", e.Message)
		}
		if got := evaluate(t, s, "a"); got != "1\n" {
			t.Errorf("after the interrupt a is %s", got)
		}
	}
	evaluate(t, s, "calibrate(c, t[:2], sigma=0.5, votes=10, steps=1, path=1)")
}
