package atomicfile

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
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
	if err := Write(dir, nil); err == nil || !strings.Contains(err.Error(), "is a directory; name a file in it") {
		t.Errorf("a directory: %v", err)
	}
	if err := Write(filepath.Join(dir, "missing", "a"), nil); err == nil {
		t.Error("a missing directory is not noticed")
	}
}

// Temporary files are made next to the target and nowhere else, even if the system's directory for them is on the same
// disk.
func TestTemporaryFilesAreNextToTheTarget(t *testing.T) {
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
		t.Errorf("something was written in the system's directory for temporary files: %v", err)
	}
}

// The next writer in a directory removes the files of killed writers. It keeps those of active writers and of other
// programs.
func TestLeftovers(t *testing.T) {
	dir := t.TempDir()
	stays := map[string]bool{
		".a.txt.00000001" + leftover: false,
		".b.txt.00000002" + leftover: false,
		"c.txt.00000003" + leftover:  true,
		".a.txt8123456789012345678":  true,
	}
	for name := range stays {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("part"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	atWork, err := newPart(filepath.Join(dir, "a.txt"), 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer atWork.Close()
	stays[filepath.Base(atWork.Name())] = true
	if err := Write(filepath.Join(dir, "a.txt"), []byte("whole")); err != nil {
		t.Fatal(err)
	}
	for name, want := range stays {
		if _, err := os.Stat(filepath.Join(dir, name)); (err == nil) != want {
			t.Errorf("%s: %v, expected to stay: %t", name, err, want)
		}
	}
	atWork.Close() // as when its process is killed
	if err := Prepare(filepath.Join(dir, "b.txt")); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(atWork.Name()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s stays: %v", atWork.Name(), err)
	}
}

// A process is repeatedly killed while it writes a large file: the next writer leaves only its own file.
func TestKilled(t *testing.T) {
	const variable = "SMOOTHLAB_TEST_WRITE"
	if path := os.Getenv(variable); path != "" {
		WriteFrom(path, endless{}, 0o644)
		return
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "a.bin")
	for range 3 {
		cmd := exec.Command(os.Args[0], "-test.run", "^TestKilled$")
		cmd.Env = append(os.Environ(), variable+"="+path)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(20 * time.Second); ; {
			if files, _ := os.ReadDir(dir); len(files) > 0 || time.Now().After(deadline) {
				break
			}
			time.Sleep(time.Millisecond)
		}
		cmd.Process.Kill()
		cmd.Wait()
	}
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Errorf("after three kills there are %v, want the last one's", files)
	}
	if err := Write(path, []byte("whole")); err != nil {
		t.Fatal(err)
	}
	if files, _ := os.ReadDir(dir); len(files) != 1 || files[0].Name() != "a.bin" {
		t.Errorf("there are %v", files)
	}
}

// endless reads as zeros without end.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// Many writers of one file, each of which removes leftovers of others, never lose a file.
func TestWritersTogether(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.txt")
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 20 {
				if err := Write(path, []byte{byte(i)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if data, err := os.ReadFile(path); err != nil || len(data) != 1 {
		t.Errorf("%v, %v", data, err)
	}
	if files, _ := os.ReadDir(filepath.Dir(path)); len(files) != 1 {
		t.Errorf("next to the file there are %v", files)
	}
}
