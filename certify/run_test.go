package certify

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"smoothlab/smoothing"
)

const toyCount = 7

func runToy(t *testing.T, out string, progress func(Progress)) (*Certificates, int, error) {
	t.Helper()
	v := &toyVoter{seed: 7, share: toyShares(toyCount)}
	c, err := runAs(t.Context(), v, toyImages(toyCount), toySettings(), out, progress)
	return c, v.drawn, err
}

var timeColumn = regexp.MustCompile(`\d:\d\d:\d\d\.\d{6}`)

// withoutTime reads a log and blanks the time column.
func withoutTime(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return timeColumn.ReplaceAllString(string(data), "-")
}

func TestRunWritesLog(t *testing.T) {
	out := filepath.Join(t.TempDir(), "new", "toy.tsv")
	var last Progress
	c, drawn, err := runToy(t, out, func(p Progress) { last = p })
	if err != nil {
		t.Fatal(err)
	}
	if drawn != toyCount*70 || len(c.Rows) != toyCount || c.Unfinished() {
		t.Errorf("%d votes gave %d of %d rows", drawn, len(c.Rows), c.Planned)
	}
	if last.Done != toyCount || last.Total != toyCount || last.Votes != drawn || last.ETA != 0 || last.Rate <= 0 {
		t.Errorf("the last progress is %+v", last)
	}
	lines := strings.Split(withoutTime(t, out), "\n")
	// All 60 votes: p = 0.001^(1/60) = 0.891250938133746 (a calculator's), radius 0.5·Φ⁻¹(p) = 0.61658…
	if want := "0\t0\t0\t0.616\t1\t-\t60\t60\t0.89125093"; lines[0]+"\n" != (Plan{}).header() ||
		!strings.HasPrefix(lines[1], want) {
		t.Errorf("the log begins\n%s\n%s\nexpected %s…", lines[0], lines[1], want)
	}
	read, err := ReadLog(out, smoothing.Gaussian{Sigma: 0.5}, Plan{N: 60})
	if err != nil {
		t.Fatal(err)
	}
	for i := range c.Rows { // the log has whole microseconds
		c.Rows[i].Time = c.Rows[i].Time.Round(time.Microsecond)
	}
	if !reflect.DeepEqual(read, c) {
		t.Errorf("read back as\n%+v\nwritten as\n%+v", read, c)
	}
}

func TestRunLoadsFinished(t *testing.T) {
	out := filepath.Join(t.TempDir(), "toy.tsv")
	first, _, err := runToy(t, out, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := toySettings()
	s.Provenance = map[string]string{"backend": "another machine's"} // finished: any machine may load it
	v := &toyVoter{share: toyShares(toyCount)}
	again, err := runAs(t.Context(), v, toyImages(toyCount), s, out, nil)
	if err != nil || v.drawn != 0 {
		t.Fatalf("%d votes were drawn again: %v", v.drawn, err)
	}
	if again.ACR() != first.ACR() || again.Provenance["backend"] != "toy" {
		t.Errorf(
			"loaded ACR %v made by %q, expected %v by the first run's backend",
			again.ACR(),
			again.Provenance["backend"],
			first.ACR(),
		)
	}
}

// Logs without a digest of the images, because they are older or the voter does not know it, are loaded and resumed.
func TestRunWithoutDigest(t *testing.T) {
	run := func(out, digest string) (int, error) {
		s := toySettings()
		s.ImageData = digest
		v := &toyVoter{seed: 7, share: toyShares(toyCount)}
		_, err := runAs(t.Context(), v, toyImages(toyCount), s, out, nil)
		return v.drawn, err
	}
	for _, c := range [][2]string{{"", "pixels"}, {"pixels", ""}} {
		out := filepath.Join(t.TempDir(), "toy.tsv")
		if _, err := run(out, c[0]); err != nil {
			t.Fatal(err)
		}
		if settings, _ := os.ReadFile(sidecarPath(out)); strings.Contains(string(settings), imageData) != (c[0] != "") {
			t.Errorf("the settings with digest %q are\n%s", c[0], settings)
		}
		if drawn, err := run(out, c[1]); err != nil || drawn > 0 {
			t.Errorf("digest %q, then %q: %d votes, %v", c[0], c[1], drawn, err)
		}
	}
}

// A process killed at any moment leaves the first bytes of the log; run again, it ends with the same log.
func TestRunResumesFromEveryByte(t *testing.T) {
	dir := t.TempDir()
	whole := filepath.Join(dir, "whole.tsv")
	want, all, err := runToy(t, whole, nil)
	if err != nil {
		t.Fatal(err)
	}
	log, _ := os.ReadFile(whole)
	settings, _ := os.ReadFile(sidecarPath(whole))
	out := filepath.Join(dir, "cut.tsv")
	for cut := range log {
		if err := errors.Join(
			os.WriteFile(out, log[:cut], 0o644),
			os.WriteFile(sidecarPath(out), settings, 0o644),
		); err != nil {
			t.Fatal(err)
		}
		if c, err := ReadLog(out, nil, Plan{}); err != nil || !c.Unfinished() {
			t.Fatalf("cut at byte %d, the log does not read as an unfinished one: %v", cut, err)
		}
		c, drawn, err := runToy(t, out, nil)
		if err != nil {
			t.Fatalf("cut at byte %d: %v", cut, err)
		}
		complete := max(0, strings.Count(string(log[:cut]), "\n")-1)
		if drawn != all/toyCount*(toyCount-complete) {
			t.Fatalf(
				"cut at byte %d: %d votes were drawn; only images without a complete line should be redone",
				cut,
				drawn,
			)
		}
		if got := withoutTime(t, out); got != withoutTime(t, whole) || c.ACR() != want.ACR() {
			t.Fatalf("cut at byte %d, the log became\n%s\nexpected\n%s", cut, got, withoutTime(t, whole))
		}
	}
}

func TestRunInterrupted(t *testing.T) {
	out := filepath.Join(t.TempDir(), "toy.tsv")
	ctx, cancel := context.WithCancel(t.Context())
	v := &toyVoter{seed: 7, share: toyShares(toyCount), each: func(votes int) {
		if votes == 3*70+25 {
			cancel()
		}
	}}
	c, err := runAs(ctx, v, toyImages(toyCount), toySettings(), out, nil)
	if !errors.Is(err, context.Canceled) || len(c.Rows) != 3 || !c.Unfinished() || v.drawn > 3*70+26 {
		t.Fatalf("interrupted in the fourth image: %d rows, %d votes, %v", len(c.Rows), v.drawn, err)
	}
	if want := "after 3 of 7 images (run it again to resume"; !strings.Contains(err.Error(), want) {
		t.Errorf("the error is %q, expected %q in it", err, want)
	}
	if _, drawn, err := runToy(t, out, nil); err != nil || drawn != 4*70 {
		t.Errorf("went on with %d votes: %v", drawn, err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	cancel()
	if c, err := runAs(
		ctx,
		v,
		toyImages(toyCount),
		toySettings(),
		"",
		nil,
	); !errors.Is(err, context.Canceled) ||
		c != nil && len(c.Rows) != 0 {
		t.Errorf("without a log: %v", err)
	}
}

func TestRunRefusesOtherSettings(t *testing.T) {
	out := filepath.Join(t.TempDir(), "toy.tsv")
	ctx, cancel := context.WithCancel(t.Context())
	v := &toyVoter{seed: 7, share: toyShares(toyCount), each: func(votes int) {
		if votes == 100 {
			cancel()
		}
	}}
	if _, err := runAs(ctx, v, toyImages(toyCount), toySettings(), out, nil); err == nil {
		t.Fatal("not interrupted")
	}
	before := withoutTime(t, out)
	for _, c := range []struct {
		name   string
		change func(s *Settings, images []Image) []Image
		want   SettingsError
	}{
		{"sigma", func(s *Settings, im []Image) []Image {
			s.Smoothing, s.Seed = smoothing.Gaussian{Sigma: 0.25}, 8
			return im
		}, SettingsError{out, "sigma", "0.5", "0.25"}},
		{"n0", func(s *Settings, im []Image) []Image { s.Plan.N0 = 11; return im }, SettingsError{out, "n0", "10", "11"}},
		{"n", func(s *Settings, im []Image) []Image { s.Plan.N = 61; return im }, SettingsError{out, "n", "60", "61"}},
		{"alpha", func(s *Settings, im []Image) []Image { s.Plan.Alpha = 0.01; return im }, SettingsError{out, "alpha", "0.001", "0.01"}},
		{"seed", func(s *Settings, im []Image) []Image { s.Seed = 8; return im }, SettingsError{out, "seed", "7", "8"}},
		{"dataset", func(s *Settings, im []Image) []Image { s.Dataset = "mnist"; return im }, SettingsError{out, "dataset", `"toy"`, `"mnist"`}},
		{"split", func(s *Settings, im []Image) []Image { s.Split = "train"; return im }, SettingsError{out, "split", `"test"`, `"train"`}},
		{"checkpoint", func(s *Settings, im []Image) []Image { s.Checkpoint = "bad"; return im }, SettingsError{out, "checkpoint", `"c0ffee"`, `"bad"`}},
		{"engine", func(s *Settings, im []Image) []Image { s.Engine = "onnxruntime"; return im }, SettingsError{out, "engine", `"xla"`, `"onnxruntime"`}},
		{"image_data", func(s *Settings, im []Image) []Image { s.ImageData = "other"; return im }, SettingsError{out, "image_data", imageDataOf(t, "pixels"), imageDataOf(t, "other")}},
		{"classes", func(s *Settings, im []Image) []Image { s.Classes, s.ClassNames = 4, nil; return im }, SettingsError{out, "classes", "3", "4"}},
		{"class_names", func(s *Settings, im []Image) []Image { s.ClassNames = []string{"b", "a", "c"}; return im }, SettingsError{out, "class_names", "a, b, c", "b, a, c"}},
		{"chunks", func(s *Settings, im []Image) []Image { s.Chunks = nil; return im }, SettingsError{out, "chunks", "[10 60]", "[]"}},
		{"images", func(s *Settings, im []Image) []Image { return im[:4] }, SettingsError{out, "images", "0, 10 … 60", "0, 10 … 30"}},
		{"device", func(s *Settings, im []Image) []Image {
			s.Provenance = map[string]string{"backend": "toy", "device": "gpu"}
			return im
		}, SettingsError{out, "device", `"cpu"`, `"gpu"`}},
	} {
		s := toySettings()
		images := c.change(&s, toyImages(toyCount))
		v := &toyVoter{share: toyShares(toyCount)}
		_, err := runAs(t.Context(), v, images, s, out, nil)
		var differs *SettingsError
		if !errors.As(err, &differs) || *differs != c.want || v.drawn > 0 {
			t.Errorf("%s: %v after %d votes; expected %v", c.name, err, v.drawn, &c.want)
		}
	}
	images := toyImages(toyCount)
	images[0].Label = 2
	if _, err := runAs(
		t.Context(),
		v,
		images,
		toySettings(),
		out,
		nil,
	); err == nil ||
		!strings.Contains(err.Error(), "image 0 has label 0, and in the data set 2") {
		t.Errorf("another label: %v", err)
	}
	if after := withoutTime(t, out); after != before {
		t.Errorf("a refused log has changed:\n%s", after)
	}
}

func TestRunRefusesBeforeVoting(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	foreign := write("foreign.tsv", "my notes\n")
	binary := write("binary.tsv", strings.Repeat("\x00\xff", 1<<16))
	lone := write("lone.tsv", Plan{}.header())
	if err := os.Mkdir(filepath.Join(dir, "beside.tsv.json"), 0o755); err != nil {
		t.Fatal(err)
	}
	write("broken.tsv.json", "{")
	write("later.tsv.json", `{"format": "certification log", "version": 3}`)
	write("other.tsv.json", `{"format": "recipe", "version": 1}`)
	twice := append(toyImages(2), toyImages(1)...)
	for _, c := range []struct {
		out    string
		images []Image
		want   string
	}{
		{filepath.Join(foreign, "toy.tsv"), toyImages(2), "not a directory"},
		{dir, toyImages(2), "cannot write the certification log: " + dir + " is a directory; name a file"},
		{foreign, toyImages(2), "this is not a certification log: use another output path, or move the file away"},
		{binary, toyImages(2), "move the file away"},
		{lone, toyImages(2), "with its settings: use another output path, or move the log away"},
		{filepath.Join(dir, "beside.tsv"), toyImages(2), "beside.tsv.json is a directory"},
		{filepath.Join(dir, "broken.tsv"), toyImages(2), "not readable JSON"},
		{filepath.Join(dir, "later.tsv"), toyImages(2), "version 3"},
		{filepath.Join(dir, "other.tsv"), toyImages(2), `format "recipe"`},
		{filepath.Join(dir, "x.tsv"), nil, "no images to certify"},
		{filepath.Join(dir, "x.tsv"), twice, "image 0 is given twice"},
		{filepath.Join(dir, "x.tsv"), []Image{{Label: 3}}, "label below 3"},
	} {
		v := &toyVoter{share: toyShares(toyCount)}
		_, err := runAs(t.Context(), v, c.images, toySettings(), c.out, nil)
		if err == nil || !strings.Contains(err.Error(), c.want) || v.drawn > 0 {
			t.Errorf("%s: %v after %d votes, expected %q", c.out, err, v.drawn, c.want)
		}
	}
	for _, path := range []string{dir, foreign, binary, lone} {
		if CheckOut(path) == nil {
			t.Errorf("CheckOut sees nothing wrong with %s", path)
		}
	}
	if err := CheckOut(filepath.Join(dir, "new", "x.tsv")); err != nil {
		t.Errorf("CheckOut refuses a new path: %v", err)
	}
	for _, name := range []string{"k.tsv.gz", "k.json", "k.NPZ", "k.parquet"} {
		err := CheckOut(filepath.Join(dir, name))
		if err == nil || !strings.Contains(err.Error(), name+" would be plain text, columns separated by tabs") {
			t.Errorf("CheckOut of the new file %s: %v", name, err)
		}
	}
	if text, _ := os.ReadFile(foreign); string(text) != "my notes\n" {
		t.Errorf("a file that is no log was changed to %q", text)
	}
}

func TestRunLocksOutOthers(t *testing.T) {
	out := filepath.Join(t.TempDir(), "toy.tsv")
	var second error
	v := &toyVoter{seed: 7, share: toyShares(toyCount)}
	v.each = func(votes int) {
		if votes == 100 {
			_, _, second = runToy(t, out, nil)
		}
	}
	if _, err := runAs(t.Context(), v, toyImages(toyCount), toySettings(), out, nil); err != nil {
		t.Fatal(err)
	}
	if second == nil || !strings.Contains(second.Error(), "another process is writing") {
		t.Errorf("a second writer got %v", second)
	}
}

// fullDisk fails in the middle of a line, after room bytes.
type fullDisk struct {
	*os.File
	room int
}

func (f *fullDisk) Write(p []byte) (int, error) {
	n, err := f.File.Write(p[:min(len(p), f.room)])
	f.room -= n
	if n < len(p) && err == nil {
		err = syscall.ENOSPC
	}
	return n, err
}

// imageDataOf returns the digest of the toy's images, with a word in place of their pixels.
func imageDataOf(t *testing.T, word string) string {
	t.Helper()
	s := toySettings()
	s.ImageData = word
	images := toyImages(toyCount)
	digests, err := (&toyVoter{settings: &s}).Digests(t.Context(), images)
	if err != nil {
		t.Fatal(err)
	}
	p, err := newPixels(images, digests)
	if err != nil || len(p.whole) != 64 {
		t.Fatalf("digest %q: %v", p.whole, err)
	}
	return p.whole
}

func TestRunDiskFull(t *testing.T) {
	dir := t.TempDir()
	whole, out := filepath.Join(dir, "whole.tsv"), filepath.Join(dir, "full.tsv")
	if _, _, err := runToy(t, whole, nil); err != nil {
		t.Fatal(err)
	}
	s := toySettings()
	s.ImageData = imageDataOf(t, s.ImageData)
	side := newSidecar(s, toyImages(toyCount), nil)
	log, _, err := openLog(out, side, toyImages(toyCount))
	if err != nil {
		t.Fatal(err)
	}
	log.file = &fullDisk{File: log.file.(*os.File), room: 200}
	j := &job{
		voter:  &toyVoter{seed: 7, share: toyShares(toyCount)},
		images: toyImages(toyCount),
		log:    log,
		meter: newMeter(
			toySettings(),
			toyCount,
			nil,
			time.Now,
		),
		certs: &Certificates{Settings: toySettings(), Planned: toyCount},
	}
	err = j.run(t.Context())
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "run it again to resume from") {
		t.Errorf("the disk is full and the error is %v", err)
	}
	if err := log.close(nil); err != nil {
		t.Fatal(err)
	}
	if text := withoutTime(
		t,
		out,
	); !strings.HasSuffix(text, "\n") || !strings.HasPrefix(withoutTime(t, whole), text) ||
		len(j.certs.Rows) == 0 {
		t.Errorf("the full disk left\n%s", text)
	}
	if _, _, err := runToy(t, out, nil); err != nil || withoutTime(t, out) != withoutTime(t, whole) {
		t.Errorf("with room again: %v\n%s", err, withoutTime(t, out))
	}
}
