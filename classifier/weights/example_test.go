package weights_test

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"smoothlab/classifier/weights"
)

// Read the weights that torch.save has written.
func ExampleRead() {
	file, err := weights.Read(context.Background(), "testdata/state.pt")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(file.Format)
	for _, set := range file.Sets {
		for _, name := range slices.Sorted(maps.Keys(set.Tensors)) {
			t := set.Tensors[name]
			fmt.Println(name, t.Type, t.Dims)
		}
	}
	// Output:
	// PyTorch
	// brain bfloat16 [2]
	// count int64 []
	// double float64 []
	// half float16 [4]
	// module.1.fc.weight float32 [2 3]
	// module.1.tail float32 [2]
	// module.1.turned float32 [3 2]
}
