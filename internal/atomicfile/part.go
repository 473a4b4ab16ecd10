package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// leftover is the ending of hidden names. The files are locked while their writer runs, which distinguishes them from
// those of killed processes.
const leftover = ".smoothlab-part"

// maxStem bounds the part of a file's name in its hidden name, because names have at most 255 bytes.
const maxStem = 100

// tries is the number of attempts to create a file that other processes remove.
const tries = 100

// newPart makes and locks a file with a hidden name next to path.
func newPart(path string, mode fs.FileMode) (*os.File, error) {
	stem := filepath.Base(path)
	stem = strings.ToValidUTF8(stem[:min(len(stem), maxStem)], "")
	var last error
	for range tries {
		name := filepath.Join(filepath.Dir(path), fmt.Sprintf(".%s.%08x%s", stem, rand.Uint32(), leftover))
		f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, mode)
		if os.IsExist(err) {
			last = err
			continue
		}
		if err != nil {
			return nil, err
		}
		// On a file system without locks nothing is removed either.
		locked := unix.Flock(int(f.Fd()), unix.LOCK_EX) == nil
		still, err := HasName(f)
		if err != nil {
			os.Remove(name)
			f.Close()
			return nil, err
		}
		if !locked || still {
			return f, nil
		}
		f.Close() // another process removed it between the two lines
	}
	return nil, last
}

// HasName reports whether an open file still has its name: no other process has removed or replaced it.
func HasName(f *os.File) (bool, error) {
	held, err := f.Stat()
	if err != nil {
		return false, err
	}
	seen, err := os.Stat(f.Name())
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && os.SameFile(held, seen), err
}

// removeLeftovers removes the hidden files in a directory whose writers are gone. Failures are ignored.
func removeLeftovers(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") && strings.HasSuffix(e.Name(), leftover) && e.Type().IsRegular() {
			RemoveUnlocked(filepath.Join(dir, e.Name()))
		}
	}
}

// RemoveUnlocked removes a file that no process has locked, while holding its lock.
func RemoveUnlocked(name string) {
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return
	}
	defer f.Close()
	if unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) != nil {
		return
	}
	if still, err := HasName(f); still && err == nil {
		os.Remove(name)
	}
}
