package evaluation_test

import (
	"context"
	"fmt"

	"smoothlab/dataset"
	"smoothlab/engine"
	"smoothlab/evaluation"
	"smoothlab/smoothing"
	"smoothlab/zoo"
)

// Look at a classifier: accuracy without noise, and of the smoothed classifier.
func ExampleEvaluate() {
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
	if d, err = d.Every(100); err != nil {
		fmt.Println(err)
		return
	}
	c, _, err := zoo.Pretrained("mnist", "gaussian", 0.5)
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := evaluation.Evaluate(
		ctx,
		evaluation.Job{Engine: e, Classifier: c, Data: d},
		evaluation.Noise{Smoothing: smoothing.Gaussian{Sigma: 0.5}, N: 100, Alpha: 0.001},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.1f%% without noise, %.1f%% smoothed\n", 100*r.Clean.Accuracy(), 100*r.Smoothed.Accuracy())
	// Output: 100.0% without noise, 100.0% smoothed
}
