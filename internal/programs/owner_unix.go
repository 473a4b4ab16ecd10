//go:build unix

package programs

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// trusted returns why a file or directory must not be trusted: it belongs to another user, or others may write to it.
// The error is a clause.
func trusted(info fs.FileInfo) error {
	stat, known := info.Sys().(*syscall.Stat_t)
	switch {
	case !known || int(stat.Uid) != os.Geteuid():
		return errors.New("belongs to another user")
	case info.Mode().Perm()&0o022 != 0:
		return errors.New("can be written by other users")
	}
	return nil
}
