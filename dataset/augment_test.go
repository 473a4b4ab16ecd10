package dataset

import (
	"bytes"
	"math"
	"testing"
)

// A 2×3 image of two channels, moved and mirrored by hand.
func TestCropFlip(t *testing.T) {
	image := []byte{1, 11, 2, 12, 3, 13, 4, 14, 5, 15, 6, 16}
	for _, test := range []struct {
		dy, dx int
		flip   bool
		want   []byte
	}{
		{0, 0, false, image},
		{0, 0, true, []byte{3, 13, 2, 12, 1, 11, 6, 16, 5, 15, 4, 14}},
		{1, 0, false, []byte{4, 14, 5, 15, 6, 16, 0, 0, 0, 0, 0, 0}},
		{-1, 1, false, []byte{0, 0, 0, 0, 0, 0, 2, 12, 3, 13, 0, 0}},
		{0, 1, true, []byte{0, 0, 3, 13, 2, 12, 0, 0, 6, 16, 5, 15}}, // cut first, then mirrored
		{4, -4, true, make([]byte, 12)},
	} {
		if got := CropFlip(nil, image, 2, 3, 2, test.dy, test.dx, test.flip); !bytes.Equal(got, test.want) {
			t.Errorf("%d, %d, %t: %v, want %v", test.dy, test.dx, test.flip, got, test.want)
		}
	}
}

// Each of the 9×9 positions and both orientations are equally frequent: χ² with 161 degrees of freedom is below 249.3
// except for one seed in 100,000 (scipy.stats.chi2.isf(1e-5, 161)). The same seed, epoch and image give the same copy;
// any change gives another.
func TestCropFlipIsUniform(t *testing.T) {
	const side, draws = 9, 100_000
	image := make([]byte, side*side)
	for i := range image {
		image[i] = byte(i + 1)
	}
	a := Augmentations()[0]
	counts := map[string]int{}
	for i := range draws {
		counts[string(a.Append(nil, image, side, side, 1, a.Words(7, i%10, i/10, uint32(i%3))))]++
	}
	if len(counts) != 162 {
		t.Fatalf("%d different copies, want 162", len(counts))
	}
	chi := 0.
	for _, n := range counts {
		chi += math.Pow(float64(n)-draws/162., 2) / (draws / 162.)
	}
	if chi > 249.3 {
		t.Errorf("χ² = %.0f", chi)
	}
	if w := a.Words(7, 3, 5, 0); w != a.Words(7, 3, 5, 0) || w == a.Words(8, 3, 5, 0) || w == a.Words(7, 4, 5, 0) ||
		w == a.Words(7, 3, 6, 0) || w == a.Words(7, 3, 5, 1) {
		t.Error("the words are no function of seed, epoch, image and repeat")
	}
}
