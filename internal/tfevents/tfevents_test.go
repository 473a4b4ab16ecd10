package tfevents

import (
	"bytes"
	"encoding/hex"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The check value of CRC-32C is from RFC 3720, B.4: 32 bytes of zeros have 0x8a9136aa. Masked as by
// tensorflow/core/lib/hash/crc32c.h: rotated right by 15 bits, plus 0xa282ead8.
func TestMasked(t *testing.T) {
	crc := uint32(0x8a9136aa)
	rotated := uint64(crc>>15) | uint64(crc<<17)
	if got, want := masked(make([]byte, 32)), uint32(rotated+0xa282ead8); got != want {
		t.Errorf("%#x, want %#x", got, want)
	}
}

// An Event by hand, from event.proto: wall_time is field 1, a double; step field 2, a varint; file_version field 3, a
// string.
func TestRecord(t *testing.T) {
	w := []byte{0x09, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f, 0x10, 0x00, 0x1a, 13}
	got := event(time.Unix(1, 5e8), 0, append([]byte{0x1a, 13}, "brain.Event:2"...))
	want := append(w, "brain.Event:2"...)
	if !bytes.Equal(got[12:len(got)-4], want) || got[0] != byte(len(want)) {
		t.Errorf("%s, want the data %s", hex.EncodeToString(got), hex.EncodeToString(want))
	}
}

// Files made within a second have different names, in order; each begins with its version and the restart.
func TestCreate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	now := time.Unix(1_700_000_000, 0)
	for step := range 3 {
		w, err := Create(dir, now, step)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Scalars(now, step, Scalar{"train/loss", 0.5}, Scalar{"NaN", math.NaN()}); err != nil {
			t.Error(err)
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		if err := w.Scalars(now, 1); err == nil || strings.Count(err.Error(), w.Path()) != 1 {
			t.Errorf("after Close: %v", err)
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 3 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, f := range files {
		data, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil || !bytes.Contains(data, []byte("brain.Event:2")) || !bytes.Contains(data, []byte("train/loss")) {
			t.Errorf("%s: %q, %v", f.Name(), data, err)
		}
	}
}

func TestCreateRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]string{
		"":                         "the name of the directory is empty",
		file:                       "is a file; name a directory",
		filepath.Join(file, "sub"): "cannot be made",
	} {
		if _, err := Create(dir, time.Now(), 0); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", dir, err, want)
		}
	}
}
