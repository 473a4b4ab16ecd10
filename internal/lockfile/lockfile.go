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

	"golang.org/x/sys/unix"
)

// ErrHeld is returned if another process, or another goroutine of this one, has the lock.
var ErrHeld = errors.New("locked by another process")

// suffix is the ending of lock names.
const suffix = ".lock"

// Try takes the lock of path, whose directory must exist, or returns ErrHeld.
func Try(path string) (unlock func(), err error) {
	for {
		f, err := hold(path + suffix)
		if errors.Is(err, ErrHeld) {
			return nil, err
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, atomicfile.Cause(err))
		}
		// The process that held it before may have removed the file; then the lock is on a file that others cannot see.
		still, err := atomicfile.HasName(f)
		if err != nil {
			release(f)
			return nil, fmt.Errorf("%s: %w", path, atomicfile.Cause(err))
		}
		if still {
			removeLeftovers(path)
			return func() { os.Remove(f.Name()); release(f) }, nil
		}
		release(f)
	}
}

// TryFile locks the file at path itself, which it creates if it does not exist, or returns ErrHeld. The file stays when
// the lock is released.
func TryFile(path string) (unlock func(), err error) {
	f, err := hold(path)
	if err != nil {
		return nil, err
	}
	return func() { release(f) }, nil
}

// hold opens, or creates, and locks a file.
func hold(name string) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if err == nil {
		return f, nil
	}
	f.Close()
	if errors.Is(err, unix.EWOULDBLOCK) {
		return nil, ErrHeld
	}
	return nil, err
}

// release ends a lock. Closing alone would leave it to a process that is being started at the moment, and unlocking can
// fail.
func release(f *os.File) {
	_ = unix.Flock(int(f.Fd()), unix.LOCK_UN)
	f.Close()
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
