// Package lockfile keeps two processes, or two goroutines, from writing the same file. The lock is a file beside it,
// path+".lock", that is removed when the lock is given up and that does not hold once its process is gone.
package lockfile

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"smoothlab/internal/atomicfile"

	"github.com/gofrs/flock"
)

// ErrHeld means that somebody else has the lock.
var ErrHeld = errors.New("locked by another process")

// Try takes the lock of path, whose folder must exist, or returns ErrHeld.
func Try(path string) (unlock func(), err error) {
	name := path + ".lock"
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
		// Whoever held it before us may have removed the file; then the lock is on a file that newcomers cannot see.
		held, heldErr := l.Stat()
		seen, seenErr := os.Stat(name)
		if heldErr == nil && seenErr == nil && os.SameFile(held, seen) {
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
