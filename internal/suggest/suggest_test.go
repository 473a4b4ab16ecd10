package suggest

import (
	"fmt"
	"strings"
	"testing"
)

func TestOf(t *testing.T) {
	sets := []string{"mnist", "fashion-mnist", "mnist-mini"}
	tests := []struct {
		word  string
		names []string
		want  string
	}{
		{"mnits", sets, "mnist"}, // two letters changed
		{"mnist", sets, "mnist"}, // exact
		{"MNIST", sets, "mnist"}, // case does not count
		{"fashon-mnist", sets, "fashion-mnist"},
		{"mnist_mini", sets, "mnist-mini"},
		{"cifar10", sets, ""}, // nothing alike
		{"", sets, ""},
		{"x", nil, ""},
		{"m", []string{"T"}, ""},                        // names of one letter are not similar
		{"bc", []string{"bd", "bb"}, "bd"},              // of equals the first
		{"ö", []string{"ö", "o"}, "ö"},                  // letters, not bytes
		{"lr", []string{"eta", "lr"}, "lr"},             //
		{strings.Repeat("mnist", 10_000_000), sets, ""}, // a value that was passed by mistake
		{"gausian", []string{"gaussian"}, "gaussian"},
	}
	for _, test := range tests {
		if got := Of(test.word, test.names); got != test.want {
			t.Errorf("Of(%.50q, %q) = %q, want %q", test.word, test.names, got, test.want)
		}
	}
}

func ExampleSentence() {
	names := []string{"mnist", "fashion-mnist", "mnist-mini"}
	fmt.Println(Sentence("data set", "mnits", names))
	fmt.Println(Sentence("data set", "cifar10", names))
	// Output:
	// unknown data set "mnits": did you mean "mnist"? known: mnist, fashion-mnist, mnist-mini
	// unknown data set "cifar10"; known: mnist, fashion-mnist, mnist-mini
}

// A word that is a whole file by mistake is cut in the message.
func TestSentenceCuts(t *testing.T) {
	got := Sentence("data set", strings.Repeat("é", 1000), []string{"mnist"})
	want := "unknown data set \"" + strings.Repeat("é", 100) + "…\"; known: mnist"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestFind(t *testing.T) {
	type entry struct{ name string }
	list := []entry{{"mnist"}, {"mnist-mini"}}
	name := func(e entry) string { return e.name }
	if e, err := Find("data set", "mnist-mini", list, name); err != nil || e != list[1] {
		t.Errorf("%v, %v", e, err)
	}
	want := Sentence("data set", "mnits", []string{"mnist", "mnist-mini"})
	if e, err := Find("data set", "mnits", list, name); err == nil || err.Error() != want || e != (entry{}) {
		t.Errorf("%v, %v, want %s", e, err, want)
	}
}

func ExampleNumber() {
	fmt.Println(Number("sigma", 0.55, []float64{1, 0.25, 0.5}))
	fmt.Println(Number("eta", 5, nil))
	// Output:
	// unknown sigma 0.55: the nearest is 0.5; known: 0.25, 0.5, 1
	// unknown eta 5: there is none
}
