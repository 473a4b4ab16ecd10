package smoothmix_test

import (
	"fmt"

	"smoothlab/method"
	"smoothlab/smoothmix"
)

// The settings with the authors' defaults, each with its help: train's and walk's arguments are made from them.
func ExampleNew() {
	for _, f := range method.Fields(smoothmix.New())[:4] {
		fmt.Printf("%s = %g: %s\n", f.Name, f.Value, f.Help)
	}
	// Output:
	// sigma = 0.5: standard deviation of the noise, in [0,1] pixel units
	// m = 4: noise samples per image; each batch is split into m optimizer steps
	// steps = 4: T, steps of the adversarial search
	// alpha = 1: length of a search step, L2, in pixel units
}
