package certify

import (
	"context"
	"fmt"

	"smoothlab/noise"
)

// Voter counts how a base classifier votes on noisy copies of images. A vote depends only on the voter's seed and noise
// level, the purpose, the image and the number of the noisy copy: not on the order of calls, nor on how copies are
// grouped into calls.
type Voter interface {
	// Vote classifies noisy copies first … first+n-1 of the image at position pos of the data set and adds the votes per
	// class to counts, whose length is the number of classes. It returns ctx.Err() promptly when ctx ends.
	Vote(ctx context.Context, pos int, p noise.Purpose, first, n int, counts []int) error
}

// vote draws n votes and checks that the voter kept its contract, on which the guarantee rests.
func vote(ctx context.Context, v Voter, img Image, p noise.Purpose, n, classes int) ([]int, error) {
	if classes < 2 {
		return nil, fmt.Errorf("a vote needs at least 2 classes; got %d", classes)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	counts := make([]int, classes)
	if err := v.Vote(ctx, img.Pos, p, 0, n, counts); err != nil {
		return nil, err
	}
	sum := 0
	for _, c := range counts {
		if c < 0 {
			return nil, fmt.Errorf("the voter counted %d votes for one class of image %d; counts cannot be negative", c, img.Index)
		}
		sum += c
	}
	if sum != n {
		return nil, fmt.Errorf("the voter returned %d votes for image %d where %d were asked for", sum, img.Index, n)
	}
	return counts, nil
}

// topTwo gives the two classes with the most votes, the lower class first among equals.
func topTwo(counts []int) (first, second int) {
	first, second = 0, 1
	if counts[1] > counts[0] {
		first, second = 1, 0
	}
	for c := 2; c < len(counts); c++ {
		switch {
		case counts[c] > counts[first]:
			first, second = c, first
		case counts[c] > counts[second]:
			second = c
		}
	}
	return first, second
}
