package certify

import (
	"context"
	"math"
	"testing"

	"smoothlab/noise"
	"smoothlab/smoothing"
)

// halfLine votes for class 0 where one noisy value is above 0. The image at position pos has the distance distance[pos]
// from 0, which is exactly its robust radius. The noise is drawn by package noise, and scaled.
type halfLine struct {
	toyVoter
	value    func(word uint32) float64
	distance []float64
}

func (v *halfLine) Vote(_ context.Context, pos int, p noise.Purpose, first, n int, counts []int) error {
	scale := smoothing.Scale(v.Source().Smoothing)
	for i := first; i < first+n; i++ {
		word := noise.Philox([4]uint32{0, uint32(i), uint32(pos), uint32(p)}, noise.Key(v.seed))[0]
		if v.distance[pos]+scale*v.value(word) > 0 {
			counts[0]++
		} else {
			counts[1]++
		}
	}
	return nil
}

// Certificates under noises of L1, of classifiers whose robust radius is known: it is exceeded with probability at most
// alpha, and nearly alpha, since the theorems are tight here. The images' distances are from near 0 to nearly the
// largest radius that can be proved.
func TestCoverageInL1(t *testing.T) {
	const images, alpha, scale = 6000, 0.05, 0.5
	for _, c := range []struct {
		smoothing.Smoothing
		value    func(word uint32) float64
		farthest float64
	}{
		{smoothing.Laplace{Scale: scale}, noise.Laplace, 2 * scale},
		{smoothing.Uniform{Scale: scale}, noise.Uniform, 0.9 * scale},
	} {
		t.Run(c.Name(), func(t *testing.T) {
			plan := Fixed(20, 400, alpha)
			v := &halfLine{toyVoter: toyVoter{seed: 11}, value: c.value}
			for i := range images {
				v.distance = append(v.distance, c.farthest*(float64(i)+0.5)/images)
			}
			s := Settings{Source: Source{Smoothing: c.Smoothing, Classes: 3}, Plan: plan}
			k, err := runAs(t.Context(), v, toyImages(images), s, "", nil)
			if err != nil {
				t.Fatal(err)
			}
			wrong := 0
			for i, row := range k.Rows {
				if row.Predicted == 1 || row.Predicted == 0 && row.Radius > v.distance[i] {
					wrong++
				}
			}
			share, deviation := float64(wrong)/images, math.Sqrt(alpha*(1-alpha)/images)
			if share > alpha+3*deviation || share < alpha/2 {
				t.Errorf("%.4f of the certificates are wrong, want at most %v and not far below", share, alpha)
			}
			t.Logf("%.4f of %d certificates are wrong at alpha %v", share, images, alpha)
		})
	}
}
