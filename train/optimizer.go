package train

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"smoothlab/classifier"
	"smoothlab/internal/stepgraph"
)

// Optimizer is one optimizer of the list.
type Optimizer struct {
	Name, Help string
	Adaptive   bool // has Beta1, Beta2 and Epsilon; others have Momentum
}

// Optimizers lists the optimizers.
func Optimizers() []Optimizer {
	var list []Optimizer
	for _, r := range stepgraph.Rules() {
		list = append(list, Optimizer{r.Name, r.Help, !slices.Contains(r.Buffers, "momentum")})
	}
	return list
}

// FindOptimizer returns the optimizer of that name; an empty name means sgd. The error names the nearest one.
func FindOptimizer(name string) (Optimizer, error) {
	r, err := stepgraph.FindRule(name)
	if err != nil {
		return Optimizer{}, err
	}
	all := Optimizers()
	return all[slices.IndexFunc(all, func(o Optimizer) bool { return o.Name == r.Name })], nil
}

// step returns the optimizer's numbers of a step.
func (s Settings) step(rule stepgraph.Rule, rate float64, update int) stepgraph.Optimizer {
	return stepgraph.Optimizer{Rule: rule, LR: rate, WeightDecay: s.WeightDecay, Momentum: s.Momentum,
		Beta1: s.Beta1, Beta2: s.Beta2, Epsilon: s.Epsilon, Clip: s.Clip, EMA: s.EMA, Update: update}
}

// FirstStep returns the optimizer's numbers of update 0 with the rate LR, for a walk. There is no average: after one
// step it is the weights themselves.
func (s Settings) FirstStep() (stepgraph.Optimizer, error) {
	rule, err := stepgraph.FindRule(s.Optimizer)
	s.EMA = 0
	return s.step(rule, s.LR, 0), err
}

// CheckOptimizer checks the settings that a single optimizer step needs: lr, the optimizer's numbers, clip and ema.
func (s Settings) CheckOptimizer() error {
	o, err := FindOptimizer(s.Optimizer)
	switch {
	case err != nil:
		return err
	case !positive(s.LR):
		return fmt.Errorf("lr must be greater than 0, and finite, got %g", s.LR)
	case !(s.Momentum >= 0 && s.Momentum < 1):
		return fmt.Errorf("momentum must be at least 0 and below 1, got %g", s.Momentum)
	case s.WeightDecay != 0 && !positive(s.WeightDecay):
		return fmt.Errorf("weight_decay must be at least 0, and finite, got %g", s.WeightDecay)
	case o.Adaptive && !(fraction(s.Beta1) && fraction(s.Beta2)):
		return fmt.Errorf("betas must be at least 0 and below 1, got %g and %g", s.Beta1, s.Beta2)
	case o.Adaptive && !positive(s.Epsilon):
		return fmt.Errorf("epsilon must be greater than 0, and finite, got %g", s.Epsilon)
	case s.Clip != 0 && !positive(s.Clip):
		return fmt.Errorf("clip must be greater than 0, and finite, or 0 for no bound, got %g", s.Clip)
	case !fraction(s.EMA):
		return fmt.Errorf("ema must be at least 0 and below 1, where 0 means no average, got %g", s.EMA)
	}
	return nil
}

// checkBuffers returns an error that names what the optimizer needs and a checkpoint has not, or nil.
func (s Settings) checkBuffers(ck *classifier.Checkpoint) error {
	rule, err := stepgraph.FindRule(s.Optimizer)
	if err != nil {
		return err
	}
	for _, name := range rule.Buffers {
		if ck.Buffers[name] == nil {
			return fmt.Errorf("it has no buffers %s.… of %s: name another file, or remove that one", name, rule.Name)
		}
	}
	if s.EMA > 0 && ck.Current == nil {
		return errors.New("it has an average of weights without the weights: name another file, or remove that one")
	}
	return nil
}

// fraction reports whether v is in [0, 1).
func fraction(v float64) bool { return v >= 0 && v < 1 }

// identifyOptimizer adds the settings of the optimizer that a run depends on.
func (s Settings) identifyOptimizer(add func(name string, v any)) {
	o, err := FindOptimizer(s.Optimizer)
	if err != nil { // Check refuses it
		return
	}
	add("optimizer", o.Name)
	if o.Adaptive {
		add("beta1", s.Beta1)
		add("beta2", s.Beta2)
		add("epsilon", s.Epsilon)
	} else {
		add("momentum", s.Momentum)
	}
	add("weight_decay", s.WeightDecay)
	add("clip", s.Clip)
	add("ema", s.EMA)
}

// OptimizerText describes what differs from plain sgd, such as "adamw, gradients up to 1, average with decay 0.999"; it
// is empty if nothing does.
func (s Settings) OptimizerText() string {
	var parts []string
	if o, err := FindOptimizer(s.Optimizer); err == nil && o.Name != stepgraph.SGDName {
		parts = append(parts, o.Name)
	}
	if s.Clip > 0 {
		parts = append(parts, fmt.Sprintf("gradients up to %g", s.Clip))
	}
	if s.EMA > 0 {
		parts = append(parts, s.averageText())
	}
	return strings.Join(parts, ", ")
}

// averageText describes the weights of a run with an average.
func (s Settings) averageText() string { return fmt.Sprintf("average with decay %g", s.EMA) }
