package losstape

import (
	"testing"

	"smoothlab/language"
	"smoothlab/method"
	"smoothlab/smoothmix"

	"go.starlark.net/starlark"
)

// The kind of each combination of two kinds; −1 if they cannot be combined. Joining is symmetric, and so is the table.
func TestJoin(t *testing.T) {
	const no = -1
	kinds := []Kind{Number, PerImage, PerCopy, Classes, Noisy, Images, Labels}
	want := [][]Kind{
		{Number, PerImage, PerCopy, Classes, Noisy, Images, no},
		{PerImage, PerImage, PerCopy, Classes, Noisy, Images, no},
		{PerCopy, PerCopy, PerCopy, Noisy, Noisy, no, no},
		{Classes, Classes, Noisy, Classes, Noisy, no, no},
		{Noisy, Noisy, Noisy, Noisy, Noisy, no, no},
		{Images, Images, no, no, no, Images, no},
		{no, no, no, no, no, no, no},
	}
	for i, a := range kinds {
		for j, b := range kinds {
			got, err := join(a, b)
			if err != nil {
				got = no
			}
			if got != want[i][j] || want[i][j] != want[j][i] {
				t.Errorf("%v and %v make %v, want %v", a, b, got, want[i][j])
			}
		}
	}
}

// Every verb and attribute of a step works without a session, and the same verbs give the same text.
func TestTape(t *testing.T) {
	digest := func(number float64) string {
		tape := NewTape(method.Fields(smoothmix.New()))
		settings := tape.Settings()
		if settings["eta"] == nil || settings["m"] == nil || settings["maxnorm"] != nil {
			t.Errorf("settings %v", settings)
		}
		x, err := tape.Step().Attr("x")
		if err != nil {
			t.Fatal(err)
		}
		sum, err := starlark.Binary(0, x, x)
		if err == nil {
			t.Errorf("no operator gave %v", sum)
		}
		mean, err := tape.joined("twice", nil, settings["eta"], starlark.Float(number))
		if err != nil {
			t.Fatal(err)
		}
		if err := tape.Finish(mean); err != nil {
			t.Fatal(err)
		}
		if _, err := tape.Step().Attr("y"); err == nil {
			t.Error("a finished tape takes more")
		}
		return tape.Digest()
	}
	if first, again := digest(1), digest(1); first != again || first == digest(2) {
		t.Error("digests do not tell texts apart")
	}
	for _, name := range language.KindOf[*Step]().Names() {
		if _, err := NewTape(nil).Step().Attr(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
