package train_test

import (
	"context"
	"fmt"

	"smoothlab/certify"
	"smoothlab/certify/votes"
	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/engine"
	"smoothlab/method"
	"smoothlab/smoothing"
	"smoothlab/smoothmix"
	"smoothlab/train"
)

// Train a LeNet with SmoothMix on embedded digits and certify three of them. Errors are dropped for brevity.
func ExampleTrain() {
	ctx := context.Background()
	eng, _ := engine.Open(ctx, engine.Options{}) // finds XLA, or downloads it once
	digits, _ := dataset.Open(ctx, "mnist-mini", "train", dataset.Options{})
	digits, _ = digits.Slice(0, 1000, 1)
	held, _ := dataset.Open(ctx, "mnist-mini", "test", dataset.Options{})
	lenet, _ := classifier.Lookup("lenet")

	m := &smoothmix.SmoothMix{Sigma: 0.25, M: 2, Steps: 1, Alpha: 2, Eta: 1}
	settings := train.DefaultSettings()
	settings.Epochs, settings.LR, settings.Seed = 3, 0.05, 1
	run, _ := train.Train(ctx, train.Job{Engine: eng, Start: classifier.New(lenet, 1), Data: digits,
		Method: m, Settings: settings}) // Out: "runs/smix" would save it, and resume it when run again
	fmt.Println(method.Describe(m), "·", run.Updates, "updates")

	three, _ := held.Slice(0, 3, 1)
	k, _ := votes.Certify(ctx, eng, run.Classifier, three, votes.Options{Smoothing: smoothing.Gaussian{Sigma: m.Sigma},
		Plan: certify.Fixed(100, 1000, 0.001), Seed: 1})
	fmt.Printf(
		"images %d, %d, %d certified; no radius can exceed %.3f\n",
		k.Rows[0].Index,
		k.Rows[1].Index,
		k.Rows[2].Index,
		k.Plan.Ceiling(k.Smoothing),
	)
	// Output:
	// smoothmix(sigma=0.25, m=2, steps=1, alpha=2, eta=1) · 24 updates
	// images 0, 20, 40 certified; no radius can exceed 0.616
}

// A custom loss with the settings of a row of the paper. TrainRecipe(ctx, r) trains it; a walk takes r.Method.
func ExampleRecipe_With() {
	plain := func(st *method.Step) method.Terms {
		far := st.Search(st.X)
		return method.Terms{{Name: "cross-entropy", Weight: 1, Value: method.CrossEntropy(st.Logits(far), st.Y)}}
	}
	r := train.MustRecipe("mnist", "smoothmix", 0.5).Scaled(6).With("plain", plain)
	fmt.Println(r)
	// Output:
	// mnist, lenet: plain(sigma=0.5, m=4, steps=4, alpha=1, eta=5, warmup=0.6667), 6 epochs, lr 0.01 times 0.1 every 2, batches of 256
}

// The rate of each epoch is a function's; checkpoints hold the rates, so that a run resumes without it. The optimizer
// and an average of the weights are settings too.
func ExampleSettings_WithRates() {
	s := train.DefaultSettings()
	s.Epochs, s.Optimizer, s.EMA = 6, "adamw", 0.999
	s = s.WithRates(func(epoch int) float64 {
		if epoch < 4 {
			return 0.001
		}
		return 0.0001
	})
	fmt.Println(s)
	// Output:
	// 6 epochs, lr 0.001 for 4, 0.0001 for 2, batches of 256, adamw, average with decay 0.999
}
