package train

import (
	"fmt"
	"math"

	"smoothlab/internal/suggest"
)

// Schedule is one schedule of the learning rate.
type Schedule struct {
	Name, Help string
	Annealed   bool // lr_period and gamma are not used
	// rate returns the learning rate of an update, counted from 0, where an epoch has perEpoch updates.
	rate func(s Settings, update, perEpoch int) float64
}

// Names of the schedules.
const (
	Steps     = "steps"
	MultiStep = "multistep"
	Cosine    = "cosine"
	OneCycle  = "one-cycle"
	Table     = "table"
)

// Schedules lists the learning-rate schedules.
func Schedules() []Schedule {
	return []Schedule{
		{
			Steps,
			"the authors': lr times gamma every lr_period epochs, one epoch late",
			false,
			lateStepRate,
		},
		{
			MultiStep,
			"lr times gamma every lr_period epochs, on time (PyTorch's StepLR)",
			false,
			stepRate,
		},
		{
			Cosine,
			"lr falls to 0 along half a cosine, update by update (Loshchilov and Hutter 2017)",
			true,
			cosineRate,
		},
		{OneCycle, "lr/25 rises to lr during lr_warmup epochs (30% of all if that is 0), then falls to lr/250000 " +
			"(Smith 2018; PyTorch's OneCycleLR)", true, oneCycleRate},
		{Table, "a rate for each epoch: train(…, lr=lambda epoch: …) sets it", true, tableRate},
	}
}

// FindSchedule returns the schedule of that name; an empty name means steps. The error names the nearest one.
func FindSchedule(name string) (Schedule, error) {
	if name == "" {
		name = Steps
	}
	return suggest.Find("schedule", name, Schedules(), func(s Schedule) string { return s.Name })
}

// Rate returns the learning rate of an update, counted from 0, where an epoch has perEpoch updates.
func (s Settings) Rate(update, perEpoch int) float64 {
	schedule, err := FindSchedule(s.Schedule)
	if err != nil { // Check refuses it
		return math.NaN()
	}
	return schedule.rate(s, update, perEpoch)
}

// lateStepRate drops one epoch late, as in the authors' runs: their scheduler receives the number of the epoch that has
// just ended (docs/algorithms.md §2, Q1).
func lateStepRate(s Settings, update, perEpoch int) float64 {
	return droppedRate(s, update, perEpoch, max(0, update/perEpoch-1))
}

// stepRate drops on time.
func stepRate(s Settings, update, perEpoch int) float64 {
	return droppedRate(s, update, perEpoch, update/perEpoch)
}

// droppedRate returns the rate of an update after a number of epochs that count for the drops.
func droppedRate(s Settings, update, perEpoch, epochs int) float64 {
	drops := math.Floor(float64(epochs)/s.LRPeriod + 1e-9)
	return s.LR * (linearRise(s, update, perEpoch) * math.Pow(s.Gamma, drops))
}

// linearRise returns the warm-up factor: the fraction (update+1) of the updates in LRWarmup epochs, at most 1.
func linearRise(s Settings, update, perEpoch int) float64 {
	return math.Min(1, float64(update+1)/math.Max(1, s.LRWarmup*float64(perEpoch)))
}

// cosineRate rises linearly for LRWarmup epochs, then falls to 0 at the end of the last epoch.
func cosineRate(s Settings, update, perEpoch int) float64 {
	warm := s.LRWarmup * float64(perEpoch)
	done := math.Max(0, float64(update)-warm) / (float64(s.Epochs*perEpoch) - warm)
	return s.LR * (linearRise(s, update, perEpoch) * halfCosine(1, 0, done))
}

// oneCycleRate computes torch.optim.lr_scheduler.OneCycleLR with its defaults. The momentum stays constant.
func oneCycleRate(s Settings, update, perEpoch int) float64 {
	const first, last = 1. / 25, 1. / 25 / 1e4
	rising := 0.3 * float64(s.Epochs)
	if s.LRWarmup > 0 {
		rising = s.LRWarmup
	}
	end, at := float64(s.Epochs*perEpoch)-1, float64(update)
	top := math.Max(0, rising*float64(perEpoch)-1)
	if at < top {
		return s.LR * halfCosine(first, 1, at/top)
	}
	return s.LR * halfCosine(1, last, (at-top)/math.Max(1, end-top))
}

// halfCosine goes from one value to the other as done goes from 0 to 1.
func halfCosine(from, to, done float64) float64 {
	return to + (from-to)*(1+math.Cos(math.Pi*done))/2
}

// rateText describes the development of the rate, such as "lr 0.01 times 0.1 every 30" or "lr 0.03 by cosine after 0.8
// of warm-up".
func (s Settings) rateText() string {
	text := fmt.Sprintf("lr %g times %g every %g", s.LR, s.Gamma, s.LRPeriod)
	if schedule, err := FindSchedule(s.Schedule); err == nil && schedule.Annealed {
		text = fmt.Sprintf("lr %g by %s", s.LR, s.Schedule)
	}
	switch s.Schedule {
	case MultiStep:
		text += " on time"
	case Table:
		text = "lr " + s.ratesText()
	}
	if s.LRWarmup > 0 {
		text += fmt.Sprintf(" after %.4g of warm-up", s.LRWarmup)
	}
	return text
}

// checkRate returns an error that describes an invalid schedule or warm-up, or nil.
func (s Settings) checkRate() error {
	schedule, err := FindSchedule(s.Schedule)
	switch {
	case err != nil:
		return err
	case !schedule.Annealed && !positive(s.LRPeriod):
		return fmt.Errorf("lr_period must be greater than 0 epochs, and finite, got %g", s.LRPeriod)
	case !schedule.Annealed && !positive(s.Gamma):
		return fmt.Errorf("gamma must be greater than 0, and finite, got %g", s.Gamma)
	case s.LRWarmup != 0 && !positive(s.LRWarmup):
		return fmt.Errorf("lr_warmup must be at least 0 epochs, and finite, got %g", s.LRWarmup)
	case s.LRWarmup >= float64(s.Epochs):
		return fmt.Errorf("lr_warmup must be less than the %d epochs of the training, got %g", s.Epochs, s.LRWarmup)
	}
	return s.checkRates(schedule.Name)
}

// Annealed changes a recipe to a number of epochs: the rate rises to PeakLR during the first twentieth of them and
// falls to 0 along a cosine. The method keeps its settings, except those counted in epochs, which are scaled too.
func (r Recipe) Annealed(epochs int) Recipe {
	r = r.Scaled(epochs)
	r.Settings.Schedule, r.Settings.LR, r.Settings.LRWarmup = Cosine, r.PeakLR, float64(epochs)/20
	r.Settings.Rates = nil
	return r
}
