package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// side runs works: n units of one work, and returns the time it took.
type side interface {
	run(ctx context.Context, name string, n int) (time.Duration, error)
}

// result is the outcome of a comparison; times are medians, in seconds per unit.
type result struct {
	Name     string  `json:"name"`
	Unit     string  `json:"unit"`
	Ours     float64 `json:"ours"`
	Theirs   float64 `json:"theirs"`
	Ratio    float64 `json:"ratio"` // theirs/ours, the median over rounds
	Low      float64 `json:"low"`   // the smallest and the largest ratio of a round
	High     float64 `json:"high"`
	Compiled float64 `json:"compiled,omitempty"` // torch.compile's time divided by ours, the median; 0 if not measured
	Goal     float64 `json:"goal,omitempty"`
	Share    float64 `json:"share,omitempty"` // fraction of the rate of one large matrix product that ours reaches; 0 if the operations of the work are not counted
	Rounds   int     `json:"rounds"`
}

// times holds the rounds of one work.
type times struct{ ours, theirs, compiled []float64 }

// compare times all works on both sides, alternating. A work that one side does not have is left out, with a note.
func compare(ctx context.Context, works []work, ours, theirs side, rounds int, notes io.Writer) ([]result, error) {
	all := map[string]*times{}
	var results []result
	for _, w := range works {
		t := &times{}
		if w.longer != "" {
			if t = difference(all[w.longer], all[w.shorter], w.times); t == nil {
				continue
			}
		} else if err := t.measure(ctx, w, ours, theirs, rounds, notes); errors.Is(err, errUnknown) {
			fmt.Fprintf(notes, "%s is left out: smoothlab does not have it\n", w.name)
			continue
		} else if err != nil {
			return results, fmt.Errorf("%s: %w", w.name, err)
		}
		all[w.name] = t
		r := t.result(w)
		fmt.Fprintf(notes, "%s: %.2f times (%.2f … %.2f)\n", r.Name, r.Ratio, r.Low, r.High)
		results = append(results, r)
	}
	return results, nil
}

// measure times the rounds of a work, after a first unit on each side that compiles and warms up.
func (t *times) measure(ctx context.Context, w work, ours, theirs side, rounds int, notes io.Writer) error {
	compiled := true
	for round := range rounds + 1 {
		n := w.n
		if round == 0 {
			n = 1
		}
		a, err := ours.run(ctx, w.name, n)
		if err != nil {
			return err
		}
		b, err := theirs.run(ctx, w.name, n)
		if err != nil {
			return fmt.Errorf("PyTorch: %w", err)
		}
		var c time.Duration
		if compiled {
			if c, err = theirs.run(ctx, w.name+compiledSuffix, n); err != nil {
				if ctx.Err() != nil {
					return ctx.Err()
				}
				compiled = false
				if !strings.Contains(err.Error(), "KeyError") { // it has no such work
					fmt.Fprintf(notes, "%s: torch.compile does not work here: %v\n", w.name, err)
				}
			}
		}
		if round == 0 {
			continue
		}
		t.ours, t.theirs = append(t.ours, a.Seconds()/float64(n)), append(t.theirs, b.Seconds()/float64(n))
		if compiled {
			t.compiled = append(t.compiled, c.Seconds()/float64(n))
		}
	}
	return nil
}

// difference returns how much longer one work takes than another, divided; nil if one of them is missing.
func difference(longer, shorter *times, by float64) *times {
	if longer == nil || shorter == nil {
		return nil
	}
	d := &times{}
	for i := range longer.ours {
		d.ours = append(d.ours, (longer.ours[i]-shorter.ours[i])/by)
		d.theirs = append(d.theirs, (longer.theirs[i]-shorter.theirs[i])/by)
	}
	return d
}

func (t *times) result(w work) result {
	ratios := quotients(t.theirs, t.ours)
	r := result{
		Name:   w.name,
		Unit:   w.unit,
		Ours:   median(t.ours),
		Theirs: median(t.theirs),
		Ratio:  median(ratios),
		Low:    slices.Min(ratios),
		High:   slices.Max(ratios),
		Goal:   w.goal,
		Rounds: len(ratios),
	}
	if len(t.compiled) > 0 {
		r.Compiled = median(quotients(t.compiled, t.ours))
	}
	return r
}

func quotients(a, b []float64) []float64 {
	q := make([]float64, len(a))
	for i := range a {
		q[i] = a[i] / b[i]
	}
	return q
}

func median(x []float64) float64 {
	x = slices.Sorted(slices.Values(x))
	n := len(x)
	return (x[(n-1)/2] + x[n/2]) / 2
}

// table formats the results for the terminal.
func table(results []result) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(
		w,
		"work\tsmoothlab, ms\tPyTorch, ms\ttimes faster\tspread\tthan torch.compile\tgoal\tof the product's rate\t",
	)
	for _, r := range results {
		compiled, goal, share := "–", "–", "–"
		if r.Compiled > 0 {
			compiled = fmt.Sprintf("%.2f", r.Compiled)
		}
		if r.Goal > 0 {
			goal = fmt.Sprintf("%.1f", r.Goal)
		}
		if r.Share > 0 {
			share = fmt.Sprintf("%.0f%%", 100*r.Share)
		}
		fmt.Fprintf(
			w,
			"%s\t%.1f\t%.1f\t%.2f\t%.2f … %.2f\t%s\t%s\t%s\t\n",
			r.Name,
			1000*r.Ours,
			1000*r.Theirs,
			r.Ratio,
			r.Low,
			r.High,
			compiled,
			goal,
			share,
		)
	}
	w.Flush()
	return b.String()
}
