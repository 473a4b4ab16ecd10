package certify

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// otherPixels are the toy's settings with another copy of the images.
func otherPixels() Settings {
	s := toySettings()
	s.ImageData = "other"
	return s
}

// cutLog leaves the header and n rows of a log.
func cutLog(t *testing.T, path string, n int) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	if err := os.WriteFile(path, []byte(strings.Join(lines[:n+1], "")), 0o644); err != nil {
		t.Fatal(err)
	}
}

// A log of other pixels is neither loaded nor resumed, and the message names the digests.
func TestLogKnowsItsPixels(t *testing.T) {
	for _, rows := range []int{toyCount, 3, 0} {
		out := filepath.Join(t.TempDir(), "k.tsv")
		if _, _, err := runToy(t, out, nil); err != nil {
			t.Fatal(err)
		}
		cutLog(t, out, rows)
		v := &toyVoter{seed: 7, share: toyShares(toyCount)}
		_, err := runAs(t.Context(), v, toyImages(toyCount), otherPixels(), out, nil)
		var differs *SettingsError
		if !errors.As(err, &differs) || differs.Name != "image_data" || v.drawn > 0 {
			t.Errorf("of %d rows: %v after %d votes", rows, err, v.drawn)
		}
		if err != nil &&
			(!strings.Contains(err.Error(), "other pixels or labels") || !strings.Contains(err.Error(), imageDataOf(t, "other")[:12])) {
			t.Errorf("the message is %q", err)
		}
		c, err := runAs(t.Context(), v, toyImages(toyCount), toySettings(), out, nil)
		if err != nil || len(c.Rows) != toyCount || c.ImageData != imageDataOf(t, "pixels") || !c.PixelsRecorded() {
			t.Errorf("with the same pixels: %+v, %v", c, err)
		}
	}
}

// Certificates of other pixels are not compared, neither completely nor in part, regardless of their common images.
func TestCompareKnowsPixels(t *testing.T) {
	run := func(s Settings, images []Image) *Certificates {
		c, err := runAs(t.Context(), &toyVoter{seed: 7, share: toyShares(toyCount)}, images, s, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	a, same, b := run(
		toySettings(),
		toyImages(toyCount),
	), run(
		toySettings(),
		toyImages(toyCount)[2:],
	), run(
		otherPixels(),
		toyImages(toyCount)[2:],
	)
	for name, pair := range map[string][2]*Certificates{"whole": {a, b}, "in part": {a.Every(2), b}, "so far": {a.Slice(0, 4, 1).Partial(), b}} {
		if _, err := Compare(pair[0], pair[1]); err == nil ||
			!strings.Contains(err.Error(), "has different pixels or labels") {
			t.Errorf("%s: %v", name, err)
		}
	}
	c, err := Compare(a.Every(2), same)
	if err != nil || c.Unrecorded != [2]bool{} || strings.Contains(c.Caption(), "digests") {
		t.Errorf("of the same pixels: %+v, %v", c, err)
	}
	without := toySettings()
	without.ImageData = ""
	c, err = Compare(a, run(without, toyImages(toyCount)))
	if err != nil || c.Unrecorded != [2]bool{false, true} ||
		!strings.Contains(c.Caption(), "the second has no digests of its images") {
		t.Errorf("with one that records no pixels: %+v, %v", c, err)
	}
	if c := a.Slice(0, toyCount, 1); c.ImageData != a.ImageData {
		t.Error("a slice of everything has lost its digest")
	}
	if c := a.Every(2); c.ImageData != "" || !c.PixelsRecorded() {
		t.Errorf("a slice has the digest %q of everything, or lost that of its images", c.ImageData)
	}
}

// Shards of differing copies of a data set do not merge, even where their own images are the same in both.
func TestMergeKnowsPixels(t *testing.T) {
	shard := func(number int, s Settings) *Certificates {
		c, err := runShard(t, "", Shard{number, 2}, s)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	first, second, other := shard(1, toySettings()), shard(2, toySettings()), shard(2, otherPixels())
	if _, err := Merge(first, other); err == nil ||
		!strings.Contains(err.Error(), "shard 2/2 was made from other pixels") {
		t.Errorf("merged: %v", err)
	}
	whole, err := Merge(first, second)
	if err != nil || whole.ImageData != imageDataOf(t, "pixels") || !whole.PixelsRecorded() {
		t.Fatalf("merged: %+v, %v", whole, err)
	}
	out := filepath.Join(t.TempDir(), "k.tsv")
	if err := whole.WriteLog(out); err != nil {
		t.Fatal(err)
	}
	if c, err := ReadLog(out, nil, Plan{}); err != nil || c.ImageData != whole.ImageData || !c.PixelsRecorded() {
		t.Errorf("read back: %+v, %v", c, err)
	}
	// A shard of a version that did not record pixels merges, and the merged log has no digests.
	old, err := ReadLog("testdata/version1-shard2.tsv", nil, Plan{})
	if err != nil {
		t.Fatal(err)
	}
	for _, shards := range [][]*Certificates{{first, old}, {old, first}} {
		if c, err := Merge(shards...); err != nil || c.ImageData != "" || c.PixelsRecorded() ||
			len(c.Rows) != toyCount {
			t.Errorf("merged with an old shard: %+v, %v", c, err)
		}
	}
}

// Logs of version 1 of the format (testdata/version1.tsv is one, of the program before smoothing had a name) are read,
// loaded, resumed and compared, and reported to have no digests of pixels.
func TestVersion1(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "k.tsv")
	for _, end := range []string{"", ".json"} {
		text, err := os.ReadFile("testdata/version1.tsv" + end)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(out+end, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	old, err := ReadLog(out, nil, Plan{})
	if err != nil || old.Sigma() != 0.5 || old.Smoothing.Norm() != "L2" || old.PixelsRecorded() ||
		old.ImageData != "" ||
		len(old.Rows) != toyCount {
		t.Fatalf("read: %+v, %v", old, err)
	}
	now, _, err := runToy(t, filepath.Join(dir, "now.tsv"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.EqualFunc(old.Rows, now.Rows, Row.sameVotes) {
		t.Errorf("rows were\n%+v and are\n%+v", old.Rows, now.Rows)
	}
	if c, drawn, err := runToy(t, out, nil); err != nil || drawn > 0 || c.PixelsRecorded() {
		t.Errorf("loaded: %+v after %d votes, %v", c, drawn, err)
	}
	cutLog(t, out, 4)
	c, drawn, err := runToy(t, out, nil)
	if err != nil || drawn != 3*70 || len(c.Rows) != toyCount || c.PixelsRecorded() {
		t.Errorf("resumed: %+v after %d votes, %v", c, drawn, err)
	}
	if d, err := Compare(c, now); err != nil || d.Unrecorded != [2]bool{true, false} {
		t.Errorf("compared: %+v, %v", d, err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "now.tsv.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"version": 2`, `"noise": "gaussian"`, `"norm": "L2"`, `"sigma": 0.5`, `"image_data": "` + now.ImageData, `"image_digests": "`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the settings lack %s:\n%s", want, text)
		}
	}
	for change, want := range map[[2]string]string{
		{`"version": 2`, `"version": 3`}:              "reads versions 1 to 2",
		{`"norm": "L2"`, `"norm": "L1"`}:              "certifies radii in L2",
		{`"image_digests": "`, `"image_digests": "0`}: "image_digests has",
	} {
		edited := strings.Replace(string(text), change[0], change[1], 1)
		if err := os.WriteFile(filepath.Join(dir, "now.tsv.json"), []byte(edited), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadLog(filepath.Join(dir, "now.tsv"), nil, Plan{}); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", change[1], err)
		}
	}
}

// Certifications whose classes have other names, or another order, are not compared; one without names can be.
func TestCompareClassNames(t *testing.T) {
	for _, c := range []struct {
		a, b []string
		want string
	}{
		{[]string{"cat", "dog"}, []string{"cat", "dog"}, ""},
		{[]string{"cat", "dog"}, nil, ""},
		{[]string{"cat", "dog"}, []string{"cat", "dog", "owl"}, ""},
		{[]string{"cat", "dog"}, []string{"dog", "cat"}, `class 0 is "cat" in one certification and "dog" in the other`},
	} {
		a, b := &Certificates{}, &Certificates{}
		a.ClassNames, b.ClassNames = c.a, c.b
		err := checkComparable(a, b)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%v and %v: %v", c.a, c.b, err)
		}
	}
}

// noted returns the toy's settings with notes on the images, and with or without digests.
func noted(pixels string, notes ...string) Settings {
	s := toySettings()
	s.ImageData, s.Notes = pixels, notes
	return s
}

// The JSON file of a log has the notes on its images. They are compared where the digests of the pixels are not known:
// when a log is loaded, resumed, merged or compared. A log without notes, such as an older one, fits any other.
func TestLogKnowsNotes(t *testing.T) {
	const rounded, dark = "pixels were rounded", "all images are nearly black"
	for _, c := range []struct {
		was, now Settings
		differ   bool
	}{
		{noted("", rounded), noted("", rounded), false},
		{noted("", rounded), noted("", dark), true},
		{noted("", rounded), noted("", rounded, dark), true},
		{noted("pixels", rounded), noted("", dark), true},
		{noted("", rounded), noted("pixels", dark), true},
		{noted("pixels", rounded), noted("pixels", dark), false},
		{noted(""), noted("", dark), false},
	} {
		for _, rows := range []int{toyCount, 3} {
			out := filepath.Join(t.TempDir(), "k.tsv")
			run := func(s Settings) (*Certificates, error) {
				return runAs(t.Context(), &toyVoter{seed: 7, share: toyShares(toyCount)}, toyImages(toyCount), s, out, nil)
			}
			if _, err := run(c.was); err != nil {
				t.Fatal(err)
			}
			if read, err := ReadLog(out, nil, Plan{}); err != nil || !slices.Equal(read.Notes, c.was.Notes) {
				t.Errorf("read: %v, %v", read, err)
			}
			cutLog(t, out, rows)
			_, err := run(c.now)
			var differs *SettingsError
			if c.differ != (errors.As(err, &differs) && differs.Name == "image_notes") || !c.differ && err != nil {
				t.Errorf("%q with %q, of %d rows: %v", c.was.Notes, c.now.Notes, rows, err)
			}
		}
		shard := func(s Settings, number int) *Certificates {
			v := &toyVoter{seed: 7, share: toyShares(toyCount)}
			k, err := runWithinAs(t.Context(), Budget{}, v, toyImages(toyCount), Shard{number, 2}, s, "", nil)
			if err != nil {
				t.Fatal(err)
			}
			return k
		}
		merged, err := Merge(shard(c.was, 1), shard(c.now, 2))
		if c.differ != (err != nil && strings.Contains(err.Error(), "image_notes")) || !c.differ && err != nil {
			t.Errorf("%q merged with %q: %v", c.was.Notes, c.now.Notes, err)
		}
		for _, note := range slices.Concat(c.was.Notes, c.now.Notes) {
			if err == nil && !slices.Contains(merged.Notes, note) {
				t.Errorf("the merged notes are %q", merged.Notes)
			}
		}
		a, b := shard(c.was, 1).Partial(), shard(c.now, 1).Partial()
		if _, err := Compare(a, b); c.differ != (err != nil && strings.Contains(err.Error(), "read in different ways")) {
			t.Errorf("%q compared with %q: %v", c.was.Notes, c.now.Notes, err)
		}
	}
}
