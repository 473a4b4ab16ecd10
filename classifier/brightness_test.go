package classifier

import (
	"strings"
	"testing"
)

// Digits that are inverted, or in half the range, differ from MNIST's (0.1307 and 0.3081); those of another split and
// those of one class do not.
func TestUnlike(t *testing.T) {
	digits := &Brightness{0.1307, 0.3081}
	for _, c := range []struct {
		name    string
		trained *Brightness
		now     Brightness
		want    string
	}{
		{"the same", digits, *digits, ""},
		{"the test split", digits, Brightness{0.1325, 0.3105}, ""},
		{"ones", digits, Brightness{0.076, 0.24}, ""},
		{"inverted", digits, Brightness{1 - 0.1307, 0.3081}, "much brighter (mean 0.87, standard deviation 0.31)"},
		{"trained on inverted ones", &Brightness{0.8693, 0.3081}, *digits, "much darker"},
		{"half the range", digits, Brightness{0.0654, 0.154}, "much lower in contrast"},
		{"trained on half the range", &Brightness{0.0654, 0.154}, *digits, "much higher in contrast"},
		{"black", digits, Brightness{}, "much lower in contrast"},
		{"nothing known", nil, Brightness{0.9, 0.3}, ""},
		{"trained on black", &Brightness{}, Brightness{0.9, 0.3}, ""},
	} {
		n := New(leNet(10), 1)
		n.Facts.Pixels = c.trained
		if got := n.Unlike(c.now); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
