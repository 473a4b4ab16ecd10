package train

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strings"
)

// WithRates returns the settings with a learning rate for each epoch, which the function gives. The rates become a
// table in the settings, and with them in checkpoints, so that a run resumes without the function. LRWarmup applies.
func (s Settings) WithRates(rate func(epoch int) float64) Settings {
	s.Schedule, s.Rates = Table, nil
	for epoch := range s.Epochs {
		s.Rates = append(s.Rates, rate(epoch))
	}
	if s.Rates != nil {
		s.LR = slices.Max(s.Rates)
	}
	return s
}

// tableRate returns the epoch's rate.
func tableRate(s Settings, update, perEpoch int) float64 {
	epoch := update / perEpoch
	if epoch >= len(s.Rates) { // checkRates refuses it
		return math.NaN()
	}
	return linearRise(s, update, perEpoch) * s.Rates[epoch]
}

// checkRates returns an error that describes a table that does not belong to the schedule, or does not fit, or nil.
func (s Settings) checkRates(schedule string) error {
	switch {
	case schedule != Table && s.Rates == nil:
		return nil
	case schedule != Table:
		return fmt.Errorf("the schedule %q has no rates of its own for the epochs, and %d are given", schedule, len(s.Rates))
	case len(s.Rates) == 0:
		return fmt.Errorf("the schedule %q needs a rate for each epoch: lr=lambda epoch: …", Table)
	case len(s.Rates) != s.Epochs:
		return fmt.Errorf("there are learning rates for %d epochs, and the training has %d", len(s.Rates), s.Epochs)
	}
	for epoch, rate := range s.Rates {
		if rate != 0 && !positive(rate) {
			return fmt.Errorf("the learning rate of epoch %d must be at least 0, and finite, got %g", epoch, rate)
		}
	}
	if top := slices.Max(s.Rates); s.LR != top {
		return fmt.Errorf("lr must be the largest rate of the epochs, %g, got %g", top, s.LR)
	}
	return nil
}

// stretched returns a table of rates for another number of epochs: each takes the rate of the epoch at its place.
func stretched(rates []float64, epochs int) []float64 {
	if rates == nil {
		return nil
	}
	list := make([]float64, epochs)
	for epoch := range list {
		list[epoch] = rates[epoch*len(rates)/epochs]
	}
	return list
}

// maxRuns is the number of runs of equal rates that a text lists.
const maxRuns = 4

// ratesText describes the table, such as "0.1 for 50 epochs, 0.01 for 50". Long ones are cut and end in a digest, so
// that different tables have different texts.
func (s Settings) ratesText() string {
	var parts []string
	for from := 0; from < len(s.Rates); {
		to := from
		for to < len(s.Rates) && s.Rates[to] == s.Rates[from] {
			to++
		}
		parts = append(parts, fmt.Sprintf("%g for %d", s.Rates[from], to-from))
		from = to
	}
	if len(parts) > maxRuns {
		sum := sha256.Sum256([]byte(strings.Join(parts, " ")))
		parts = append(parts[:maxRuns], fmt.Sprintf("… (%d rates, %s)", len(s.Rates), hex.EncodeToString(sum[:4])))
	}
	return strings.Join(parts, ", ")
}
