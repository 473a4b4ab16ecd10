package classifier

import (
	"errors"
	"slices"
	"testing"
)

// The classes of a data set are compared with the classifier's by label. Names that are the numbers of the labels fit
// any names.
func TestClassesAreCompared(t *testing.T) {
	animals := []string{"bee", "cat", "dog"}
	three, err := lookup(t, "linear").WithClasses(3)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name        string
		ours, data  []string
		want        string // "" if they fit
		mapped      bool
		notTraining bool
	}{
		{"the same", animals, animals, "", false, false},
		{"none known", nil, animals, "", false, false},
		{"numbers", animals, numbers(3), "", false, false},
		{"fewer numbers", animals, numbers(2), "", false, true},
		{"the last is missing", animals, animals[:2], "", false, true},
		{"fewer, none known", nil, numbers(2), "", false, true},
		{"fewer names, none known", nil, animals[:2], "linear has 3 outputs, the data set has 2 classes", false, false},
		{"more", animals, append(slices.Clone(animals), "emu"), "linear has 3 outputs, the data set has 4 classes", false, false},
		{"another order", animals, []string{"bee", "dog", "cat"}, `class 1 is "dog" in the data set and "cat" in the classifier, which has the same names in another order`, true, false},
		{"the first is missing", animals, animals[1:], `class 0 is "cat" in the data set and "bee" in the classifier`, true, true},
		{"numbers in the order of texts", []string{"0", "10", "2"}, numbers(3), `class 1 is "1" in the data set and "10" in the classifier`, false, false},
		{"numbers in another order", []string{"0", "2", "1"}, numbers(3), `which has the same names in another order`, true, false},
		{"other names", animals, []string{"bee", "cat", "emu"}, `class 2 is "emu" in the data set and "dog" in the classifier`, false, false},
		{"words for digits", numbers(3), []string{"one", "two", "zero"}, `class 0 is "one" in the data set and "0" in the classifier`, false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := New(three, 1)
			c.Facts.Classes = test.ours
			err := c.Fits(three.Input, test.data)
			if test.want == "" {
				if err != nil {
					t.Error(err)
				}
				if names := c.ClassNames(
					test.data,
				); len(names) != 3 ||
					test.ours != nil && !slices.Equal(names, test.ours) {
					t.Errorf("the outputs are named %q", names)
				}
				if err := c.FitsTraining(three.Input, test.data); (err != nil) != test.notTraining {
					t.Errorf("for training: %v", err)
				}
				return
			}
			checkSentence(t, err, test.want)
			var wrong *ClassesError
			if !errors.As(err, &wrong) || wrong.Mapped != test.mapped {
				t.Errorf("%#v", wrong)
			}
			if c.FitsTraining(three.Input, test.data) == nil {
				t.Error("it may be trained on them")
			}
		})
	}
}

func TestWithClassNames(t *testing.T) {
	c := New(lookup(t, "linear"), 1)
	d, err := c.WithClassNames([]string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"})
	if err != nil || d.Facts.Classes[9] != "j" || c.Facts.Classes != nil || d.Fingerprint() != c.Fingerprint() {
		t.Errorf("%v, %v", d, err)
	}
	_, err = c.WithClassNames([]string{"a", "b"})
	checkSentence(t, err, "2 class names for the 10 outputs of linear")
	_, err = c.WithClassNames([]string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "a"})
	checkSentence(t, err, `classes 0 and 9 are both named "a"`)
}

// A new head replaces the last layer of any network in the list, and nothing else.
func TestWithHead(t *testing.T) {
	for _, a := range Architectures() {
		if a.Base == "resnet50" && testing.Short() {
			continue
		}
		c := New(a, 1)
		c.Facts.Method, c.Facts.Sigma, c.Facts.Source = "gaussian(sigma=0.5)", 0.5, "net.pt"
		d, err := c.WithHead([]string{"cat", "dog"}, 5)
		if err != nil {
			t.Fatal(err)
		}
		if d.Arch.Classes != 2 || d.Arch.Base != a.Base || d.Arch.Name == a.Name || d.Facts.Method != "" ||
			d.Facts.Sigma != 0 ||
			d.Facts.Source != "net.pt" ||
			!d.Facts.NewHead {
			t.Errorf("%s: %+v of %s", a.Name, d.Facts, d.Arch.Name)
		}
		if err := d.Fits(a.Input, []string{"cat", "dog"}); err != nil {
			t.Error(err)
		}
		fresh := New(d.Arch, 5)
		for i, p := range d.Arch.Params {
			want := c.Params[i]
			if slices.Contains(a.Head, p.Name) {
				want = fresh.Params[i]
				if p.Dims[0] != 2 {
					t.Errorf("%s of %s is %v", p.Name, a.Name, p.Dims)
				}
			}
			if !slices.Equal(d.Params[i], want) {
				t.Errorf("%s: %s has other values than wanted", a.Name, p.Name)
			}
		}
		if len(a.Head) != 2 {
			t.Errorf("%s: head %v", a.Name, a.Head)
		}
	}
	_, err := New(lookup(t, "linear"), 1).WithHead([]string{"one"}, 0)
	checkSentence(t, err, "from 2 to 65536 classes, got 1")
}
