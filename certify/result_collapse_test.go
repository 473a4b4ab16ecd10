package certify

import "testing"

// A note is given if all predictions are one class although labels differ and most predictions are wrong.
func TestCollapsed(t *testing.T) {
	rows := func(n int, label, predicted func(i int) int) *Certificates {
		c := &Certificates{}
		for i := range n {
			y, k := label(i), predicted(i)
			c.Rows = append(c.Rows, Row{Index: i, Label: y, Predicted: k, Correct: y == k})
		}
		return c
	}
	always := func(k int) func(int) int { return func(int) int { return k } }
	digit := func(i int) int { return i % 10 }
	sometimes := func(i int) int { return []int{3, Abstain}[i%2] }
	for name, test := range map[string]struct {
		c             *Certificates
		class, images int
		ok            bool
	}{
		"one class":          {rows(20, digit, always(3)), 3, 20, true},
		"and abstentions":    {rows(20, digit, sometimes), 3, 10, true},
		"two classes":        {rows(20, digit, func(i int) int { return i / 19 }), 0, 0, false},
		"few":                {rows(9, digit, always(3)), 0, 0, false},
		"one label":          {rows(20, always(1), always(3)), 0, 0, false},
		"abstains":           {rows(20, digit, always(Abstain)), 0, 0, false},
		"most are of it":     {rows(20, func(i int) int { return i / 15 }, always(0)), 0, 0, false},
		"half of two labels": {rows(20, func(i int) int { return i % 2 }, always(0)), 0, 20, true},
	} {
		class, images, ok := test.c.Collapsed()
		if class != test.class || images != test.images || ok != test.ok {
			t.Errorf("%s: %d, %d, %t, want %d, %d, %t", name, class, images, ok, test.class, test.images, test.ok)
		}
	}
}
