package zoo_test

import (
	"fmt"

	"smoothlab/zoo"
)

// A classifier of the paper's table with its weights, and what its card says about it.
func ExamplePretrained() {
	c, card, err := zoo.Pretrained("mnist", "gaussian", 0.5)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.Arch.Name, "·", card.Method, "·", card.Training)
	fmt.Printf("ACR %.3f on %s\n", card.Certified.ACR, card.Every)
	// Output:
	// lenet · gaussian(sigma=0.5) · 40 epochs, lr 0.03 by cosine after 2 of warm-up, batches of 256
	// ACR 1.379 on images 0, 20, … of mnist test: 10,000 images, 28×28×1 in [0,1], 10 classes
}
