package dataset

import (
	"math"
	"slices"
	"testing"
)

// Mean and standard deviation are over all pixels; for MNIST's digits they are near 0.1307 and 0.3081, by which
// PyTorch's examples normalize.
func TestBrightness(t *testing.T) {
	grey := &Dataset{Height: 1, Width: 2, Channels: 1, Labels: []uint16{0, 0}, Pixels: []byte{0, 255, 255, 0}}
	large := &Dataset{Height: 1000, Width: 1000, Channels: 1, Labels: make([]uint16, 9),
		Pixels: slices.Repeat([]byte{51, 153}, 9*500_000)}
	digits, err := Open(t.Context(), "mnist-mini", "train", Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name            string
		data            *Dataset
		mean, deviation float64
		within          float64
	}{
		{"black and white", grey, 0.5, 0.5, 1e-12},
		{"every third image", large, 0.4, 0.2, 1e-12},
		{"digits", digits, 0.1307, 0.3081, 0.005},
		{"no images", &Dataset{Height: 1, Width: 1, Channels: 1}, 0, 0, 0},
	} {
		mean, deviation := c.data.Brightness()
		if math.Abs(mean-c.mean) > c.within || math.Abs(deviation-c.deviation) > c.within {
			t.Errorf("%s: %g ± %g, want %g ± %g", c.name, mean, deviation, c.mean, c.deviation)
		}
	}
}
