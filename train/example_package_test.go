package train_test

import (
	"context"
	"fmt"
	"os"

	"smoothlab/certify"
	"smoothlab/certify/votes"
	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/engine"
	"smoothlab/smoothing"
	"smoothlab/smoothmix"
	"smoothlab/train"
)

// Train with SmoothMix, certify, and draw certified accuracy against radius.
func Example() {
	if err := run(context.Background(), "accuracy.svg"); err != nil {
		fmt.Println(err)
	}
	os.Remove("accuracy.svg")
	// Output:
	// 10 images certified at sigma 0.25, radius at most 0.616
}

func run(ctx context.Context, plot string) error {
	eng, err := engine.Open(ctx, engine.Options{}) // finds XLA, or downloads it once
	if err != nil {
		return err
	}
	digits, err := dataset.Open(ctx, "mnist-mini", "train", dataset.Options{})
	if err != nil {
		return err
	}
	test, err := dataset.Open(ctx, "mnist-mini", "test", dataset.Options{})
	if err != nil {
		return err
	}
	if test, err = test.Slice(0, test.Len(), 50); err != nil { // every 50th image
		return err
	}
	linear, err := classifier.Lookup("linear") // "lenet" is the paper's
	if err != nil {
		return err
	}
	m, s := smoothmix.New(), train.DefaultSettings()
	m.Sigma, m.Steps, s.Epochs = 0.25, 1, 1
	trained, err := train.Train(ctx, train.Job{Engine: eng, Start: classifier.New(linear, 1), Data: digits,
		Method: m, Settings: s}) // Out: "runs/smix" keeps it, and resumes it when run again
	if err != nil {
		return err
	}
	k, err := votes.Certify(ctx, eng, trained.Classifier, test, votes.Options{Seed: 1,
		Smoothing: smoothing.Gaussian{Sigma: m.Sigma}, Plan: certify.Fixed(100, 1000, 0.001)})
	if err != nil {
		return err
	}
	fmt.Printf("%d images certified at sigma %g, radius at most %.3f\n", len(k.Rows), m.Sigma, k.Plan.Ceiling(k.Smoothing))
	return certify.Plot(plot, "mnist-mini", []certify.Entry{certify.NewEntry("SmoothMix", k)})
}
