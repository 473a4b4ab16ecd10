package session

import (
	"fmt"

	"smoothlab/language"
	"smoothlab/language/bounded"
	"smoothlab/train"

	"go.starlark.net/starlark"
)

func trainDefaults() trainArgs {
	d := train.DefaultSettings()
	return trainArgs{
		Devices: 1, Epochs: d.Epochs, Batch: d.Batch, Split: d.Split, Schedule: d.Schedule,
		LR: starlark.Float(d.LR), LRPeriod: d.LRPeriod, Gamma: d.Gamma, Optimizer: train.Optimizers()[0].Name,
		Momentum: d.Momentum, Betas: []float64{d.Beta1, d.Beta2}, Epsilon: d.Epsilon,
		WeightDecay: d.WeightDecay, Seed: d.Seed}
}

// settings returns the settings of the call, and those of a recipe for arguments that the call leaves out.
func (a *trainArgs) settings(c *language.Call, recipe *train.Settings) (train.Settings, error) {
	s := train.DefaultSettings()
	if recipe != nil {
		s = *recipe
	}
	s.Seed = a.Seed
	for _, set := range []struct {
		name string
		from func()
	}{
		{"epochs", func() { s.Epochs = a.Epochs }},
		{"batch", func() { s.Batch = a.Batch }},
		{"split", func() { s.Split = a.Split }},
		{"schedule", func() { s.Schedule, s.Rates = a.Schedule, nil }},
		{"lr_warmup", func() { s.LRWarmup = a.LRWarmup }},
		{"lr_period", func() { s.LRPeriod = a.LRPeriod }},
		{"gamma", func() { s.Gamma = a.Gamma }},
		{"weight_decay", func() { s.WeightDecay = a.WeightDecay }},
		{"clip", func() { s.Clip = *a.Clip }},
		{"ema", func() { s.EMA = *a.EMA }},
		{"augment", func() { s.Augment = a.Augment }},
	} {
		if a.Given[set.name] {
			set.from()
		}
	}
	o := optimizerArgs{a.Optimizer, a.Momentum, a.Betas, a.Epsilon}
	if err := o.set(&s, a.Given); err != nil {
		return s, err
	}
	return a.withRate(c, s)
}

// maxTable is the maximum number of epochs whose rates a function gives: every checkpoint holds them.
const maxTable = 100_000

// withRate sets the learning rate: a number, or a function of the epoch, which is called for every epoch.
func (a *trainArgs) withRate(c *language.Call, s train.Settings) (train.Settings, error) {
	fn, isFunction := a.LR.(starlark.Callable)
	switch {
	case !isFunction && !a.Given["lr"]:
		return s, nil
	case !isFunction:
		rate, err := asNumber("lr", a.LR)
		if err != nil {
			return s, fmt.Errorf("train: lr must be a number, or a function of the epoch, got %s", bounded.InError(a.LR))
		}
		s.LR = rate
		return s, nil
	case s.Epochs > maxTable:
		return s, fmt.Errorf("lr can be a function of at most %d epochs, got %d", maxTable, s.Epochs)
	case a.Given["schedule"]:
		return s, fmt.Errorf("lr is a function of the epoch, and schedule is %q: leave one of them out", a.Schedule)
	}
	var failed error
	rate := func(epoch int) float64 {
		if failed == nil {
			failed = c.Ctx.Err()
		}
		if failed != nil {
			return 0
		}
		v, err := c.Invoke(fn, []starlark.Value{starlark.MakeInt(epoch)}, nil)
		if err != nil {
			failed = err
			return 0
		}
		x, err := asNumber("lr", v)
		if err != nil {
			failed = fmt.Errorf("lr: the rate of epoch %d must be a number, got %s", epoch, bounded.InError(v))
		}
		return x
	}
	s = s.WithRates(rate)
	return s, failed
}

// optimizerArgs are the arguments that choose an optimizer, of train() and of a walk's update().
type optimizerArgs struct {
	name     string
	momentum float64
	betas    []float64
	epsilon  float64
}

// set sets those that are given. An argument of another optimizer than the one in use is refused.
func (o optimizerArgs) set(s *train.Settings, given language.Given) error {
	if given["optimizer"] {
		s.Optimizer = o.name
	}
	rule, err := train.FindOptimizer(s.Optimizer)
	switch {
	case err != nil:
		return err
	case given["momentum"] && rule.Adaptive:
		return fmt.Errorf("%s has no momentum: pass betas=(%g, %g)", rule.Name, s.Beta1, s.Beta2)
	case given["betas"] && !rule.Adaptive:
		return fmt.Errorf("%s has no betas: pass momentum=, or optimizer=\"adamw\"", rule.Name)
	case given["epsilon"] && !rule.Adaptive:
		return fmt.Errorf("%s has no epsilon, which belongs to adam and adamw", rule.Name)
	case given["betas"] && len(o.betas) != 2:
		return fmt.Errorf("betas must be two numbers, such as (%g, %g), got %d", s.Beta1, s.Beta2, len(o.betas))
	}
	if given["momentum"] {
		s.Momentum = o.momentum
	}
	if given["betas"] {
		s.Beta1, s.Beta2 = o.betas[0], o.betas[1]
	}
	if given["epsilon"] {
		s.Epsilon = o.epsilon
	}
	return nil
}
