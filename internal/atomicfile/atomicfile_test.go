package atomicfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.txt")
	for _, text := range []string{"first", "second, longer", ""} {
		if err := Write(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != text {
			t.Errorf("%q was written, and %q is read: %v", text, got, err)
		}
	}
	if files, _ := os.ReadDir(filepath.Dir(path)); len(files) != 1 {
		t.Errorf("beside the file lie %v", files)
	}
}

func TestWriteRefuses(t *testing.T) {
	dir := t.TempDir()
	if err := Write(dir, nil); err == nil || !strings.Contains(err.Error(), "is a folder; name a file in it") {
		t.Errorf("a folder: %v", err)
	}
	if err := Write(filepath.Join(dir, "missing", "a"), nil); err == nil {
		t.Error("a missing folder is not noticed")
	}
}

// Temporary files lie beside the target and nowhere else, even where the system's folder for them could be renamed from.
func TestTemporaryFilesLieBesideTheTarget(t *testing.T) {
	elsewhere := t.TempDir()
	t.Setenv("TMPDIR", elsewhere)
	before, err := os.Stat(elsewhere)
	if err != nil {
		t.Fatal(err)
	}
	if err := Write(filepath.Join(t.TempDir(), "a"), []byte("x")); err != nil {
		t.Fatal(err)
	}
	if after, err := os.Stat(elsewhere); err != nil || !after.ModTime().Equal(before.ModTime()) {
		t.Errorf("something was written in the system's folder for temporary files: %v", err)
	}
}

// What killed writers left is removed once it is old; what may belong to a writer at work, or to somebody else, stays.
func TestStaleFiles(t *testing.T) {
	dir := t.TempDir()
	old := time.Now().Add(-2 * staleAfter)
	stays := map[string]bool{
		".a.txt8123456789012345678": false,
		".a.txt2024":                true,
		".a.txtb1234567890123":      true,
		".b.txt8123456789012345678": true,
		"a.txt8123456789012345678":  true,
	}
	for name := range stays {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(filepath.Join(dir, name), old, old); err != nil {
			t.Fatal(err)
		}
	}
	const young = ".a.txt9123456789012345678"
	stays[young] = true
	if err := os.WriteFile(filepath.Join(dir, young), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Write(filepath.Join(dir, "a.txt"), nil); err != nil {
		t.Fatal(err)
	}
	for name, want := range stays {
		if _, err := os.Stat(filepath.Join(dir, name)); (err == nil) != want {
			t.Errorf("%s: %v, expected to stay: %t", name, err, want)
		}
	}
}
