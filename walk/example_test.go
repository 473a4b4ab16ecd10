package walk_test

import (
	"context"
	"fmt"

	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/engine"
	"smoothlab/smoothmix"
	"smoothlab/train"
	"smoothlab/walk"
)

// Take one training step of SmoothMix by hand: noise, search, update. Errors are dropped for brevity.
func ExampleWalk() {
	ctx := context.Background()
	e, _ := engine.Open(ctx, engine.Options{})
	defer e.Close()
	digits, _ := dataset.Open(ctx, "mnist-mini", "train", dataset.Options{})
	digits, _ = digits.Slice(0, 4, 1)
	linear, _ := classifier.Lookup("linear")
	m := smoothmix.New()

	w, err := walk.New(walk.Job{Engine: e, Start: classifier.New(linear, 1), Data: digits, Seed: 3, Epoch: -1}, m)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer w.Close()
	points, _ := w.Search(ctx, m, 2)
	for _, p := range points {
		fmt.Printf("step %d: %.1f from image 0\n", p.Step, p.Distance[0])
	}
	update, err := w.Update(ctx, m, train.DefaultSettings())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(update.Terms), "terms;", w.Done())
	// Output:
	// step 1: 0.8 from image 0
	// step 2: 1.5 from image 0
	// 2 terms; [noise search 2 update]
}
