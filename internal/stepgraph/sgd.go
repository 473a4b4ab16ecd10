package stepgraph

import . "github.com/gomlx/gomlx/core/graph"

// SGD computes one update of torch.optim.SGD with momentum and coupled weight decay, no dampening, no Nesterov:
// g ← g + decay·w; v ← momentum·v + g; w ← w − lr·v. The buffer v starts at zero, which is PyTorch's first step too.
// w, v, g have one shape; lr, momentum, decay are scalar nodes.
func SGD(w, v, g, lr, momentum, decay *Node) (newW, newV *Node) {
	newV = Add(Mul(momentum, v), Add(g, Mul(decay, w)))
	return Sub(w, Mul(lr, newV)), newV
}
