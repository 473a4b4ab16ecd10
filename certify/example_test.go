package certify_test

import (
	"context"
	"fmt"

	"smoothlab/certify"
	"smoothlab/noise"
	"smoothlab/smoothing"
)

func ExamplePlan_Ceiling() {
	plan := certify.Plan{N0: 100, N: 100_000, Alpha: 0.001}
	fmt.Printf("no image gets more than %.3f\n", plan.Ceiling(smoothing.Gaussian{Sigma: 0.25}))
	// Output: no image gets more than 0.953
}

func ExampleNewLadder() {
	plan, err := certify.NewLadder(
		certify.Fixed(100, 100_000, 0.001),
		smoothing.Gaussian{Sigma: 0.25},
		[]float64{0, 0.25, 0.5, 0.75},
		true,
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, votes := range plan.Ladder.Rungs[:3] {
		fmt.Printf("%d votes: level %.2g\n", votes, plan.Alpha*plan.Ladder.Weights[i])
	}
	// Output:
	// 500 votes: level 1e-05
	// 1000 votes: level 1e-05
	// 2000 votes: level 2e-05
}

func ExampleLowerBound() {
	p := certify.LowerBound(99_000, 100_000, 0.001) // 99,000 of 100,000 votes for one class
	fmt.Printf("probability at least %.4f, radius %.3f\n", p, smoothing.Gaussian{Sigma: 0.5}.Radius(p))
	// Output: probability at least 0.9890, radius 1.145
}

func ExampleTable() {
	log, err := certify.ReadLog("testdata/published.tsv", smoothing.Gaussian{Sigma: 0.5}, certify.Plan{})
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := certify.Table{
		Entries: []certify.Entry{{Name: "published", Certificates: log}},
		Radii:   []float64{0, 0.5, 1.5},
	}.Text()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(text)
	// Output:
	// 6 images · radii as printed in the logs (3 digits)
	//              ACR ± s.e.        0      0.5    1.5    abstain
	// published    0.8167 ± 0.3762   66.67  50.00  33.33  16.67
}

func ExampleCompare() {
	certified := func(radii ...float64) *certify.Certificates {
		c := &certify.Certificates{Planned: len(radii), Settings: certify.Settings{
			Source: certify.Source{Smoothing: smoothing.Gaussian{Sigma: 0.5}}, Plan: certify.Fixed(100, 10_000, 0.001)}}
		for i, r := range radii {
			c.Rows = append(c.Rows, certify.Row{Index: i, Radius: r, Correct: r > 0})
		}
		return c
	}
	a, b := certified(1.2, 0.9, 1.5, 0.4, 1.1), certified(1.0, 0.6, 1.5, 0, 0.8)
	c, err := certify.Compare(a, b, 0.5, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(c.Text())
	// Output:
	// the first − the second: 5 common images, one run each: about these two classifiers, not yet about the methods (give lists of runs)
	// ACR   +0.2400 ± 0.0678   95% [+0.0517, +0.4283]
	// the first has the larger ACR: on images like these, 0 is outside the 95% interval of these two classifiers
	// r       diff      only first   only second   p (exact McNemar)
	// 0.5    +0.00 pt        0             0       1.00
	// 1     +20.00           1             0       1.00
}

// sure is a classifier that noise cannot confuse: every vote is for class 3.
type sure struct{}

func (sure) Vote(ctx context.Context, _ int, _ noise.Purpose, _, n int, counts []int) error {
	counts[3] += n
	return ctx.Err()
}

func (sure) Source() certify.Source {
	return certify.Source{Smoothing: smoothing.Gaussian{Sigma: 0.5}, Classes: 10}
}

func (sure) Slack() float64 { return 0 } // not known

func (sure) Digests(context.Context, []certify.Image) ([]certify.Digest, error) {
	return nil, nil // it has no pixels
}

func ExampleRun() {
	images := []certify.Image{{Pos: 0, Index: 0, Label: 3}, {Pos: 1, Index: 100, Label: 8}}
	certs, err := certify.Run(
		context.Background(),
		sure{},
		images,
		certify.Fixed(100, 10_000, 0.001),
		"",
		nil,
	) // "": no log
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, row := range certs.Rows {
		fmt.Printf("image %d: class %d, radius %.3f, correct %t\n", row.Index, row.Predicted, row.Radius, row.Correct)
	}
	fmt.Printf("ACR %.3f at N=%d\n", certs.ACR(), certs.Plan.N)
	// Output:
	// image 0: class 3, radius 1.599, correct true
	// image 100: class 3, radius 1.599, correct false
	// ACR 0.800 at N=10000
}
