package sweep_test

import (
	"fmt"

	"smoothlab/certify"
	"smoothlab/sweep"
)

// The cells that the second of two machines makes.
func ExamplePart() {
	cells := []string{"sigma=0.25", "sigma=0.5", "sigma=1", "sigma=2"}
	mine, err := sweep.Part(cells, certify.Shard{Number: 2, Of: 2}, "cell")
	fmt.Println(mine, err)
	// Output: [sigma=0.5 sigma=2] <nil>
}
