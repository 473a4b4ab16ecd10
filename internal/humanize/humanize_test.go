package humanize

import (
	"math"
	"testing"
)

func TestGrouped(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1000: "-1,000", -100: "-100"} {
		if got := Grouped(n); got != want {
			t.Errorf("%d is written %s, expected %s", n, got, want)
		}
	}
}

func TestFormats(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{Count(0, "image"), "0 images"}, {Count(1, "image"), "1 image"}, {Count(10000, "vote"), "10,000 votes"},
		{Setting(0.25), "0.25"}, {Setting(1), "1"}, {Setting(1. / 3), "0.3333"},
		{Signed(0.5, 4), "+0.5000"}, {Signed(-0.5, 1), "−0.5"}, {Signed(-0.00001, 4), "+0.0000"},
		{Bytes(500_000), "0.5 MB"}, {Bytes(1_234_000_000), "1.23 GB"}, {Bytes(1_200_000_000_000), "1200 GB"},
		{Gigabytes(2e7), "0.02 GB"}, {Gigabytes(1.2e12), "1200 GB"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

// 0.1+0.2 and float32's 0.1 have many decimals; a number that overflows when rounded stays as it is.
func TestRound(t *testing.T) {
	tenth, fifth := 0.1, 0.2
	for _, c := range []struct{ got, want float64 }{
		{Round(tenth+fifth, 12), 0.3}, {Round(1234.5, 2), 1200}, {Round(math.MaxFloat64, 2), math.MaxFloat64},
		{Round(math.Inf(1), 3), math.Inf(1)}, {Float32(float64(float32(0.1))), 0.1},
	} {
		if c.got != c.want {
			t.Errorf("%v, want %v", c.got, c.want)
		}
	}
}
