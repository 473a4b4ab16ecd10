package session_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"smoothlab/internal/testengine"
	"smoothlab/report"
)

// The user's own images, from a NumPy file and a directory of pictures, are shown, and trained on, without test images
// if the directory has no test part.
func TestOwnImages(t *testing.T) {
	s := newSession(t, nil)
	foreign, err := filepath.Abs("../dataset/testdata/foreign")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("HOME", foreign)
	for _, line := range []struct{ typed, want string }{
		{`dataset("~/parts.npz", split="train")`, "parts.npz train: 2 images, 4×5×3 in [0,1], 7 classes"},
		{`dataset("~/pictures")`, "pictures all: 2 images, 224×224×3 in [0,1], 2 classes"},
		{`classifier("lenet", dataset("~/pictures"))`, "error: lenet takes images of 28×28×1, these are 224×224×3"},
		{`train(classifier("lenet"), dataset("~/pictures"), gaussian())`, "error: lenet takes images of 28×28×1, these are 224×224×3"},
	} {
		if got := evaluate(t, s, line.typed); !strings.Contains(got, line.want) {
			t.Errorf("%s: %s, want %s", line.typed, got, line.want)
		}
	}
	digits := t.TempDir()
	for i, class := range []string{"0", "1"} {
		m := image.NewGray(image.Rect(0, 0, 28, 28))
		m.Pix[i] = 255
		var b bytes.Buffer
		err := errors.Join(
			png.Encode(&b, m),
			os.MkdirAll(filepath.Join(digits, class), 0o755),
			os.WriteFile(filepath.Join(digits, class, "a.png"), b.Bytes(), 0o644),
		)
		if err != nil {
			t.Fatal(err)
		}
	}
	for class := range 10 {
		b, err := os.ReadFile(filepath.Join(digits, "0", "a.png"))
		dir := filepath.Join(digits, strconv.Itoa(class))
		if err := errors.Join(
			err,
			os.MkdirAll(dir, 0o755),
			os.WriteFile(filepath.Join(dir, "b.png"), b, 0o644),
		); err != nil {
			t.Fatal(err)
		}
	}
	got := evaluate(
		t,
		s,
		fmt.Sprintf(
			"d = dataset(%q)\nd\ntrain(classifier('linear', d), d, gaussian(), epochs=1, augment='crop+flip')",
			digits,
		),
	)
	if !strings.Contains(got, "1 epoch, 1 update of 256") || strings.Contains(got, "base accuracy") {
		t.Errorf("training on a directory: %s", got)
	}
}

// Notes on the user's images are in the certificates and in their JSON file, and are printed again when the log is
// read.
func TestCertificatesKnowNotes(t *testing.T) {
	t.Chdir(t.TempDir())
	s := newSession(t, nil)
	m := image.NewGray(image.Rect(0, 0, 28, 28))
	m.Pix[0] = 1
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	for class := range 10 {
		dir := filepath.Join("own pictures é", strconv.Itoa(class))
		err := errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(filepath.Join(dir, "a.png"), b.Bytes(), 0o644))
		if err != nil {
			t.Fatal(err)
		}
	}
	const note = "all 10 images are nearly black: every pixel is 0 or 1 of 255"
	got := evaluate(t, s, `d = dataset("own pictures é/", split="all")
k = certify(classifier("linear", d, seed=1), d, sigma=0.5, n=100, out="k.tsv")
print(k.notes)`)
	if !strings.Contains(got, `["`+note) {
		t.Errorf("k.notes: %s", got)
	}
	side, err := os.ReadFile("k.tsv.json")
	if err != nil || !strings.Contains(string(side), `"image_notes": [`) || !strings.Contains(string(side), note) {
		t.Errorf("the JSON file: %s, %v", side, err)
	}
	if got := evaluate(t, s, `len(read_log("k.tsv"))`); !strings.HasPrefix(got, "note: k.tsv: when it was made: "+note) {
		t.Errorf("read_log: %s", got)
	}
}

// A classifier records the brightness of its training images, also when it is saved. Inverted digits are certified with
// a warning, which the certificates keep.
func TestInvertedImages(t *testing.T) {
	t.Chdir(t.TempDir())
	s := newSession(t, nil)
	for i := range 40 {
		m := image.NewGray(image.Rect(0, 0, 28, 28))
		for k := range m.Pix {
			m.Pix[k] = 255
			if k%8 == i%8 {
				m.Pix[k] = 0
			}
		}
		m.Pix[i] = 128 // no two are alike
		var b bytes.Buffer
		folder := filepath.Join("inverted", strconv.Itoa(i%10))
		if err := errors.Join(
			png.Encode(&b, m),
			os.MkdirAll(folder, 0o755),
			os.WriteFile(filepath.Join(folder, strconv.Itoa(i)+".png"), b.Bytes(), 0o644),
		); err != nil {
			t.Fatal(err)
		}
	}
	evaluate(t, s, `d = dataset("mnist-mini", split="train")
c = classifier("linear", d, seed=1)
r = train(c, d, gaussian(sigma=0.5), epochs=1, seed=1, out="c")
bad, good = dataset("inverted/"), dataset("mnist-mini")[:40]`)
	const want = "the images are much brighter (mean 0.8"
	got := evaluate(t, s, `k = certify(load_classifier("c"), bad, sigma=0.5, n=100)
print(k.notes)`)
	if !strings.Contains(got, "warning: "+want) || !strings.Contains(got, `["`+want) {
		t.Errorf("inverted images: %s", got)
	}
	for _, line := range []string{"evaluate(c, good, sigma=0.5, n=2)", "certify(c, good, sigma=0.5, n=100)", "evaluate(c, bad[:29])"} {
		if got := evaluate(t, s, line); strings.Contains(got, "warning") {
			t.Errorf("%s: %s", line, got)
		}
	}
}

// ownMethod is typed in two sessions and records the same tape.
const ownMethod = `
def pull(s, eta):
    logits = s.logits(s.search())
    return [("ce", 1, s.cross_entropy(logits)), ("flat", eta, s.mean(s.square(s.smoothed(logits))))]
mine = method("pull", pull, m=2, steps=2, alpha=1.0, eta=0.5)
`

// A custom method is saved and resumed by another session, its settings change without compiling, also during a run,
// and its function can be interrupted while it is recorded.
func TestOwnMethod(t *testing.T) {
	t.Chdir(t.TempDir())
	s := newSession(t, nil)
	evaluate(t, s, begin+ownMethod)
	const line = `r = train(c, d, mine, epochs=400, batch=64, seed=1, test=t, out="own")`
	interrupted(t, s, line, func(p report.Progress) bool { return p.Done >= 5 })
	again := newSession(t, nil)
	evaluate(t, again, begin+ownMethod)
	first := 0
	interrupted(t, again, line, func(p report.Progress) bool {
		if first == 0 {
			first = p.Done
		}
		return p.Done > first
	})
	if first < 5 {
		t.Errorf("another session begins at update %d", first)
	}
	before, _ := testengine.Open(t).Counts()
	got := evaluate(
		t,
		again,
		"r = train(c.copy(), d, mine, epochs=400, batch=64, test=t, background=True)\nmine.eta = 2\nmine.alpha = 0.5\nmine.m = 3\n",
	)
	if !strings.Contains(got, "eta 0.5 → 2.0 from update") || !strings.Contains(got, "was compiled with m=2") {
		t.Errorf("changing settings while a run goes: %s", got)
	}
	if got := evaluate(t, again, "r.stop()\nlen(r.changes) > 0, mine.eta"); !strings.HasSuffix(got, "(True, 2.0)\n") {
		t.Errorf("after it: %s", got)
	}
	if after, _ := testengine.Open(t).Counts(); after != before {
		t.Errorf("%d compilations for other settings", after-before)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	_, err := s.Evaluate(
		ctx,
		"def slow(s):\n    for i in range(1000000000):\n        pass\nmethod('slow', slow)",
		new(screen),
	)
	var e *report.Error
	if !errors.As(err, &e) || e.Name != report.Interrupted {
		t.Errorf("a function that does not end: %v", err)
	}
	if got := evaluate(
		t,
		s,
		"method('much', lambda s: [s.x for i in range(100000)])",
	); !strings.Contains(
		got,
		"at most 10000 verbs",
	) {
		t.Errorf("a function without measure: %s", got)
	}
}

// Notes on images are printed when they are opened and when they are used. The test images of a training come from the
// directory of its training images.
func TestNotesAndDir(t *testing.T) {
	home, dir := t.TempDir(), filepath.Join(t.TempDir(), "mnist")
	t.Setenv("XDG_DATA_HOME", home)
	t.Setenv("SMOOTHLAB_DATA", "")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	const n = 20
	for _, part := range []string{"train", "t10k"} {
		images := binary.BigEndian.AppendUint32(nil, 0x803)
		labels := binary.BigEndian.AppendUint32(nil, 0x801)
		for _, size := range []uint32{n, 28, 28} {
			images = binary.BigEndian.AppendUint32(images, size)
		}
		labels = binary.BigEndian.AppendUint32(labels, n)
		for i := range n {
			images = append(images, bytes.Repeat([]byte{byte(200 + i), 0}, 28*28/2)...)
			labels = append(labels, byte(i%10))
		}
		err := errors.Join(os.WriteFile(filepath.Join(dir, part+"-images-idx3-ubyte"), images, 0o644),
			os.WriteFile(filepath.Join(dir, part+"-labels-idx1-ubyte"), labels, 0o644))
		if err != nil {
			t.Fatal(err)
		}
	}
	const note = "note: mnist: "
	s := newSession(t, nil)
	for _, line := range []struct{ typed, want string }{
		{fmt.Sprintf("d = dataset('mnist', split='train', folder=%q)", dir), note},
		{"c = classifier('linear', d, seed=1)", ""},
		{"train(c, d[:10], gaussian(), epochs=1, batch=10)", note},
		{"predict(c, d[:2], sigma=0.5, n=20)", note},
		{"k = certify(c, d[:2], sigma=0.5, n0=10, n=200)", note},
		{"len(d.notes)", "2"},
	} {
		got := evaluate(t, s, line.typed)
		if strings.Contains(got, "error") || !strings.Contains(got, line.want) ||
			strings.HasPrefix(line.typed, "train") && !strings.Contains(got, "base accuracy") {
			t.Errorf("%s: %s, want %s", line.typed, got, line.want)
		}
	}
}
