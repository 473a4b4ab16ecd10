package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// side runs n units of a work and returns the time they took.
type side interface {
	run(ctx context.Context, name string, n int) (cost, error)
}

// result is the outcome of a comparison; times are medians, in seconds per unit.
type result struct {
	Name    string  `json:"name"`
	Unit    string  `json:"unit"`
	Seconds float64 `json:"seconds"`
	CPU     float64 `json:"cpu_seconds"`
	Share   float64 `json:"share,omitempty"` // fraction of the rate of one large matrix product that is reached; 0 if the operations of the work are not counted
	Rounds  int     `json:"rounds"`
	Others  []other `json:"others"`
}

// other is the outcome of one anchor for the same work.
type other struct {
	Name     string  `json:"name"`
	Seconds  float64 `json:"seconds"`
	CPU      float64 `json:"cpu_seconds"`
	Ratio    float64 `json:"ratio"` // its time divided by ours, the median over rounds
	Low      float64 `json:"low"`   // the smallest and the largest ratio of a round
	High     float64 `json:"high"`
	CPURatio float64 `json:"cpu_ratio"` // its processor time divided by ours, the median over rounds
	Goal     float64 `json:"goal,omitempty"`
}

// times holds the rounds of one work, ours and those of the anchors that have it, by their names.
type times struct {
	ours   []perUnit
	others map[string][]perUnit
}

// compare times all works on all sides, alternating. A work that smoothlab does not have is left out, with a note; so
// is an anchor that does not have a work.
func compare(
	ctx context.Context, works []work, ours, theirs side, anchors []anchor, rounds int, notes io.Writer,
) ([]result, error) {
	all := map[string]*times{}
	var results []result
	for _, w := range works {
		var t *times
		if w.longer != "" {
			if t = difference(all[w.longer], all[w.shorter], w.times); t == nil {
				continue
			}
		} else {
			t = &times{others: map[string][]perUnit{}}
			err := t.measure(ctx, w, ours, theirs, anchors, rounds, notes)
			if errors.Is(err, errUnknown) {
				fmt.Fprintf(notes, "%s is left out: smoothlab does not have it\n", w.name)
				continue
			}
			if err != nil {
				return results, fmt.Errorf("%s: %w", w.name, err)
			}
		}
		all[w.name] = t
		r := t.result(w, anchors)
		fmt.Fprintln(notes, r)
		results = append(results, r)
	}
	return results, nil
}

// measure times the rounds of a work, after a first unit on each side that compiles and warms up.
func (t *times) measure(
	ctx context.Context, w work, ours, theirs side, anchors []anchor, rounds int, notes io.Writer,
) error {
	working := slices.Clone(anchors)
	for round := range rounds + 1 {
		n := w.n
		if round == 0 {
			n = 1
		}
		c, err := ours.run(ctx, w.name, n)
		if err != nil {
			return err
		}
		if round > 0 {
			t.ours = append(t.ours, c.per(n))
		}
		for _, a := range slices.Clone(working) {
			c, err := theirs.run(ctx, w.name+a.suffix, n)
			var refused refusal
			if errors.As(err, &refused) {
				if !strings.Contains(err.Error(), "KeyError") { // it has no such work
					fmt.Fprintf(notes, "%s: %s does not work here: %v\n", w.name, a.name, err)
				}
				working = slices.DeleteFunc(working, func(b anchor) bool { return a == b })
				delete(t.others, a.name)
				continue
			}
			if err != nil {
				return fmt.Errorf("%s: %w", a.name, err)
			}
			if round > 0 {
				t.others[a.name] = append(t.others[a.name], c.per(n))
			}
		}
	}
	return nil
}

// difference returns how much longer one work takes than another, divided; nil if one of them is missing.
func difference(longer, shorter *times, by float64) *times {
	if longer == nil || shorter == nil {
		return nil
	}
	d := &times{ours: differences(longer.ours, shorter.ours, by), others: map[string][]perUnit{}}
	for name, of := range longer.others {
		if less := shorter.others[name]; less != nil {
			d.others[name] = differences(of, less, by)
		}
	}
	return d
}

func differences(longer, shorter []perUnit, by float64) []perUnit {
	all := make([]perUnit, len(longer))
	for i := range all {
		all[i] = perUnit{(longer[i].wall - shorter[i].wall) / by, (longer[i].cpu - shorter[i].cpu) / by}
	}
	return all
}

func (t *times) result(w work, anchors []anchor) result {
	r := result{
		Name:    w.name,
		Unit:    w.unit,
		Seconds: median(walls(t.ours)),
		CPU:     median(cpus(t.ours)),
		Rounds:  len(t.ours),
	}
	for _, a := range anchors {
		their := t.others[a.name]
		if len(their) == 0 {
			continue
		}
		ratios := quotients(walls(their), walls(t.ours))
		r.Others = append(r.Others, other{
			Name:     a.name,
			Seconds:  median(walls(their)),
			CPU:      median(cpus(their)),
			Ratio:    median(ratios),
			Low:      slices.Min(ratios),
			High:     slices.Max(ratios),
			CPURatio: median(quotients(cpus(their), cpus(t.ours))),
			Goal:     w.goals[a.name],
		})
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
