package stepgraph

import (
	"math"

	. "github.com/gomlx/gomlx/core/graph"
)

// Rule is an optimizer: how it updates one parameter.
type Rule struct {
	Name, Help string
	// Buffers names the numbers that the rule keeps of each trained parameter, in its shape. All are 0 before the first
	// step. Checkpoints keep them under these names.
	Buffers []string

	numbers func(o Optimizer) []number // besides lr and weight_decay
	update  func(s map[string]*Node, w, g *Node, buffers []*Node) (newW *Node, newBuffers []*Node)
}

func updateSGD(s map[string]*Node, w, g *Node, buffers []*Node) (*Node, []*Node) {
	newW, v := SGD(w, buffers[0], g, s["lr"], s["momentum"], s["weight_decay"])
	return newW, []*Node{v}
}

// SGD computes one update of torch.optim.SGD with momentum and coupled weight decay, no dampening, no Nesterov:
// g ← g + decay·w; v ← momentum·v + g; w ← w − lr·v. The buffer v starts at zero, which is PyTorch's first step too.
// w, v, g have one shape; lr, momentum, decay are scalar nodes.
func SGD(w, v, g, lr, momentum, decay *Node) (newW, newV *Node) {
	newV = Add(Mul(momentum, v), Add(g, Mul(decay, w)))
	return Sub(w, Mul(lr, newV)), newV
}

// adamNumbers returns the decay rates of both moments, their complements, and the corrections of step t = update + 1:
// 1 − beta1ᵗ and 1 − beta2ᵗ.
func adamNumbers(o Optimizer) []number {
	t := float64(o.Update + 1)
	return []number{
		{"beta1", o.Beta1}, {"rest1", 1 - o.Beta1}, {"correction1", 1 - math.Pow(o.Beta1, t)},
		{"beta2", o.Beta2}, {"rest2", 1 - o.Beta2}, {"correction2", 1 - math.Pow(o.Beta2, t)},
		{"epsilon", o.Epsilon},
	}
}

// updateAdam adds the weight decay to the gradient: g ← g + decay·w, then Adam's step.
func updateAdam(s map[string]*Node, w, g *Node, buffers []*Node) (*Node, []*Node) {
	step, moments := adamStep(s, Add(g, Mul(s["weight_decay"], w)), buffers)
	return Sub(w, Mul(s["lr"], step)), moments
}

// updateAdamW takes the weight decay off the weights: w ← w − lr·(step + decay·w).
func updateAdamW(s map[string]*Node, w, g *Node, buffers []*Node) (*Node, []*Node) {
	step, moments := adamStep(s, g, buffers)
	return Sub(w, Mul(s["lr"], Add(step, Mul(s["weight_decay"], w)))), moments
}

// adamStep computes the direction of Kingma and Ba 2015, algorithm 1: m ← beta1·m + (1−beta1)·g; v ← beta2·v +
// (1−beta2)·g²; m/correction1 / (√(v/correction2) + epsilon). All have the shape of a parameter.
func adamStep(s map[string]*Node, g *Node, buffers []*Node) (step *Node, moments []*Node) {
	m := Add(Mul(s["beta1"], buffers[0]), Mul(s["rest1"], g))
	v := Add(Mul(s["beta2"], buffers[1]), Mul(s["rest2"], Square(g)))
	step = Div(Div(m, s["correction1"]), Add(Sqrt(Div(v, s["correction2"])), s["epsilon"]))
	return step, []*Node{m, v}
}

// Clipped scales gradients so that their norm over all parameters is at most the scalar most: g·min(1, most/‖g‖). A
// gradient that is not finite stays so.
func Clipped(grads []*Node, most *Node) []*Node {
	var squares *Node
	for _, g := range grads {
		s := ReduceAllSum(Square(g))
		if squares == nil {
			squares = s
		} else {
			squares = Add(squares, s)
		}
	}
	norm := Sqrt(squares)
	factor := Where(GreaterThan(norm, most), Div(most, norm), OnesLike(norm))
	var clipped []*Node
	for _, g := range grads {
		clipped = append(clipped, Mul(factor, g))
	}
	return clipped
}
