package quickstart_test

import (
	"fmt"

	"smoothlab/quickstart"
)

// A plan is everything that is fixed before the comparison starts; Run runs it in a directory.
func ExampleFindPlan() {
	plan, err := quickstart.FindPlan("minute")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s: %s at sigma %g, N=%d\n", plan.Name, plan.Data, plan.Sigma, plan.Votes.N)
	plan.Sigma = -1
	fmt.Println(plan.Check())
	// Output:
	// minute: mnist-mini at sigma 1, N=500
	// sigma, the standard deviation of the noise in pixel units of [0,1], must be above 0 (0.25, 0.5 and 1 are usual); got -1
}
