// Package lockfile prevents two processes, or two goroutines, from writing the same file. The lock is a file next to
// it, path+".lock", which is removed when the lock is released. The lock ends with its process. Lock files of killed
// processes are removed by the next one that locks a file of the same ending in the directory.
package lockfile

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"smoothlab/internal/atomicfile"

	"github.com/gofrs/flock"
)

// ErrHeld is returned if another process, or another goroutine of this one, has the lock.
var ErrHeld = errors.New("locked by another process")

// suffix is the ending of lock names.
const suffix = ".lock"

// Try takes the lock of path, whose directory must exist, or returns ErrHeld.
func Try(path string) (unlock func(), err error) {
	name := path + suffix
	for {
		l := flock.New(name, flock.SetPermissions(0o644))
		ok, err := l.TryLock()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, atomicfile.Cause(err))
		}
		if !ok {
			l.Close()
			return nil, ErrHeld
		}
		// The process that held it before may have removed the file; then the lock is on a file that others cannot see.
		held, heldErr := l.Stat()
		seen, seenErr := os.Stat(name)
		if heldErr == nil && seenErr == nil && os.SameFile(held, seen) {
			removeLeftovers(path)
			return func() { os.Remove(name); l.Close() }, nil
		}
		l.Close()
	}
}

// Wait takes the lock of path as soon as it is free, or returns ctx's error.
func Wait(ctx context.Context, path string) (unlock func(), err error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		unlock, err := Try(path)
		if !errors.Is(err, ErrHeld) {
			return unlock, err
		}
		select {
		case <-ctx.Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// removeLeftovers removes the locks of other files with the ending of path, such as .safetensors, that no process
// holds. They are empty: non-empty files, of other programs, are kept.
func removeLeftovers(path string) {
	ending := filepath.Ext(path)
	entries, err := os.ReadDir(filepath.Dir(path))
	if ending == "" || err != nil {
		return
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ending+suffix) || e.Name() == filepath.Base(path)+suffix ||
			!e.Type().IsRegular() {
			continue
		}
		if info, err := e.Info(); err == nil && info.Size() == 0 {
			atomicfile.RemoveUnlocked(filepath.Join(filepath.Dir(path), e.Name()))
		}
	}
}
