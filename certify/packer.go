package certify

import (
	"context"
	"fmt"

	"smoothlab/noise"
)

// Request asks for votes of one image: those of noisy copies First … First+N-1 of the image at position Pos are added to
// Counts, whose length is the number of classes.
type Request struct {
	Pos, First, N int
	Counts        []int
}

// Packer is a Voter that fills its batches with votes of several images, which saves much where few are wanted of each.
type Packer interface {
	Voter
	// VoteAll is Vote for each of the requests.
	VoteAll(ctx context.Context, p noise.Purpose, requests []Request) error
}

// PredictAll is [Predict] for several images, whose votes are drawn together where v can do that.
func PredictAll(ctx context.Context, v Voter, images []Image, n int, alpha float64, classes int) (predicted []int, counts [][]int, err error) {
	if err := checkPrediction(n, alpha, classes); err != nil {
		return nil, nil, err
	}
	requests := make([]Request, len(images))
	for i, img := range images {
		requests[i] = Request{Pos: img.Pos, N: n, Counts: make([]int, classes)}
	}
	if err := voteAll(ctx, v, noise.Predict, requests); err != nil {
		return nil, nil, err
	}
	for i, r := range requests {
		if err := checkCounts(images[i], r.Counts, n); err != nil {
			return nil, nil, err
		}
		predicted, counts = append(predicted, decide(r.Counts, alpha)), append(counts, r.Counts)
	}
	return predicted, counts, nil
}

// voteAll draws the votes together, or one after another.
func voteAll(ctx context.Context, v Voter, p noise.Purpose, requests []Request) error {
	if packer, ok := v.(Packer); ok {
		return packer.VoteAll(ctx, p, requests)
	}
	for _, r := range requests {
		if err := v.Vote(ctx, r.Pos, p, r.First, r.N, r.Counts); err != nil {
			return err
		}
	}
	return nil
}

// checkPrediction says what is wrong with what a prediction is asked for.
func checkPrediction(n int, alpha float64, classes int) error {
	if n <= 0 {
		return fmt.Errorf("n, the number of votes of a prediction, must be at least 1 (100000 is usual); got %d", n)
	}
	if classes < 2 {
		return tooFewClasses(classes)
	}
	return checkAlpha(alpha)
}

// checkCounts makes sure that a voter kept its contract, on which the guarantee rests.
func checkCounts(img Image, counts []int, n int) error {
	sum := 0
	for _, c := range counts {
		if c < 0 {
			return fmt.Errorf("the voter counted %d votes for one class of image %d; counts cannot be negative", c, img.Index)
		}
		sum += c
	}
	if sum != n {
		return fmt.Errorf("the voter returned %d votes for image %d where %d were asked for", sum, img.Index, n)
	}
	return nil
}
