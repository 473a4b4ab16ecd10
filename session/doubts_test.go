package session_test

import (
	"strings"
	"testing"

	"smoothlab/classifier"
)

// A warning about weights that were never set is given when they are loaded and certified, is kept in the log, and is
// repeated when that is read. Predictions of a single class give a warning independently of the weights.
func TestWeightsThatWereNeverSet(t *testing.T) {
	t.Chdir(t.TempDir())
	linear, err := classifier.Lookup("linear")
	if err != nil {
		t.Fatal(err)
	}
	c := classifier.New(linear, 1)
	for _, values := range c.Params {
		clear(values)
	}
	if err := (&classifier.Checkpoint{Classifier: c}).Save("zero.safetensors"); err != nil {
		t.Fatal(err)
	}
	const (
		doubt    = "weights of linear are all the same, as those that were never set: fc.weight has 7,840 times the value 0"
		collapse = "note: all 10 predictions are class 0: the classifier may not depend on the image"
	)
	s := newSession(t, nil)
	for _, line := range []struct{ typed, want string }{
		{`t = dataset("mnist-mini")[::50]`, ""},
		{`c = from_torch("zero.safetensors", data=t)`, "\nwarning: " + doubt},
		{`c = load_classifier("zero")`, "warning: " + doubt},
		{`k = certify(c, t, sigma=0.5, n=100, out="k.tsv")`, "warning: " + doubt},
		{`certify(c, t, sigma=0.5, n=100, out="k.tsv")`, "\n" + collapse},
		{`k.notes`, `["` + doubt + `"]`},
		{`k = read_log("k.tsv")`, "note: k.tsv: when it was made: " + doubt},
		{`k = read_log("k.tsv")`, "note: k.tsv: all 10 predictions are class 0"},
		{`p = predict(c, t[0], sigma=0.5, n=100)`, "warning: " + doubt},
	} {
		if got := evaluate(t, s, line.typed); !strings.Contains(got, line.want) {
			t.Errorf("%s: %q, want %q", line.typed, got, line.want)
		}
	}
}
