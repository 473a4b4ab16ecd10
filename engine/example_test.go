package engine_test

import (
	"context"
	"fmt"

	"smoothlab/engine"

	. "github.com/gomlx/gomlx/core/graph"
)

// A graph is compiled once for each shape of its inputs, and called with values of Go.
func ExampleEngine_Program() {
	ctx := context.Background()
	e, err := engine.Open(ctx, engine.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer e.Close()
	softmax, err := e.Program("softmax", func(_ *engine.Program, in []*Node) []*Node {
		return []*Node{Softmax(in[0])} // [K] logits → [K] probabilities
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, logits := range [][]float32{{0, 0}, {1, 3}, {0, 0, 0, 0}} {
		out, err := softmax.Call(ctx, logits)
		if err != nil {
			fmt.Println(err)
			return
		}
		p, err := engine.Read[float32](e, out[0])
		fmt.Printf("%.3f %v\n", p, err)
		if err := engine.Free(out...); err != nil {
			fmt.Println(err)
		}
	}
	compiled, calls := e.Counts()
	fmt.Println(compiled, "graphs,", calls, "calls")
	// Output:
	// [0.500 0.500] <nil>
	// [0.119 0.881] <nil>
	// [0.250 0.250 0.250 0.250] <nil>
	// 2 graphs, 3 calls
}
