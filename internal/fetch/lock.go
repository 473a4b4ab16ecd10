package fetch

import (
	"context"
	"os"
	"path/filepath"

	"smoothlab/internal/lockfile"
)

// Lock waits for the lock of path, creating its directory if needed; see package lockfile.
func Lock(ctx context.Context, path string) (unlock func(), err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, diskFailure(dir, err)
	}
	unlock, err = lockfile.Wait(ctx, path)
	if err != nil && ctx.Err() == nil {
		err = diskFailure(dir, err)
	}
	return unlock, err
}
