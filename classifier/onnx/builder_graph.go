package onnx

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"

	. "github.com/gomlx/gomlx/core/graph"
)

// builder makes graph nodes from a plan: one for each value that the logits need.
type builder struct {
	images  *Node // [N, H, W, C]
	weights map[string]*Node
	train   bool
	nodes   map[*value]*Node
	moved   map[string]*Node // running statistics after the pass
}

// node returns a value as a graph node, and asserts that it has the planned shape.
func (b *builder) node(v *value) *Node {
	if n, ok := b.nodes[v]; ok {
		return n
	}
	var n *Node
	if v.host != nil {
		n = constantNode(b.images.Graph(), v.host)
	} else {
		n = v.build(b)
	}
	n.AssertDims(v.dims...)
	b.nodes[v] = n
	return n
}

// constantNode returns an array as a constant of a graph.
func constantNode(g *Graph, a *array) *Node {
	if a.kind == truth {
		v := make([]bool, len(a.v))
		for i, x := range a.v {
			v[i] = x != 0
		}
		return Reshape(Const(g, v), a.dims...)
	}
	v := make([]float32, len(a.v))
	for i, x := range a.v {
		v[i] = float32(x)
	}
	return Reshape(Const(g, v), a.dims...)
}

// weight returns the node of one of the network's weights.
func (b *builder) weight(name string) *Node {
	n, ok := b.weights[name]
	if !ok {
		panic(fmt.Errorf("the network's weight %s is not given", name))
	}
	return n
}

// set replaces a running statistic. A statistic that two batch norms share is updated twice, as in PyTorch.
func (b *builder) set(name string, n *Node) {
	if before, ok := b.moved[name]; ok {
		n = Add(before, Sub(n, b.weights[name]))
	}
	b.moved[name] = n
}

// toFile brings images [N, H, W, C] into the shape of the file's input, [N, C, H, W] or [N, C·H·W].
func toFile(x *Node, in Shape, dims []int) *Node {
	x.AssertDims(-1, in.Height, in.Width, in.Channels)
	if in.Channels > 1 {
		x = TransposeAllDims(x, 0, 3, 1, 2)
	}
	return Reshape(x, dims...)
}

// Logits builds the network on images [N, H, W, C], noise already added, and gives its output [N, Classes]. w holds
// the weights by name, of the dimensions in Params. With train set, batch norms use the batch's statistics, and w's
// running ones are replaced by those that the pass leaves.
func (n *Network) Logits(w map[string]*Node, images *Node, train bool) *Node {
	p, err := newPlan(n, images.Shape().Dimensions[0], false)
	if err != nil {
		panic(err)
	}
	b := &builder{images: images, weights: w, train: train, nodes: map[*value]*Node{}, moved: map[string]*Node{}}
	if images.DType() != dtypes.Float32 {
		panic(fmt.Errorf("images are %s, not float32", images.DType()))
	}
	logits := b.node(p.output)
	logits.AssertDims(images.Shape().Dimensions[0], n.Classes)
	for name, v := range b.moved {
		w[name] = v
	}
	return logits
}
