package smoothing_test

import (
	"fmt"

	"smoothlab/smoothing"
)

func ExampleGaussian() {
	noise := smoothing.Gaussian{Sigma: 0.5}
	fmt.Printf("p of 0.99: %s radius %.3f\n", noise.Norm(), noise.Radius(0.99))
	fmt.Printf("radius 1: p of %.4f\n", noise.Probability(1))
	// Output:
	// p of 0.99: L2 radius 1.163
	// radius 1: p of 0.9772
}

func ExampleFind() {
	noise, err := smoothing.Find("gaussian", map[string]float64{"sigma": 0.25})
	fmt.Println(smoothing.Describe(noise), err)
	// Output: sigma 0.25 <nil>
}
