package softlabel

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"smoothlab/certify"
	"smoothlab/dataset"
	"smoothlab/internal/faulttest"
	"smoothlab/noise"
	"smoothlab/smoothing"
)

const toyVotes = 5

func makeToy(t *testing.T, v *toyVoter, part certify.Shard, out string) *Labels {
	t.Helper()
	l, err := Make(t.Context(), v, toyImages(), toyVotes, part, out, nil)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func contents(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// The labels are the voter's votes under the purpose of soft labels, for each image, and the file holds them.
func TestMake(t *testing.T) {
	v, out := newToy(), filepath.Join(t.TempDir(), "new", "soft.tsv")
	var last Progress
	l, err := Make(t.Context(), v, toyImages(), toyVotes, certify.Shard{}, out, func(p Progress) { last = p })
	if err != nil {
		t.Fatal(err)
	}
	if last.Done != toyCount || last.Total != toyCount {
		t.Errorf("the last progress is %+v", last)
	}
	for i, img := range toyImages() {
		counts := make([]int, 3)
		if err := v.Vote(t.Context(), img.Pos, noise.SoftLabel, 0, toyVotes, counts); err != nil {
			t.Fatal(err)
		}
		row := l.Rows[i]
		if row.Index != img.Index || row.Label != img.Label || !slices.Equal(row.Votes, counts) {
			t.Errorf("image %d: %+v, want votes %v", img.Index, row, counts)
		}
		for k, p := range row.Probabilities() {
			if p != float64(counts[k])/toyVotes {
				t.Errorf("image %d: class %d has %g, want %d of %d votes", img.Index, k, p, counts[k], toyVotes)
			}
		}
	}
	read, err := Read(out)
	if err != nil || !reflect.DeepEqual(read, l) {
		t.Errorf("read back: %v, %v", read, err)
	}
	v.each = func() error { return errors.New("a finished file needs no votes") }
	if again := makeToy(t, v, certify.Shard{}, out); !reflect.DeepEqual(again, l) {
		t.Error("a finished file is loaded as other labels")
	}
	if got := l.String(); got != "soft labels of toy train: 40 images × 5 votes at sigma 0.25" {
		t.Error(got)
	}
}

// Agreement and unanimity, by hand.
func TestShares(t *testing.T) {
	l := &Labels{Settings: Settings{Classes: 2, Votes: 4, Images: 4}, Rows: []Row{
		{Label: 0, Votes: []int{4, 0}}, {Label: 1, Votes: []int{4, 0}}, {Label: 0, Votes: []int{2, 2}}, {Label: 1, Votes: []int{1, 3}}}}
	if l.Agreement() != 0.75 || l.Unanimous() != 0.5 {
		t.Errorf("agreement %g, unanimous %g; want 0.75 and 0.5", l.Agreement(), l.Unanimous())
	}
}

// An interrupt, an error of the voter, and an incomplete line cost at most the images of a window; the finished file
// equals the one of an uninterrupted run.
func TestResume(t *testing.T) {
	dir := t.TempDir()
	whole, out := filepath.Join(dir, "whole.tsv"), filepath.Join(dir, "stopped.tsv")
	makeToy(t, newToy(), certify.Shard{}, whole)
	v := newToy()
	ctx, stop := context.WithCancel(t.Context())
	images := 0
	v.each = func() error {
		if images++; images == 15 {
			stop()
		}
		return nil
	}
	l, err := Make(ctx, v, toyImages(), toyVotes, certify.Shard{}, out, nil)
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "run it again to resume from "+out) {
		t.Errorf("the interrupt says %v", err)
	}
	if n := len(l.Rows); n < 6 || n > 14 {
		t.Errorf("%d images are kept after an interrupt at image 15", n)
	}
	broken := errors.New("broken")
	v.each = func() error {
		if images++; images > 30 {
			return broken
		}
		return nil
	}
	if _, err := Make(t.Context(), v, toyImages(), toyVotes, certify.Shard{}, out, nil); !errors.Is(err, broken) {
		t.Error(err)
	}
	f, err := os.OpenFile(out, os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = f.WriteString("63\t1\t0123456789abc")
	}
	if err = errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	makeToy(t, newToy(), certify.Shard{}, out)
	if contents(t, out) != contents(t, whole) {
		t.Error("the file differs from the one that was made at once")
	}
	if l, err := Make(ctx, newToy(), toyImages(), toyVotes, certify.Shard{}, "", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled context makes %v, %v", l, err)
	}
}

// Shards have every n-th image; merged, they equal the labels of one run.
func TestShards(t *testing.T) {
	dir := t.TempDir()
	whole := makeToy(t, newToy(), certify.Shard{}, filepath.Join(dir, "whole.tsv"))
	var parts []*Labels
	for i := range 3 {
		part := certify.Shard{Number: i + 1, Of: 3}
		out := filepath.Join(dir, fmt.Sprintf("%d.tsv", i))
		parts = append(parts, makeToy(t, newToy(), part, out))
		if l := parts[i]; len(l.Rows) != l.Planned() || !l.Finished() || l.Rows[1].Index != 2*(i+3)+1 {
			t.Errorf("shard %v: %v, second image %d", part, l, l.Rows[1].Index)
		}
	}
	merged, err := Merge(parts[2], parts[0], parts[1])
	if err != nil || !reflect.DeepEqual(merged, whole) {
		t.Errorf("merged: %v, %v", merged, err)
	}
	path := filepath.Join(dir, "merged.tsv")
	for range 2 {
		if err := merged.Write(path); err != nil {
			t.Fatal(err)
		}
	}
	if contents(t, path) != contents(t, filepath.Join(dir, "whole.tsv")) {
		t.Error("the merged file differs from the one that was made at once")
	}
	other := newToy()
	other.source.Seed = 8
	stranger := makeToy(t, other, certify.Shard{Number: 1, Of: 3}, "")
	unfinished := *parts[0]
	unfinished.Rows = unfinished.Rows[:3]
	for _, c := range []struct {
		shards []*Labels
		want   string
	}{
		{nil, "nothing to merge"},
		{[]*Labels{whole}, "not shards"},
		{parts[:2], "shard 3/3 is missing"},
		{[]*Labels{parts[0], parts[0]}, "given twice"},
		{[]*Labels{&unfinished, parts[1], parts[2]}, "shard 1/3 has 3 of its 14 images"},
		{[]*Labels{parts[1], stranger}, "has seed 8, and the first shard 7"},
	} {
		if _, err := Merge(c.shards...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("want %q, got %v", c.want, err)
		}
	}
	if _, err := Make(t.Context(), newToy(), toyImages(), 1, certify.Shard{Number: 41, Of: 41}, "", nil); err == nil ||
		!strings.Contains(err.Error(), "use fewer shards") {
		t.Errorf("a shard without images: %v", err)
	}
}

// A file made from other inputs is refused in a sentence that names the difference, and stays as it is.
func TestOtherFiles(t *testing.T) {
	out := filepath.Join(t.TempDir(), "soft.tsv")
	makeToy(t, newToy(), certify.Shard{}, out)
	before := contents(t, out)
	change := func(f func(v *toyVoter)) *toyVoter {
		v := newToy()
		f(v)
		return v
	}
	for _, c := range []struct {
		v     *toyVoter
		votes int
		part  certify.Shard
		want  string
	}{
		{change(func(v *toyVoter) { v.source.Checkpoint = "fedcba9876543210" }), toyVotes, certify.Shard{}, "classifier 0123456789ab…, not fedcba987654…"},
		{change(func(v *toyVoter) { v.source.Smoothing = smoothing.Gaussian{Sigma: 0.5} }), toyVotes, certify.Shard{}, "sigma 0.25, not 0.5"},
		{change(func(v *toyVoter) { v.source.Seed = 1 }), toyVotes, certify.Shard{}, "seed 7, not 1"},
		{change(func(v *toyVoter) { v.pixels = "others" }), toyVotes, certify.Shard{}, "pixels or labels of SHA-256"},
		{change(func(v *toyVoter) { v.source.Split = "test" }), toyVotes, certify.Shard{}, "dataset toy train, not toy test"},
		{newToy(), 6, certify.Shard{}, "n 5, not 6"},
		{newToy(), toyVotes, certify.Shard{Number: 1, Of: 2}, "shard all, not 1/2"},
	} {
		_, err := Make(t.Context(), c.v, toyImages(), c.votes, c.part, out, nil)
		var other *OtherError
		if !errors.As(err, &other) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("want %q, got %v", c.want, err)
		}
	}
	if _, err := Make(t.Context(), change(func(v *toyVoter) {
		v.source.Smoothing = smoothing.Laplace{Scale: 1}
	}), toyImages(), toyVotes, certify.Shard{}, out, nil); err == nil || !strings.Contains(err.Error(), "Gaussian") {
		t.Errorf("Laplace noise: %v", err)
	}
	if contents(t, out) != before {
		t.Error("a refused call changes the file")
	}
	// Unfinished, it is resumed only where the votes are the same to the last bit.
	lines := strings.SplitAfter(before, "\n")
	if err := os.WriteFile(out, []byte(strings.Join(lines[:10], "")), 0o644); err != nil {
		t.Fatal(err)
	}
	for want, provenance := range map[string]map[string]string{
		`device "toy", not "other"`: {"device": "other", "plugin": "2"}, // the first one in alphabetical order
		`device "toy", not ""`:      {},
		`compiler "", not "new"`:    {"device": "toy", "compiler": "new"},
	} {
		elsewhere := change(func(v *toyVoter) { v.source.Provenance = provenance })
		_, err := Make(t.Context(), elsewhere, toyImages(), toyVotes, certify.Shard{}, out, nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("computed by %v: %v, want %s", provenance, err, want)
		}
	}
}

// Damaged files and files of other kinds.
func TestDamagedFiles(t *testing.T) {
	out := filepath.Join(t.TempDir(), "soft.tsv")
	makeToy(t, newToy(), certify.Shard{}, out)
	whole := contents(t, out)
	lines := strings.SplitAfter(whole, "\n")
	with := func(at int, line string) string {
		changed := slices.Clone(lines)
		changed[at] = line
		return strings.Join(changed, "")
	}
	for _, c := range []struct{ text, want string }{
		{"", "not a file of soft labels"},
		{"idx\tlabel\n", "not a file of soft labels"},
		{lines[0][:20], "not a file of soft labels"},
		{magic + "{]\n", "its settings cannot be read"},
		{magic + "{}\n", "0 classes"},
		{lines[0] + lines[2], "does not name the columns"},
		{with(4, "x"+lines[4]), `line 5: column 1 is "x`},
		{with(4, lines[5]), "line 6: image 7 follows image 7"},
		{with(4, strings.Replace(lines[4], "\t", "\t-", 1)), "line 5: column 2"},
		{with(4, "5\t2\tzzzzzzzzzzzzzzzz\t5\t0\t0\n"), "the digest"},
		{with(4, "5\t2\t0123456789abcdef\t5\t1\t0\n"), "has 6 votes, expected 5"},
		{with(4, "5\t3\t0123456789abcdef\t5\t0\t0\n"), "label 3 of 3 classes"},
		{with(4, "5\t2\t0123456789abcdef\t5\t0\n"), "it has 5 columns, expected 6"},
		{whole + "99\t0\t0123456789abcdef\t5\t0\t0\n", "more rows than 40 images"},
	} {
		if err := os.WriteFile(out, []byte(c.text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(out); err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), out) {
			t.Errorf("want %q, got %v", c.want, err)
		}
		if _, err := Make(t.Context(), newToy(), toyImages(), toyVotes, certify.Shard{}, out, nil); err == nil ||
			contents(t, out) != c.text {
			t.Errorf("a damaged file is resumed or changed: %v", err)
		}
	}
}

func toyData() *dataset.Dataset {
	return &dataset.Dataset{Name: "pixels", Split: "train", Height: 1, Width: 2, Channels: 1, Total: 9,
		Classes: []string{"cat", "dog"}, Pixels: []byte{1, 2, 3, 4, 5, 6}, Labels: []uint16{0, 1, 0}, Indices: []int{1, 4, 6}}
}

// The votes become the targets of the images that they were made for, in their order, and of no others.
func TestOn(t *testing.T) {
	d := toyData()
	l := &Labels{Settings: Settings{Dataset: "pixels", Split: "train", Classes: 2, ClassNames: d.Classes, Images: 3, Votes: 4, Sigma: 1}}
	for i, index := range d.Indices {
		digest := certify.NewDigest(1, 2, 1, int(d.Labels[i]), d.Image(i))
		l.Rows = append(l.Rows, Row{Index: index, Label: int(d.Labels[i]), Digest: shorten(digest), Votes: []int{i, 4 - i}})
	}
	back, err := d.Select([]int{2, 0})
	if err != nil {
		t.Fatal(err)
	}
	with, err := l.On(back)
	if err != nil || !slices.Equal(with.Targets, []float32{0.5, 0.5, 0, 1}) {
		t.Fatalf("targets %v, %v", with, err)
	}
	if part, err := with.Slice(1, 2, 1); err != nil || !slices.Equal(part.Targets, []float32{0, 1}) {
		t.Errorf("a part has targets %v, %v", part, err)
	}
	for _, c := range []struct {
		change func(d *dataset.Dataset)
		want   string
	}{
		{func(d *dataset.Dataset) { d.Pixels[3]++ }, "image 4 of pixels train has other pixels or another label"},
		{func(d *dataset.Dataset) { d.Labels[2] = 1 }, "image 6 of pixels train has other pixels or another label"},
		{func(d *dataset.Dataset) { d.Indices[0] = 0 }, "do not have image 0"},
		{func(d *dataset.Dataset) { d.Classes = []string{"dog", "cat"} }, "classes"},
	} {
		other := toyData()
		c.change(other)
		if _, err := l.On(other); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("want %q, got %v", c.want, err)
		}
	}
}

// Two calls at the same time do not write the same file.
func TestOneWriter(t *testing.T) {
	out := filepath.Join(t.TempDir(), "soft.tsv")
	v := newToy()
	inside := false
	v.each = func() error {
		if inside {
			return nil
		}
		inside = true
		_, err := Make(t.Context(), newToy(), toyImages(), toyVotes, certify.Shard{}, out, nil)
		if err == nil || !strings.Contains(err.Error(), "another process is writing "+out) {
			t.Errorf("the second call: %v", err)
		}
		return nil
	}
	makeToy(t, v, certify.Shard{}, out)
}

// Files get names that differ with every setting.
func TestFileName(t *testing.T) {
	s := Settings{Dataset: "/home/me/my cats", Split: "train", Classes: 3, Images: 4, Votes: 100, Sigma: 0.25}
	other := s
	other.Shard = certify.Shard{Number: 1, Of: 2}
	if a, b := s.FileName(), other.FileName(); !strings.HasPrefix(a, "my-cats-train-n100-sigma0.25-") || a == b {
		t.Errorf("%s and %s", a, b)
	}
}

// If any file operation fails, nothing is lost, and doing it again gives the same file.
func TestFaults(t *testing.T) {
	faulttest.Run(t, func(t *testing.T) []faulttest.Work {
		return []faulttest.Work{{Name: "soft labels", Grows: true, Do: func(dir string) error {
			_, err := Make(t.Context(), newToy(), toyImages()[:8], 2, certify.Shard{}, filepath.Join(dir, "new/soft.tsv"), nil)
			return err
		}}}
	})
}
