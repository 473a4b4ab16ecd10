package fetch

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// Lock waits for the lock file beside path, path+".lock", against other
// processes and goroutines, and makes the folder if needed. unlock removes the
// file, so that nothing is left behind.
func Lock(ctx context.Context, path string) (unlock func(), err error) {
	folder, name := filepath.Dir(path), path+".lock"
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, diskFailure(folder, err)
	}
	for {
		l := flock.New(name, flock.SetPermissions(0o644))
		if _, err := l.TryLockContext(ctx, 50*time.Millisecond); err != nil {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			return nil, diskFailure(folder, err)
		}
		// Whoever held it before us may have removed the file; then the lock is
		// on a file that newcomers cannot see.
		held, heldErr := l.Stat()
		seen, seenErr := os.Stat(name)
		if heldErr == nil && seenErr == nil && os.SameFile(held, seen) {
			return func() { os.Remove(name); l.Close() }, nil
		}
		l.Close()
	}
}
