package engine

import (
	"fmt"
	"math"

	"smoothlab/internal/humanize"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// MemoryError is the error of a program that takes more memory than the machine has. It was not compiled.
type MemoryError struct {
	Program    string
	Need, Have float64 // bytes
}

func (e *MemoryError) Error() string {
	return fmt.Sprintf(
		"it takes about %s of memory, more than the %s of this machine",
		humanize.Gigabytes(e.Need), humanize.Gigabytes(e.Have))
}

// SpareMemory is the part of the memory that a program may take by its estimate where a smaller value is recommended:
// XLA took 1.1 times the estimate for a training step of LeNet and 2.4 times for one of ResNet-20.
const SpareMemory = 1. / 3

// compileBytes is roughly what XLA's compiler takes for one operation of a graph: LeNet's training step took 5 MB more
// for each step of its search, which has 490 operations.
const compileBytes = 10e3

// Memory estimates the bytes that the program takes for inputs of these shapes on one device: inputs, outputs, the
// largest sum of what is kept between two of its operations, and the compiler's own. It builds the graph, which takes
// milliseconds, and compiles nothing. XLA takes somewhat more, since the estimate leaves out what it may fuse.
func (p *Program) Memory(of ...shapes.Shape) (bytes float64, err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case error:
			err = fmt.Errorf("%s: %w", p.name, r)
		default:
			err = fmt.Errorf("%s: %v", p.name, r)
		}
	}()
	g := graph.NewGraph(p.engine.backend, p.name)
	defer g.Finalize()
	var inputs []*graph.Node
	for i, s := range of {
		inputs = append(inputs, graph.Parameter(g, fmt.Sprintf("input %d", i), s))
	}
	return peak(g, p.build(p, inputs)), nil
}

// MemoryLimit returns the bytes of memory that a program may take; 0 if that is unknown, as on an accelerator.
func (e *Engine) MemoryLimit() float64 { return e.memory }

// checkMemory panics with a *MemoryError if the graph that a build function made takes more than the machine has.
func (p *Program) checkMemory(outputs []*graph.Node) {
	have := p.engine.memory
	if have == 0 || len(outputs) == 0 {
		return
	}
	if need := peak(outputs[0].Graph(), outputs); need > have {
		panic(&MemoryError{Program: p.name, Need: need, Have: have})
	}
}

// peak returns the largest number of bytes that the values of a graph take at one time: inputs and outputs take theirs
// all the time, others from the operation that makes them to the last one that uses them. Values that XLA can fuse into
// their users take none. What the compiler takes is added.
func peak(g *graph.Graph, outputs []*graph.Node) float64 {
	nodes := g.Nodes()
	stored := storedNodes(nodes)
	needed := make([]bool, len(nodes)) // XLA drops what no output depends on
	for _, out := range outputs {
		needed[out.Id()] = true
	}
	last := make([]int, len(nodes)) // the last operation that needs the value
	for i := len(nodes) - 1; i >= 0; i-- {
		if !needed[i] {
			stored[i] = false
			continue
		}
		until := i
		if !stored[i] {
			until = max(until, last[i]) // it is computed where it is used
		}
		for _, in := range nodes[i].Inputs() {
			needed[in.Id()] = true
			last[in.Id()] = max(last[in.Id()], until)
		}
	}
	always := 0.0
	for _, out := range outputs {
		always += size(out)
		stored[out.Id()] = false // counted
	}
	freed := make([]float64, len(nodes)+1)
	now, most := 0.0, 0.0
	for i, n := range nodes {
		switch {
		case n.Type() == graph.NodeTypeParameter:
			always += size(n)
		case stored[i]:
			now += size(n)
			freed[max(last[i], i)] += size(n)
		}
		most = math.Max(most, now)
		now -= freed[i]
	}
	return always + most + compileBytes*float64(len(nodes))
}

// storedNodes reports for each node of a graph whether its value is stored: operations that XLA does not fuse, and what
// they read.
func storedNodes(nodes []*graph.Node) []bool {
	stored := make([]bool, len(nodes))
	for i, n := range nodes {
		switch n.Type() {
		case graph.NodeTypeConvGeneral, graph.NodeTypeDotGeneral, graph.NodeTypeSelectAndScatterMax,
			graph.NodeTypeSelectAndScatterMin, graph.NodeTypeScatterSum, graph.NodeTypeSort, graph.NodeTypeFFT:
			stored[i] = true
			for _, in := range n.Inputs() {
				for in.Type() == graph.NodeTypeReshape { // the same bytes
					in = in.Inputs()[0]
				}
				stored[in.Id()] = stored[in.Id()] || !isConstant(in)
			}
		case graph.NodeTypeReduceWindow, graph.NodeTypeReduceSum, graph.NodeTypeReduceMax, graph.NodeTypeReduceMin,
			graph.NodeTypeRNGBitGenerator, graph.NodeTypeGather:
			stored[i] = true
		}
	}
	return stored
}

// isConstant reports whether a node has no inputs and takes no memory worth counting.
func isConstant(n *graph.Node) bool {
	return n.Type() == graph.NodeTypeConstant || n.Type() == graph.NodeTypeIota || n.Type() == graph.NodeTypeParameter
}

// size returns the bytes of a node's value.
func size(n *graph.Node) float64 {
	if n.NumOutputs() != 1 {
		return 0 // what is split off counts
	}
	s := n.Shape()
	bytes := float64(s.DType.Size())
	for _, d := range s.Dimensions {
		bytes *= float64(d)
	}
	return bytes
}
