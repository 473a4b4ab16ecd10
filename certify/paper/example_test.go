package paper_test

import (
	"fmt"

	"smoothlab/certify/paper"
)

func ExampleFind() {
	results, err := paper.Find("mnist", "gaussian", 0.5, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	r := results[0]
	fmt.Printf("%d runs, ACR %.4f ± %.4f at N=%d\n", len(r.Runs), r.ACR, r.SD, paper.N)
	// Output: 5 runs, ACR 1.5581 ± 0.0017 at N=100000
}
