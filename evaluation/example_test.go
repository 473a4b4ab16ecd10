package evaluation_test

import (
	"context"
	"fmt"

	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/engine"
	"smoothlab/evaluation"
	"smoothlab/smoothing"
)

// Look at a classifier: accuracy without noise, and of the smoothed classifier. (Not run as a test: the tests of a
// package share one engine.)
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
	ck, err := classifier.Load("smix.safetensors")
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := evaluation.Evaluate(
		ctx,
		evaluation.Job{Engine: e, Classifier: ck.Classifier, Data: d},
		evaluation.Noise{Smoothing: smoothing.Gaussian{Sigma: 0.5}, N: 100, Alpha: 0.001},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.1f%% without noise, %.1f%% smoothed\n", 100*r.Clean.Accuracy(), 100*r.Smoothed.Accuracy())
}
