package faulttest

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"smoothlab/internal/atomicfile"
)

// old writes an old a.txt into a directory.
func old(dir string) error { return os.WriteFile(filepath.Join(dir, "a.txt"), []byte("old"), 0o644) }

// A file written by package atomicfile is the old one or the new one, whichever operation fails.
func TestAtomicFile(t *testing.T) {
	Run(t, func(*testing.T) []Work {
		write := func(dir string) error {
			path := filepath.Join(dir, "a.txt")
			return errors.Join(atomicfile.Prepare(path), atomicfile.Write(path, []byte("new")))
		}
		return []Work{{Name: "a new file", Do: write}, {Name: "an old file", Do: write, Prepare: old}}
	})
}
