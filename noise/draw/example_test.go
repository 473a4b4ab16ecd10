package draw_test

import (
	"context"
	"fmt"

	"smoothlab/engine"
	"smoothlab/noise"
	"smoothlab/noise/draw"

	. "github.com/gomlx/gomlx/core/graph"
)

// Noisy copies 0 and 2 of image 7, as votes for a bound draw them: a copy depends on its number and not on the others.
func ExampleNormal() {
	ctx := context.Background()
	e, err := engine.Open(ctx, engine.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer e.Close()
	normals, err := e.Program("normals of an image", func(_ *engine.Program, in []*Node) []*Node {
		src := draw.Source{Key: in[0], Purpose: draw.For(in[0].Graph(), noise.Bound), Item: in[1]}
		return []*Node{draw.Normal(src, in[2], 4)} // [copies] → [copies, 4]
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, copies := range [][]uint32{{0, 2}, {2}} {
		out, err := normals.Call(ctx, draw.Key(1), uint32(7), copies)
		if err != nil {
			fmt.Println(err)
			return
		}
		z, err := engine.Read[float32](e, out[0])
		fmt.Printf("%+.2f %v\n", z, err)
		if err := engine.Free(out...); err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// [-2.29 +0.83 -1.82 +0.83 -1.35 -0.28 -0.33 -0.32] <nil>
	// [-1.35 -0.28 -0.33 -0.32] <nil>
}
