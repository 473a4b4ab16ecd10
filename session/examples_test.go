package session_test

import (
	"os"
	"strings"
	"testing"

	"smoothlab/report"
	"smoothlab/session/losstape"
)

// The program in the documentation runs, contains the example of help("step"), and trains exactly as smoothmix() does.
func TestOwnMethodExample(t *testing.T) {
	source, err := os.ReadFile("../docs/examples/own_method.star")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(source), losstape.SmoothMix) {
		t.Error("the program differs from the example of help(\"step\")")
	}
	s := newSession(t, nil)
	var out screen
	small := strings.Replace(string(source), `split="train")`, `split="train")[:128]`, 1)
	if _, err := s.EvaluateFile(t.Context(), "own_method.star", small, &out); err != nil {
		t.Fatal(err)
	}
	got := out.take()
	if !strings.Contains(got, "the same weights: True\n") || !strings.Contains(got, "under noise, sigma 0.5") {
		t.Errorf("it prints %s", got)
	}
}

// Ctrl-C ends an evaluation and the computation of logits promptly.
func TestInterruptedEvaluation(t *testing.T) {
	s := newSession(t, nil)
	evaluate(t, s, begin)
	const line = "e = evaluate(c, dataset('mnist-mini'), sigma=0.5, n=100000)"
	e, _ := interrupted(t, s, "e = 1\n"+line, func(p report.Progress) bool { return p.Part == "voting" })
	if e.Message != "the evaluation was interrupted and its results are lost" {
		t.Errorf("the interrupt says %q", e.Message)
	}
	interrupted(t, s, "logits(c, dataset('mnist-mini'))", func(p report.Progress) bool { return p.Done > 0 })
	if got := evaluate(t, s, "e"); got != "1\n" {
		t.Errorf("after the interrupt e is %s", got)
	}
}
