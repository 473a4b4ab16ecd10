package atomicfile

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// AppendLine appends a line, which must end with a newline, to the file at path, which it creates if it does not exist.
// Where it fails, nothing is appended. A last line that a killed process left without an end is ended first, so that it
// does not swallow this one. Several processes may append.
func AppendLine(path string, line []byte, mode os.FileMode) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, mode)
	if err != nil {
		return fmt.Errorf("%s: %w", path, Cause(err))
	}
	defer f.Close()
	locked := unix.Flock(int(f.Fd()), unix.LOCK_EX) == nil
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("%s: %w", path, Cause(err))
	}
	size := info.Size()
	if size > 0 {
		last := make([]byte, 1)
		if _, err := f.ReadAt(last, size-1); err != nil {
			return fmt.Errorf("%s: %w", path, Cause(err))
		}
		if last[0] != '\n' {
			line = append([]byte{'\n'}, line...)
		}
	}
	if _, err := f.Write(line); err != nil {
		if locked { // otherwise another process may have appended
			_ = f.Truncate(size) // if even this fails, the next line ends this one
		}
		return fmt.Errorf("%s: %w", path, Cause(err))
	}
	return nil
}
