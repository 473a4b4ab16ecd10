package noise_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"smoothlab/noise"
)

// The known answers of the Random123 distribution (kat_vectors, philox4x32 10).
func TestPhiloxKnownAnswers(t *testing.T) {
	const f = 0xffffffff
	for _, c := range []struct {
		counter [4]uint32
		key     [2]uint32
		want    [4]uint32
	}{
		{[4]uint32{}, [2]uint32{}, [4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{[4]uint32{f, f, f, f}, [2]uint32{f, f}, [4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
		{[4]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, [2]uint32{0xa4093822, 0x299f31d0},
			[4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
	} {
		if got := noise.Philox(c.counter, c.key); got != c.want {
			t.Errorf("Philox(%x, %x) = %x, want %x", c.counter, c.key, got, c.want)
		}
	}
}

// A stream reads Philox blocks in order, low word first.
func TestStreamReadsBlocks(t *testing.T) {
	s := noise.NewStream(7, noise.Shuffle, 3)
	for block := range uint32(3) {
		w := noise.Philox([4]uint32{block, 0, 3, uint32(noise.Shuffle)}, [2]uint32{7, 0})
		for i := 0; i < 4; i += 2 {
			if got, want := s.Uint64(), uint64(w[i+1])<<32|uint64(w[i]); got != want {
				t.Fatalf("block %d: %x, want %x", block, got, want)
			}
		}
	}
}

// Moments of the uniform distribution: mean ½, variance 1/12; the bounds are five standard errors.
func TestStreamUniform(t *testing.T) {
	const n = 200_000
	s := noise.NewStream(1, noise.Init, 0)
	var sum, sum2 float64
	for range n {
		u := s.Uniform() - 0.5
		sum += u
		sum2 += u * u
	}
	if m := sum / n; math.Abs(m) > 5*math.Sqrt(1./12/n) {
		t.Errorf("mean − ½ = %g", m)
	}
	if v := sum2 / n; math.Abs(v-1./12) > 5*math.Sqrt(1./180/n) { // Var u² = 1/80 − 1/144 = 1/180
		t.Errorf("variance %g, want 1/12", v)
	}
}

func ExampleNewStream() {
	order := rand.New(noise.NewStream(1, noise.Shuffle, 0)).Perm(5)
	again := rand.New(noise.NewStream(1, noise.Shuffle, 0)).Perm(5)
	fmt.Println(fmt.Sprint(order) == fmt.Sprint(again), noise.Shuffle)
	// Output: true shuffle
}
