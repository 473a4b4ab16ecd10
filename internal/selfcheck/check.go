package selfcheck

import (
	"context"
	"fmt"
	"math"
	"time"

	"smoothlab/engine"
)

// Tolerance is how far a result may be from the right one: ‖difference‖/‖right‖ in L2, for each array. Other summation
// orders move gradients of float32 by 1e-6, and by 1e-3 where a rectifier's input is within rounding of 0; the fault
// that this package looks for moves them by more than 0.5.
const Tolerance = 0.02

// Options are the options of [Check].
type Options struct {
	// Duration is the time for repeated runs; compiling and the first run come before. Each variant is repeated at
	// least once.
	Duration time.Duration
	// Loops is the number of busy loops that compete for the processor.
	Loops int
	// Progress reports the case that is about to run. It may be nil.
	Progress func(string)
}

// Check computes each variant of each case once, as the product does, and then repeats them in turns, under load and
// with all inputs at the addresses of the previous inputs. A result that differs from the reference,
// or from the first result where there is none, is wrong. If ctx ends,
// it returns the report so far and ctx's error. No other call of the engine may be in progress.
func Check(ctx context.Context, e *engine.Engine, cases []Case, o Options) (Report, error) {
	say := o.Progress
	if say == nil {
		say = func(string) {}
	}
	tallies := make([][Variants]tally, len(cases))
	one := func(i, variant int) error {
		result, err := cases[i].run(ctx, e, variant)
		if err != nil {
			return fmt.Errorf("%s: %w", cases[i].Name, err)
		}
		tallies[i][variant].add(result)
		return nil
	}
	for i, c := range cases {
		say("the first time: " + c.Name)
		for variant := range Variants {
			if c.reference != nil {
				right, err := c.reference(ctx, variant)
				if err != nil {
					return report(cases, tallies), fmt.Errorf("%s: %w", c.Name, err)
				}
				tallies[i][variant].kinds = []kind{{first: right}}
			}
			if err := one(i, variant); err != nil {
				return report(cases, tallies), err
			}
		}
	}
	if err := e.KeepAddresses(true); err != nil {
		return report(cases, tallies), err
	}
	defer func() { _ = e.KeepAddresses(false) }() // only keeping them can fail
	stop := busy(o.Loops)
	defer stop()
	begin := time.Now()
	for round := 0; round < 1 || time.Since(begin) < o.Duration; round++ {
		for i, c := range cases {
			if round > 0 && time.Since(begin) >= o.Duration {
				break
			}
			say(fmt.Sprintf("round %d: %s", round+1, c.Name))
			for range c.Repeat {
				for variant := range Variants {
					if err := one(i, variant); err != nil {
						return report(cases, tallies), err
					}
				}
				if round > 0 && time.Since(begin) >= o.Duration {
					break
				}
			}
		}
	}
	return report(cases, tallies), nil
}

// tally counts the results of one variant by kind.
type tally struct{ kinds []kind }

// kind is a group of results within [Tolerance] of the first of them.
type kind struct {
	first   [][]float32 // the reference's result, or that of the first run
	run     [][]float32 // the first run's result; nil before it
	runs    int
	changed int     // runs that differ from run, if only in a last bit
	largest float64 // largest difference from first
}

func (t *tally) add(result [][]float32) {
	for i := range t.kinds {
		k := &t.kinds[i]
		if d := difference(result, k.first); d <= Tolerance {
			k.runs++
			if k.run == nil {
				k.run = result
			}
			if !equal(result, k.run) {
				k.changed++
			}
			k.largest = max(k.largest, d)
			return
		}
	}
	t.kinds = append(t.kinds, kind{first: result, run: result, runs: 1})
}

// difference returns the largest ‖a−b‖/‖b‖ of two results' arrays; infinite where one is not finite or of another
// length.
func difference(a, b [][]float32) float64 {
	if len(a) != len(b) {
		return math.Inf(1)
	}
	largest := 0.0
	for i := range a {
		if len(a[i]) != len(b[i]) {
			return math.Inf(1)
		}
		apart, size := 0.0, 0.0
		for k := range a[i] {
			x, y := float64(a[i][k]), float64(b[i][k])
			apart += (x - y) * (x - y)
			size += y * y
		}
		d := math.Sqrt(apart / size)
		switch {
		case apart == 0:
			continue
		case math.IsNaN(d):
			d = math.Inf(1)
		}
		largest = max(largest, d)
	}
	return largest
}

// equal reports whether two results have the same bits.
func equal(a, b [][]float32) bool {
	for i := range a {
		for k := range a[i] {
			if math.Float32bits(a[i][k]) != math.Float32bits(b[i][k]) {
				return false
			}
		}
	}
	return true
}
