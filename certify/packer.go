package certify

import (
	"context"
	"errors"
	"fmt"
	"sort"

	"smoothlab/internal/humanize"
	"smoothlab/noise"
	"smoothlab/smoothing"
)

// Request asks for votes on one image. The votes of noisy copies First … First+N-1 of the image at position Pos are
// added to Counts, whose length is the number of classes.
type Request struct {
	Pos, First, N int
	Counts        []int
}

// Packer is a Voter that can fill a batch with votes on several images, which saves time if each needs few.
type Packer interface {
	Voter
	// VoteAll does what Vote does, for each of the requests.
	VoteAll(ctx context.Context, p noise.Purpose, requests []Request) error
}

// PredictAll does what [Predict] does for several images. Their votes are drawn together if v is a [Packer].
func PredictAll(
	ctx context.Context,
	v Voter,
	images []Image,
	n int,
	alpha float64,
) (predicted []int, counts [][]int, err error) {
	classes, err := checkPredictions(v, n, alpha)
	if err != nil {
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

// CheckPrediction returns an error if n or alpha is invalid, or if [Predict] would abstain on every image.
func CheckPrediction(n int, alpha float64) error {
	if n <= 0 {
		return fmt.Errorf("n, the number of votes of a prediction, must be at least 1 (100000 is usual); got %d", n)
	}
	if err := checkUsedAlpha(alpha); err != nil {
		return err
	}
	if needed := 1 + sort.Search(maxNeeded, func(n int) bool { return signTestRejects(n+1, n+1, alpha) }); n < needed {
		return fmt.Errorf(
			"with n=%s votes at alpha %v every prediction abstains, even if all votes agree: give n=%s or more",
			humanize.Grouped(n),
			alpha,
			humanize.Grouped(needed),
		)
	}
	return nil
}

// checkPredictions checks a prediction and its voter, and returns the number of classes.
func checkPredictions(v Voter, n int, alpha float64) (classes int, err error) {
	if err := CheckPrediction(n, alpha); err != nil {
		return 0, err
	}
	s := v.Source()
	if err := checkSmoothing(s.Smoothing); err != nil {
		return 0, err
	}
	return s.Classes, errors.Join(smoothing.CheckUnits(s.Smoothing), s.checkClasses())
}

// checkCounts checks that a voter kept its contract, on which the guarantee depends.
func checkCounts(img Image, counts []int, n int) error {
	sum := 0
	for _, c := range counts {
		if c < 0 {
			return fmt.Errorf(
				"the voter counted %d votes for one class of image %d; counts cannot be negative",
				c,
				img.Index,
			)
		}
		sum += c
	}
	if sum != n {
		return fmt.Errorf("the voter returned %d votes for image %d, but %d were requested", sum, img.Index, n)
	}
	return nil
}
