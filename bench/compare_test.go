package main

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// clock is a side that takes given times per unit, round after round.
type clock struct {
	t       *testing.T
	times   map[string][]float64 // seconds; the first one is of the warm-up
	at      map[string]int
	lacking error // for works without given times
}

func (c *clock) run(ctx context.Context, name string, n int) (cost, error) {
	if err := ctx.Err(); err != nil {
		return cost{}, err
	}
	times, known := c.times[name]
	if !known {
		return cost{}, c.lacking
	}
	if c.at == nil {
		c.at = map[string]int{}
	}
	s := times[c.at[name]]
	c.at[name]++
	took := time.Duration(s * float64(n) * float64(time.Second))
	return cost{wall: took, cpu: 2 * took}, nil // two threads
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-6 }

// Ratios are taken round by round, warm-ups do not count, a derived work is a difference, what a side lacks is left
// out.
func TestCompare(t *testing.T) {
	ours := &clock{t: t, lacking: errUnknown, times: map[string][]float64{"long": {100, 1, 2, 3}, "short": {100, 0.4, 0.5, 0.6}}}
	theirs := &clock{
		t:       t,
		lacking: refusal("KeyError: 'work'"),
		times: map[string][]float64{
			"long":          {0, 2, 6, 6},
			"short":         {0, 1.4, 3, 0.6},
			"long_compiled": {0, 1, 1, 3},
			"lacking":       {1},
		},
	}
	works := []work{
		{name: "long", n: 2, goals: map[string]float64{"other": 2, "fast": 2}},
		{name: "short", n: 1},
		{name: "lacking", n: 1},
		{name: "step", longer: "long", shorter: "short", times: 2},
		{name: "step of nothing", longer: "long", shorter: "lacking", times: 2},
	}
	anchors := []anchor{{"other", ""}, {"fast", "_compiled"}, {"none", "_none"}}
	var notes bytes.Buffer
	results, err := compare(t.Context(), works, ours, theirs, anchors, 3, &notes)
	if err != nil || len(results) != 3 {
		t.Fatalf("%v, %v", results, err)
	}
	long, step := results[0], results[2]
	if !near(long.Seconds, 2) || !near(long.CPU, 4) || long.Rounds != 3 || len(long.Others) != 2 {
		t.Fatalf("%+v", long)
	}
	if o := long.Others[0]; o.Name != "other" || !near(o.Seconds, 6) || !near(o.CPU, 12) || !near(o.Ratio, 2) ||
		!near(o.Low, 2) || !near(o.High, 3) || !near(o.CPURatio, 2) || o.Goal != 2 {
		t.Errorf("%+v", o)
	}
	if o := long.Others[1]; o.Name != "fast" || !near(o.Ratio, 1) {
		t.Errorf("%+v", o)
	}
	// (1−0.4)/2, (2−0.5)/2, (3−0.6)/2 against (2−1.4)/2, (6−3)/2, (6−0.6)/2
	if o := step.Others; step.Name != "step" || !near(step.Seconds, 0.75) || len(o) != 1 || !near(o[0].Ratio, 2) ||
		!near(o[0].Low, 1) || !near(o[0].High, 2.25) {
		t.Errorf("%+v", step)
	}
	if !strings.Contains(notes.String(), "lacking is left out") {
		t.Errorf("notes: %s", notes.String())
	}
	// The goal is shown if it is missed.
	if text := table(results, anchors); !strings.Contains(text, " 2.00 (2.00…3.00)  ") ||
		!strings.Contains(text, "1.00 (0.50…1.00) of 2.0") || !strings.Contains(text, "than none") {
		t.Errorf("table:\n%s", text)
	}
}

func TestCompareEndsWithContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	side := &clock{t: t, times: map[string][]float64{"long": {1, 1}}}
	if _, err := compare(
		ctx,
		[]work{{name: "long", n: 1}},
		side,
		side,
		anchorsOn("cpu"),
		1,
		new(bytes.Buffer),
	); !errors.Is(
		err,
		context.Canceled,
	) {
		t.Errorf("%v", err)
	}
}

// Derived works add the works that they are derived from.
func TestOnly(t *testing.T) {
	if got := strings.Join(names(only(works(), "search")), " "); got != "smoothmix_step smoothmix_step_t1 search_step" {
		t.Error(got)
	}
	if len(only(works(), "nothing")) != 0 || len(only(works(), "")) != len(works()) {
		t.Error("an empty text chooses all, another one what has it")
	}
}

// The other side's process: its answers, its errors, and its end.
func TestTorchProcess(t *testing.T) {
	python := filepath.Join(t.TempDir(), "python")
	script := `#!/bin/sh
while read line; do
	case "$line" in
	*facts*) echo '{"facts": "PyTorch 0"}' ;;
	*smoothadv*) echo '{"worst": 0.01}' ;;
	*check*) echo '{"worst": 1e-7}' ;;
	*export*) echo '{}' ;;
	*logits*openvino*) echo '{"worst": 0.5}' ;;
	*logits*onnxruntime*) echo '{"error": "ModuleNotFoundError: onnxruntime"}' ;;
	*logits*) echo '{"worst": 1e-6}' ;;
	*long*) echo '{"seconds": 1.5, "cpu_seconds": 3}' ;;
	*leave*) exit 3 ;;
	*) echo '{"error": "KeyError: other"}' ;;
	esac
done
`
	if err := os.WriteFile(python, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	p, err := startTorch(t.Context(), python, "cpu", new(bytes.Buffer))
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	if facts, err := p.facts(t.Context()); facts != "PyTorch 0" || err != nil {
		t.Errorf("%q, %v", facts, err)
	}
	if err := p.check(
		t.Context(),
		"golden",
		new(bytes.Buffer),
	); err == nil ||
		!strings.Contains(err.Error(), "smoothadv loss differs from the golden tensors by 0.01") {
		t.Errorf("%v", err)
	}
	var notes bytes.Buffer
	if err := p.checkEngines(t.Context(), works(), anchorsOn("cpu")[1:], &notes); err == nil ||
		!strings.Contains(err.Error(), "votes_lenet: the logits of OpenVINO differ from PyTorch's by 0.5") {
		t.Errorf("%v", err)
	}
	for _, part := range []string{"torch.compile are within 1e-06", "ONNX Runtime does not work here: ModuleNotFoundError"} {
		if !strings.Contains(notes.String(), part) {
			t.Errorf("%q lacks %q", notes.String(), part)
		}
	}
	if err := p.export(t.Context(), "votes_cnn", "cnn.onnx"); err != nil {
		t.Error(err)
	}
	if took, err := p.run(t.Context(), "long", 1); took != (cost{1500 * time.Millisecond, 3 * time.Second}) || err != nil {
		t.Errorf("%v, %v", took, err)
	}
	if _, err := p.run(t.Context(), "other", 1); err == nil || err.Error() != "KeyError: other" {
		t.Errorf("%v", err)
	}
	if _, err := p.run(t.Context(), "leave", 1); err == nil || !strings.Contains(err.Error(), "has ended") {
		t.Errorf("%v", err)
	}
	if _, err := startTorch(
		t.Context(),
		filepath.Join(t.TempDir(), "none"),
		"cpu",
		nil,
	); err == nil ||
		!strings.Contains(err.Error(), "cannot start") {
		t.Errorf("%v", err)
	}
}
