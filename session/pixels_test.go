package session_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// writeDigits writes ten 28×28 pictures, one per class, whose first pixel has the given value.
func writeDigits(t *testing.T, root string, level byte) {
	t.Helper()
	for class := range 10 {
		m := image.NewGray(image.Rect(0, 0, 28, 28))
		for i := range m.Pix {
			m.Pix[i] = byte(i * (class + 1))
		}
		m.Pix[0] = level
		var b bytes.Buffer
		dir := filepath.Join(root, strconv.Itoa(class))
		err := errors.Join(
			png.Encode(&b, m),
			os.MkdirAll(dir, 0o755),
			os.WriteFile(filepath.Join(dir, "a.png"), b.Bytes(), 0o644),
		)
		if err != nil {
			t.Fatal(err)
		}
	}
}

// The same line on another copy of the images, with the same labels and names, is neither loaded nor resumed, its
// shards do not merge with those of the first copy, and the two are not compared.
func TestOtherPixels(t *testing.T) {
	s := newSession(t, nil)
	digits, logs := filepath.Join(t.TempDir(), "digits"), t.TempDir()
	answer := func(line string) string {
		t.Helper()
		return evaluate(t, s, strings.ReplaceAll(line, "LOGS", logs))
	}
	writeDigits(t, digits, 10)
	open := fmt.Sprintf("d = dataset(%q)", digits)
	for _, line := range []string{open, "c = classifier('linear', d, seed=1)",
		"k = certify(c, d, sigma=0.5, n=100, out='LOGS/k.tsv')",
		"certify(c, d, sigma=0.5, n=100, out='LOGS/some.tsv', max_votes=400)",
		"certify(c, d, sigma=0.5, n=100, shard='1/2', out='LOGS/1.tsv')"} {
		if got := answer(line); strings.Contains(got, "error") {
			t.Fatalf("%s: %s", line, got)
		}
	}
	if got := answer("certify(c, d, sigma=0.5, n=100, out='LOGS/k.tsv')"); !strings.Contains(
		got,
		"10 images × 200 votes · loaded from",
	) {
		t.Errorf("the same pixels: %s", got)
	}
	writeDigits(t, digits, 11)
	answer(open)
	if got := answer(
		"other = certify(c, d, sigma=0.5, n=100)\ncertify(c, d, sigma=0.5, n=100, shard='2/2', out='LOGS/2.tsv')",
	); strings.Contains(
		got,
		"error",
	) {
		t.Fatal(got)
	}
	for line, want := range map[string]string{
		"certify(c, d, sigma=0.5, n=100, out='LOGS/k.tsv')":    "was made with other pixels or labels of the images",
		"certify(c, d, sigma=0.5, n=100, out='LOGS/some.tsv')": "was made with other pixels or labels of the images",
		"merge(['LOGS/1.tsv', 'LOGS/2.tsv'])":                  "shard 2/2 was made from other pixels or labels",
		"compare(k, other)":                                    "image 0 has different pixels or labels",
		"compare(k[1::2], other)":                              "image 1 has different pixels or labels",
	} {
		if got := answer(line); !strings.Contains(got, want) {
			t.Errorf("%s\nanswers\n%s\nnot\n%s", line, got, want)
		}
	}
}
