package stepgraph

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"smoothlab/classifier"
	"smoothlab/engine"
	"smoothlab/internal/testengine"

	. "github.com/gomlx/gomlx/core/graph"
)

// tolOptimizer bounds the relative difference between weights after some steps in float32 and those of optax and
// PyTorch in float64: 8 steps of a few roundings of 6e-8 each, of values of size 1.
const tolOptimizer = 2e-6

// optimizerCase is a case in testdata/optimizers: the weights after each step, and their averages.
type optimizerCase struct {
	Optimizer       string
	LR              float64
	WeightDecay     float64 `json:"weight_decay"`
	Momentum        float64
	Beta1, Beta2    float64
	Epsilon         float64
	Clip, EMA       float64
	After, Averages [][][]float32
}

// Every optimizer, the bound on the gradient and the average of weights give the numbers of optax and of torch.optim,
// step by step.
func TestOptimizers(t *testing.T) {
	for _, of := range []string{"optax", "torch"} {
		t.Run(of, func(t *testing.T) { compareOptimizers(t, of) })
	}
}

func compareOptimizers(t *testing.T, of string) {
	data, err := os.ReadFile("testdata/optimizers/" + of + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Start     [][]float32
		Gradients [][][]float32
		Cases     []optimizerCase
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for i, c := range file.Cases {
		rule, err := FindRule(c.Optimizer)
		if err != nil {
			t.Fatal(err)
		}
		seen[rule.Name] = true
		o := Optimizer{Rule: rule, LR: c.LR, WeightDecay: c.WeightDecay, Momentum: c.Momentum, Beta1: c.Beta1,
			Beta2: c.Beta2, Epsilon: c.Epsilon, Clip: c.Clip, EMA: c.EMA}
		l := newOptimizerLab(t, o, fmt.Sprintf("optimizer %d of %s", i, of), file.Start)
		for step, g := range file.Gradients {
			l.step(step, g)
			what := fmt.Sprintf("case %d, %s, step %d", i, c.Optimizer, step)
			near(t, what, l.weights, c.After[step])
			if c.EMA > 0 {
				near(t, what+", average", l.averages, c.Averages[step])
			}
		}
	}
	for _, r := range Rules() {
		if !seen[r.Name] {
			t.Errorf("the numbers of %s have no case of %s", of, r.Name)
		}
	}
}

// optimizerLab takes optimizer steps on a few numbers.
type optimizerLab struct {
	t                          *testing.T
	o                          Optimizer
	program                    *engine.Program
	weights, buffers, averages [][]float32
}

func newOptimizerLab(t *testing.T, o Optimizer, name string, start [][]float32) *optimizerLab {
	n, per := len(start), len(o.Rule.Buffers)
	p, err := testengine.Open(t).Program(name, func(_ *engine.Program, in []*Node) []*Node {
		w, g, b, a := in[:n], in[n:2*n], in[2*n:2*n+n*per], in[2*n+n*per:3*n+n*per]
		s := SplitScalars(in[len(in)-1], o.names())
		if o.Clip > 0 {
			g = Clipped(g, s["clip"])
		}
		var weights, buffers, averages []*Node
		for i := range n {
			next, own := o.Rule.update(s, w[i], g[i], b[i*per:(i+1)*per])
			weights, buffers = append(weights, next), append(buffers, own...)
			if o.EMA > 0 {
				averages = append(averages, averaged(classifier.Trained, a[i], next, s["share"]))
			}
		}
		return append(append(weights, buffers...), averages...)
	})
	if err != nil {
		t.Fatal(err)
	}
	l := &optimizerLab{t: t, o: o, program: p, weights: start, averages: start}
	for _, w := range start {
		for range per {
			l.buffers = append(l.buffers, make([]float32, len(w)))
		}
	}
	return l
}

func (l *optimizerLab) step(update int, gradients [][]float32) {
	l.t.Helper()
	l.o.Update = update
	var args []any
	for _, list := range [][][]float32{l.weights, gradients, l.buffers, l.averages} {
		for _, v := range list {
			args = append(args, v)
		}
	}
	out, err := l.program.Call(l.t.Context(), append(args, l.o.Inputs())...)
	if err != nil {
		l.t.Fatal(err)
	}
	values, err := TakeAll(testengine.Open(l.t), out)
	if err != nil {
		l.t.Fatal(err)
	}
	n, b := len(l.weights), len(l.buffers)
	l.weights, l.buffers = values[:n], values[n:n+b]
	if l.o.EMA > 0 {
		l.averages = values[n+b:]
	}
}

func near(t *testing.T, what string, got, want [][]float32) {
	t.Helper()
	for i := range want {
		for k, w := range want[i] {
			d := math.Abs(float64(got[i][k]) - float64(w))
			if !(d <= tolOptimizer*math.Max(1, math.Abs(float64(w)))) {
				t.Fatalf("%s: weight %d of %d is %g, want %g", what, k, i, got[i][k], w)
			}
		}
	}
}

// A plain step keeps the name from before there were other optimizers; every option that is compiled in changes the
// name.
func TestOptimizerKeys(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range Rules() {
		for _, clip := range []float64{0, 1} {
			for _, ema := range []float64{0, 0.9} {
				key := Optimizer{Rule: r, Clip: clip, EMA: ema}.Key()
				if seen[key] || (key == "") != (r.Name == SGDName && clip == 0 && ema == 0) {
					t.Errorf("%s, clip %g, ema %g: key %q", r.Name, clip, ema, key)
				}
				seen[key] = true
			}
		}
	}
	if _, err := FindRule("adamv"); err == nil || !strings.Contains(err.Error(), `did you mean "adam`) {
		t.Error(err)
	}
}
