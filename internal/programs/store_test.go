package programs

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"smoothlab/internal/faulttest"
)

func key(text string) Key { return sha256.Sum256([]byte(text)) }

func open(t *testing.T, dir string, limit int64) *Store {
	t.Helper()
	s, err := Open(dir, limit)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// has checks that the store returns a program, or none if want is empty.
func has(t *testing.T, s *Store, k Key, want string) {
	t.Helper()
	if got, err := s.Get(k); err != nil || string(got) != want || (got == nil) != (want == "") {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

func put(t *testing.T, s *Store, k Key, program string) {
	t.Helper()
	if err := s.Put(k, []byte(program)); err != nil {
		t.Fatal(err)
	}
}

// A program is found by the next process, under its key only, and can be replaced and removed.
func TestStore(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "programs")
	put(t, open(t, dir, 1<<20), key("a"), "first")
	s := open(t, dir, 1<<20)
	has(t, s, key("a"), "first")
	has(t, s, key("b"), "")
	put(t, s, key("a"), "second")
	has(t, s, key("a"), "second")
	if n, size, err := s.Usage(); n != 1 || size != int64(headerSize+len("second")) || err != nil {
		t.Errorf("%d programs of %d bytes, %v", n, size, err)
	}
	if err := errors.Join(s.Remove(key("a")), s.Remove(key("a"))); err != nil {
		t.Error(err)
	}
	has(t, s, key("a"), "")
	for path, mode := range map[string]os.FileMode{dir: 0o700, filepath.Dir(dir): 0o700} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s has mode %v, %v", path, info.Mode(), err)
		}
	}
}

// A file that differs from what was stored is refused once and removed; then a program can be stored again.
func TestRefused(t *testing.T) {
	flip := func(at int) func(string) error {
		return func(path string) error {
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			if at < 0 {
				at += len(content)
			}
			content[at] ^= 1
			return os.WriteFile(path, content, 0o600)
		}
	}
	instead := func(create func(path string) error) func(string) error {
		return func(path string) error { return errors.Join(os.Remove(path), create(path)) }
	}
	for name, damage := range map[string]func(path string) error{
		"version":         flip(len(magic) - 2),
		"key":             flip(len(magic)),
		"length":          flip(len(magic) + len(Key{})),
		"digest":          flip(headerSize - 1),
		"last byte":       flip(-1),
		"cut off":         func(path string) error { return os.Truncate(path, int64(headerSize+3)) },
		"empty":           func(path string) error { return os.Truncate(path, 0) },
		"longer":          func(path string) error { return os.Truncate(path, int64(headerSize+50)) },
		"beyond limit":    func(path string) error { return os.Truncate(path, 1<<21) },
		"others may":      func(path string) error { return os.Chmod(path, 0o622) },
		"of another key":  func(path string) error { return os.Rename(filepath.Join(filepath.Dir(path), key("b").name()), path) },
		"pipe":            instead(func(path string) error { return syscall.Mkfifo(path, 0o600) }),
		"directory":       instead(func(path string) error { return os.Mkdir(path, 0o700) }),
		"link to outside": instead(func(path string) error { return os.Symlink("/dev/zero", path) }),
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.Chmod(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			s := open(t, dir, 1<<20)
			put(t, s, key("a"), "a program")
			put(t, s, key("b"), "another")
			if err := damage(filepath.Join(dir, key("a").name())); err != nil {
				t.Fatal(err)
			}
			if got, err := s.Get(key("a")); got != nil || !errors.Is(err, ErrRefused) {
				t.Errorf("%q, %v, want it refused", got, err)
			}
			has(t, s, key("a"), "")
			put(t, s, key("a"), "a program")
			has(t, s, key("a"), "a program")
		})
	}
}

// A directory or a file of someone else, or one that others may write to, is not used.
func TestForeign(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, 1<<20); err == nil || !strings.Contains(err.Error(), dir+" can be written by other users") {
		t.Error(err)
	}
	if _, err := Open(filepath.Join(os.DevNull, "x"), 1); err == nil {
		t.Error("a directory below a device was opened")
	}
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	if err := errors.Join(os.Chmod(dir, 0o755), os.Chown(dir, 12345, -1)); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, 1<<20); err == nil || !strings.Contains(err.Error(), dir+" belongs to another user") {
		t.Error(err)
	}
	if err := os.Chown(dir, os.Geteuid(), -1); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir, 1<<20)
	put(t, s, key("a"), "a program")
	if err := os.Chown(filepath.Join(dir, key("a").name()), 12345, -1); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Get(key("a")); got != nil || !errors.Is(err, ErrRefused) {
		t.Errorf("%q, %v, want it refused", got, err)
	}
}

// The limit holds after every Put, and the programs used last are kept. Other files are not touched, except those of
// killed writers.
func TestLimit(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	one := string(bytes.Repeat([]byte("x"), 1000))
	size := int64(headerSize + len(one))
	s := open(t, dir, 4*size+size/2)
	old := time.Now().Add(-2 * abandoned)
	for _, name := range []string{"notes.txt", prefix + "killed"} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Chtimes(path, old, old)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, prefix+"now"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		put(t, s, key(fmt.Sprint(i)), one)
		path := filepath.Join(dir, key(fmt.Sprint(i)).name())
		at := time.Now().Add(time.Duration(i-100) * time.Second)
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
		if i > 0 {
			has(t, s, key("0"), one) // becomes the newest
		}
		if n, bytes, err := s.Usage(); n > 4 || bytes > s.limit || err != nil {
			t.Fatalf("%d programs of %d bytes, %v", n, bytes, err)
		}
	}
	for i, want := range map[int]string{0: one, 16: "", 17: one, 18: one, 19: one} {
		has(t, s, key(fmt.Sprint(i)), want)
	}
	for name, want := range map[string]bool{"notes.txt": true, prefix + "now": true, prefix + "killed": false} {
		if _, err := os.Stat(filepath.Join(dir, name)); (err == nil) != want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := s.Put(key("large"), make([]byte, s.limit)); err == nil {
		t.Error("a program beyond the limit was stored")
	}
}

// If any file operation fails, a program is complete or absent.
func TestFaults(t *testing.T) {
	faulttest.Run(t, func(t *testing.T) []faulttest.Work {
		return []faulttest.Work{{Name: "put a program", Do: func(dir string) error {
			if err := os.Chmod(dir, 0o700); err != nil {
				return err
			}
			s, err := Open(dir, 1<<20)
			if err != nil {
				return err
			}
			defer s.Close()
			return s.Put(key("a"), []byte("a program"))
		}}}
	})
}
