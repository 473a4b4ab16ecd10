package classifier_test

import (
	"strings"
	"testing"

	"smoothlab/classifier"
)

// Weights with which a classifier cannot tell images apart are doubted; initial weights of every network are not.
func TestDoubts(t *testing.T) {
	for _, a := range classifier.Architectures() {
		if doubts := classifier.New(a, 1).Doubts(); doubts != nil {
			t.Errorf("%s: %q", a.Name, doubts)
		}
	}
	set := func(to func(param, at int) float32) func(c *classifier.Classifier) {
		return func(c *classifier.Classifier) {
			for i, values := range c.Params {
				for k := range values {
					values[k] = to(i, k)
				}
			}
		}
	}
	for name, test := range map[string]struct {
		change func(c *classifier.Classifier)
		want   string // "" if it is not doubted
	}{
		"zero":           {set(func(int, int) float32 { return 0 }), "fc.weight has 7,840 times the value 0"},
		"one value":      {set(func(int, int) float32 { return 0.1 }), "fc.weight has 7,840 times the value 0.1"},
		"bias alone":     {set(func(i, k int) float32 { return float32(i * k) }), "fc.weight has 7,840 times the value 0"},
		"same classes":   {set(func(i, k int) float32 { return float32((1 - i) * (k % 784)) }), "the same weights for all 10 classes"},
		"biases differ":  {set(func(i, k int) float32 { return float32((1-i)*(k%784) + i*k) }), ""},
		"one class sets": {set(func(i, k int) float32 { return float32((1 - i) * (k / 7839)) }), ""},
	} {
		linear, err := classifier.Lookup("linear")
		if err != nil {
			t.Fatal(err)
		}
		c := classifier.New(linear, 1)
		test.change(c)
		got := strings.Join(c.Doubts(), "; ")
		if test.want == "" && got != "" || !strings.Contains(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
		if err := c.Check(); err != nil { // they are valid numbers
			t.Errorf("%s: %v", name, err)
		}
	}
}
