package vjp_test

import (
	"context"
	"fmt"

	"smoothlab/classifier/vjp"
	"smoothlab/engine"

	. "github.com/gomlx/gomlx/core/graph"
)

// A sign function with the gradient of the identity, as in straight-through estimators.
func ExampleWith() {
	ctx := context.Background()
	e, err := engine.Open(ctx, engine.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer e.Close()
	sign, err := e.Program("straight-through sign", func(_ *engine.Program, in []*Node) []*Node {
		x := in[0]
		y := vjp.With(Sign(x), []*Node{x}, func(v *Node) *Node { return v })
		return []*Node{y, Gradient(ReduceAllSum(MulScalar(y, 3)), x)[0]}
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	out, err := sign.Call(ctx, []float32{-0.5, 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, t := range out {
		values, err := engine.Read[float32](e, t)
		fmt.Println(values, err)
	}
	// Output:
	// [-1 1] <nil>
	// [3 3] <nil>
}
