package stepgraph

import (
	"smoothlab/method"

	. "github.com/gomlx/gomlx/core/graph"
)

// ScalarNames returns the names of the scalar inputs of a compiled step, in their order: the method's, and the warm-up.
func ScalarNames(m method.Method) []string {
	var names []string
	for _, f := range method.Fields(m) {
		if !f.Compiled && !(f.Switch && f.Value == 0) {
			names = append(names, f.Name)
		}
	}
	return append(names, "warm")
}

// ScalarInputs returns the scalar inputs of a step, which may change at any time, in ScalarNames' order.
func ScalarInputs(m method.Method, warm float64) []float32 {
	value := map[string]float64{"warm": warm}
	for _, f := range method.Fields(m) {
		value[f.Name] = f.Value
	}
	var v []float32
	for _, name := range ScalarNames(m) {
		v = append(v, float32(value[name]))
	}
	return v
}

// SplitScalars returns the numbers of a scalars input by name: [S] → S scalars.
func SplitScalars(v *Node, names []string) map[string]*Node {
	v.AssertDims(len(names))
	s := map[string]*Node{}
	for i, n := range names {
		s[n] = Reshape(Slice(v, AxisRange(i, i+1)))
	}
	return s
}
