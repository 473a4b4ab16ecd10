package votes_test

import (
	"context"
	"fmt"

	"smoothlab/certify"
	"smoothlab/certify/votes"
	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/engine"
)

// Certify one image. (Not run as a test: the tests of a package share one engine.)
func Example() {
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
	ck, err := classifier.Load("gaussian.safetensors")
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := votes.New(e, ck.Classifier, d, ck.Facts.Sigma, 1, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer v.Close()
	img := certify.Image{Pos: 0, Index: d.Indices[0], Label: int(d.Labels[0])}
	row, err := certify.Certify(ctx, v, img, ck.Facts.Sigma, certify.Plan{N0: 100, N: 10_000, Alpha: 0.001}, len(d.Classes))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("class %d within %.3f\n", row.Predicted, row.Radius)
}
