package votes_test

import (
	"context"
	"fmt"

	"smoothlab/certify"
	"smoothlab/certify/votes"
	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/engine"
	"smoothlab/smoothing"
)

// Certify a data set: one call, from data and classifier to certificates. The classifier here is untrained, so that the
// example runs in a second; classifier.Load reads one from a file.
func ExampleCertify() {
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
	few, err := d.Every(100)
	if err != nil {
		fmt.Println(err)
		return
	}
	lenet, err := classifier.Lookup("lenet")
	if err != nil {
		fmt.Println(err)
		return
	}
	k, err := votes.Certify(ctx, e, classifier.New(lenet, 1), few, votes.Options{
		Smoothing: smoothing.Gaussian{Sigma: 0.5},
		Plan:      certify.Fixed(100, 1000, 0.001),
		Seed:      1,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d images, %s radii, none above %.3f\n", len(k.Rows), k.Smoothing.Norm(), k.Plan.Ceiling(k.Smoothing))
	// Output: 5 images, L2 radii, none above 1.232
}
