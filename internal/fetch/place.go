package fetch

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Place writes the file dst atomically with the output of fill: to a temporary file next to it, renamed after fill
// returns nil. The caller holds the [Lock] of dst, so the temporary name can be fixed, and the next process overwrites
// the file of a killed one. An error of fill is returned unchanged, unless it comes from writing.
func Place(dst string, fill func(io.Writer) error) error {
	folder, part := filepath.Dir(dst), dst+".part"
	file, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return diskFailure(folder, err)
	}
	defer os.Remove(part) // finds nothing after the rename
	err = fill(file)
	// Sync before the rename: a crash must not leave dst named but empty.
	settled := errors.Join(file.Sync(), file.Close())
	if pe, ok := errors.AsType[*fs.PathError](err); ok && pe.Path == part {
		return diskFailure(folder, err)
	}
	if err != nil {
		return err
	}
	if settled != nil {
		return diskFailure(folder, settled)
	}
	if err := os.Rename(part, dst); err != nil {
		return diskFailure(folder, err)
	}
	return nil
}
