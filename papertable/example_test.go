package papertable_test

import (
	"fmt"

	"smoothlab/papertable"
)

// The classifiers of a table, in the order in which they are made, and what one of them is trained with.
func ExamplePlan_Tasks() {
	plan, err := papertable.DefaultPlan("mnist")
	if err != nil {
		fmt.Println(err)
		return
	}
	tasks, err := plan.Tasks()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(tasks), "classifiers, from", tasks[0], "to", tasks[len(tasks)-1])
	_, err = papertable.FindRow(plan.Rows, "smothmix")
	fmt.Println(err)
	// Output:
	// 30 classifiers, from gaussian at sigma 0.5, seed 1 to smoothadv+consistency at sigma 1, seed 1
	// unknown row "smothmix": did you mean "smoothmix"? known: gaussian, stability, consistency, smoothmix, macer, smoothadv, smoothmix-eta1, smoothmix-onestep, smoothmix-eta1-onestep, smoothadv+consistency
}
