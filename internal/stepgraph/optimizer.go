package stepgraph

import (
	"math"
	"slices"
	"strings"

	"smoothlab/internal/suggest"
)

// Optimizer holds the numbers of one optimizer step. Its rule, and whether Clip and EMA are 0, are compiled in.
type Optimizer struct {
	Rule            Rule
	LR, WeightDecay float64
	Momentum        float64 // of rules that have one
	Beta1, Beta2    float64 // of the Adam rules
	Epsilon         float64 // of the Adam rules
	Clip            float64 // largest global norm of the gradient; 0 for no bound
	EMA             float64 // decay of the average of the weights; 0 for no average
	Update          int     // number of steps taken before
}

// Key names what is compiled into a step; it is empty for plain stochastic gradient descent.
func (o Optimizer) Key() string {
	var parts []string
	if o.Rule.Name != SGDName {
		parts = append(parts, o.Rule.Name)
	}
	if o.Clip > 0 {
		parts = append(parts, "clip")
	}
	if o.EMA > 0 {
		parts = append(parts, "ema")
	}
	if parts == nil {
		return ""
	}
	return " by " + strings.Join(parts, " ")
}

// number is an input of a compiled step that the optimizer sets.
type number struct {
	name  string
	value float64
}

// Inputs returns the numbers of a step in the order in which the compiled step takes them. They are computed in
// float64, so that 1 − beta2 does not lose its digits.
func (o Optimizer) Inputs() []float32 {
	var v []float32
	for _, n := range o.numbers() {
		v = append(v, float32(n.value))
	}
	return v
}

// names returns the names of Inputs.
func (o Optimizer) names() []string {
	var names []string
	for _, n := range o.numbers() {
		names = append(names, n.name)
	}
	return names
}

func (o Optimizer) numbers() []number {
	list := slices.Concat([]number{{"lr", o.LR}, {"weight_decay", o.WeightDecay}}, o.Rule.numbers(o))
	if o.Clip > 0 {
		list = append(list, number{"clip", o.Clip})
	}
	if o.EMA > 0 {
		list = append(list, number{"share", averageShare(o.EMA, o.Update)})
	}
	return list
}

// averageShare returns the share of the newest weights in their average: (1−d)/(1−dᵗ) after step t. It is 1 for the
// first step, so that the weights before training have no part in the average.
func averageShare(decay float64, update int) float64 {
	return (1 - decay) / (1 - math.Pow(decay, float64(update+1)))
}

// Rules lists the optimizers. To add one: an update of a parameter in rule.go, a line here, and its buffers in package
// classifier.
func Rules() []Rule {
	return []Rule{
		{
			Name:    SGDName,
			Help:    "stochastic gradient descent with momentum and coupled weight decay, the authors' (torch.optim.SGD)",
			Buffers: []string{"momentum"},
			numbers: func(o Optimizer) []number { return []number{{"momentum", o.Momentum}} },
			update:  updateSGD,
		},
		{
			Name: "adam",
			Help: "Adam, with weight decay added to the gradient (Kingma and Ba 2015; torch.optim.Adam); " +
				"takes a much smaller lr than sgd",
			Buffers: []string{"exp_avg", "exp_avg_sq"},
			numbers: adamNumbers,
			update:  updateAdam,
		},
		{
			Name: "adamw",
			Help: "Adam, with weight decay taken off the weights (Loshchilov and Hutter 2019; torch.optim.AdamW); " +
				"takes a much smaller lr than sgd",
			Buffers: []string{"exp_avg", "exp_avg_sq"},
			numbers: adamNumbers,
			update:  updateAdamW,
		},
	}
}

// SGDName is the name of the default optimizer.
const SGDName = "sgd"

// FindRule returns the optimizer of that name; an empty name means sgd. Its error suggests the nearest one.
func FindRule(name string) (Rule, error) {
	if name == "" {
		name = SGDName
	}
	return suggest.Find("optimizer", name, Rules(), func(r Rule) string { return r.Name })
}
