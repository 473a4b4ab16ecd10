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

// clock is a side that takes the times it is told, a unit, round after round.
type clock struct {
	t     *testing.T
	times map[string][]float64 // seconds; the first one is of the warm-up
	at    map[string]int
}

func (c *clock) run(ctx context.Context, name string, n int) (time.Duration, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	times, known := c.times[name]
	if !known {
		return 0, errUnknown
	}
	if c.at == nil {
		c.at = map[string]int{}
	}
	s := times[c.at[name]]
	c.at[name]++
	return time.Duration(s * float64(n) * float64(time.Second)), nil
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-6 }

// Ratios are taken round by round, warm-ups do not count, a derived work is a difference, what a side lacks is left
// out.
func TestCompare(t *testing.T) {
	ours := &clock{t: t, times: map[string][]float64{"long": {100, 1, 2, 3}, "short": {100, 0.4, 0.5, 0.6}}}
	theirs := &clock{
		t: t,
		times: map[string][]float64{
			"long":          {0, 2, 6, 6},
			"short":         {0, 1.4, 3, 0.6},
			"long_compiled": {0, 1, 1, 3},
			"lacking":       {1},
		},
	}
	works := []work{
		{name: "long", n: 2, goal: 2},
		{name: "short", n: 1},
		{name: "lacking", n: 1},
		{name: "step", longer: "long", shorter: "short", times: 2},
		{name: "step of nothing", longer: "long", shorter: "lacking", times: 2},
	}
	var notes bytes.Buffer
	results, err := compare(t.Context(), works, ours, theirs, 3, &notes)
	if err != nil || len(results) != 3 {
		t.Fatalf("%v, %v", results, err)
	}
	long, step := results[0], results[2]
	if !near(long.Ours, 2) || !near(long.Theirs, 6) || !near(long.Ratio, 2) || !near(long.Low, 2) ||
		!near(long.High, 3) ||
		!near(long.Compiled, 1) ||
		long.Rounds != 3 {
		t.Errorf("%+v", long)
	}
	// (1−0.4)/2, (2−0.5)/2, (3−0.6)/2 against (2−1.4)/2, (6−3)/2, (6−0.6)/2
	if step.Name != "step" || !near(step.Ours, 0.75) || !near(step.Ratio, 2) || !near(step.Low, 1) ||
		!near(step.High, 2.25) {
		t.Errorf("%+v", step)
	}
	if !strings.Contains(notes.String(), "lacking is left out") {
		t.Errorf("notes: %s", notes.String())
	}
	if text := table(results); !strings.Contains(text, "2.00 … 3.00") || !strings.Contains(text, "2.0") {
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
		1,
		new(bytes.Buffer),
	); !errors.Is(
		err,
		context.Canceled,
	) {
		t.Errorf("%v", err)
	}
}

// Derived works bring those that they are derived from.
func TestOnly(t *testing.T) {
	if got := strings.Join(names(only(works(), "search")), " "); got != "smoothmix_step smoothmix_step_t1 search_step" {
		t.Error(got)
	}
	if len(only(works(), "nothing")) != 0 || len(only(works(), "")) != len(works()) {
		t.Error("an empty text chooses all, another one what has it")
	}
}

// The other side's process: what it answers, what it fails at, and that it is gone.
func TestTorchProcess(t *testing.T) {
	python := filepath.Join(t.TempDir(), "python")
	script := `#!/bin/sh
while read line; do
	case "$line" in
	*facts*) echo '{"facts": "PyTorch 0"}' ;;
	*smoothadv*) echo '{"worst": 0.01}' ;;
	*check*) echo '{"worst": 1e-7}' ;;
	*long*) echo '{"seconds": 1.5}' ;;
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
	if took, err := p.run(t.Context(), "long", 1); took != 1500*time.Millisecond || err != nil {
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
