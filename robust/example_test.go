package robust_test

import (
	"context"
	"fmt"

	"smoothlab/dataset"
	"smoothlab/engine"
	"smoothlab/robust"
	"smoothlab/zoo"
)

// Attack three images.
func ExampleAttack() {
	ctx := context.Background()
	e, err := engine.Open(ctx, engine.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer e.Close()
	d, err := dataset.Open(ctx, "mnist-mini", "test", dataset.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	if d, err = d.Slice(0, 3, 1); err != nil {
		fmt.Println(err)
		return
	}
	c, _, err := zoo.Pretrained("mnist", "gaussian", 0.5)
	if err != nil {
		fmt.Println(err)
		return
	}
	job := robust.Job{Engine: e, Classifier: c, Data: d, Sigma: c.Facts.Sigma, Seed: 1}
	found, err := robust.Attack(
		ctx,
		job,
		robust.AttackSettings{Eps: []float64{0.25, 8}, Steps: 5, Draws: 8, N: 1000, Alpha: 0.001},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, eps := range []float64{0.25, 8} {
		robust := 0
		for _, x := range found {
			if x.Predicted(i) == int(d.Labels[x.Pos]) {
				robust++
			}
		}
		fmt.Printf("%d of %d robust within %g\n", robust, len(found), eps)
	}
	// Output:
	// 3 of 3 robust within 0.25
	// 0 of 3 robust within 8
}
