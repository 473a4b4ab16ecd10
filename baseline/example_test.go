package baseline_test

import (
	"fmt"

	"smoothlab/baseline"
	"smoothlab/method"
)

// The settings of a method are its exported fields, with the authors' defaults.
func ExampleNewMACER() {
	m := baseline.NewMACER()
	fmt.Println(method.Describe(m))
	m.M = 1
	fmt.Println(method.Check(m))
	// Output:
	// macer(sigma=0.5, m=16, lbd=16, beta=16, margin=8, defer=30)
	// macer: m must be at least 2, got 1: a single noise sample cannot estimate a radius
}
