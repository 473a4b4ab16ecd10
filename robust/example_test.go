package robust_test

import (
	"context"
	"fmt"

	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/engine"
	"smoothlab/robust"
)

// Attack a hundred images. (Not run as a test: the tests of a package share one engine.)
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
	if d, err = d.Every(5); err != nil {
		fmt.Println(err)
		return
	}
	ck, err := classifier.Load("smix.safetensors")
	if err != nil {
		fmt.Println(err)
		return
	}
	job := robust.Job{Engine: e, Classifier: ck.Classifier, Data: d, Sigma: ck.Classifier.Facts.Sigma, Seed: 1}
	found, err := robust.Attack(
		ctx,
		job,
		robust.AttackSettings{Eps: []float64{0.5, 1}, Steps: 20, Draws: 32, N: 1000, Alpha: 0.001},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, eps := range []float64{0.5, 1} {
		robust := 0
		for _, x := range found {
			if x.Predicted(i) == int(d.Labels[x.Pos]) {
				robust++
			}
		}
		fmt.Printf("%d of %d robust within %g\n", robust, len(found), eps)
	}
}
