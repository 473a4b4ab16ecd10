// Package atomicfile writes files that are there as a whole or not at all: beside their place, under a hidden name, and then
// renamed. A reader sees the old file or the new one, also after a crash. Entry points: [Write], [Prepare], and for reading [Open].
package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/renameio/v2"
)

// numberDigits is what the number in a temporary file's name has at least, but for one in a thousand million.
const numberDigits = 10

// staleAfter is the age from which a temporary file is taken to be that of a process that was killed.
const staleAfter = time.Hour

// Write puts data at path, with permissions 0644. Where it fails, what was at path stays as it was. It also removes what
// writers of the same path left when they were killed.
func Write(path string, data []byte) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return fmt.Errorf("%s is a folder; name a file in it", path)
	}
	// Not in the system's folder for temporary files, which renameio would take where it can: another file system may
	// be mounted there by the time of the renaming, and what a killed process leaves would be nobody's.
	if err := renameio.WriteFile(path, data, 0o644, renameio.WithTempDir(filepath.Dir(path))); err != nil {
		return fmt.Errorf("%s: %w", path, Cause(err)) // not under the hidden name
	}
	removeStale(path)
	return nil
}

// Prepare makes the folder of path and finds out whether Write could put a file there: before the work whose result that file
// is to hold. Its errors are sentences.
func Prepare(path string) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return fmt.Errorf("%s is a folder; name a file in it", path)
	}
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("the folder of %s cannot be made: %w; name another", path, Cause(err))
	}
	probe, err := os.CreateTemp(folder, "."+filepath.Base(path))
	if err != nil {
		return fmt.Errorf("no file can be made in the folder of %s: %w; name another", path, Cause(err))
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// Cause is why something failed, without the operation and the file's name that os puts before it.
func Cause(err error) error {
	var of *fs.PathError
	if errors.As(err, &of) {
		return of.Err
	}
	return err
}

// removeStale removes old temporary files of path: a dot, its name, and a number.
func removeStale(path string) {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return // they do no harm
	}
	for _, e := range entries {
		number, ours := strings.CutPrefix(e.Name(), "."+filepath.Base(path))
		if !ours || len(number) < numberDigits || strings.Trim(number, "0123456789") != "" || !e.Type().IsRegular() {
			continue
		}
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > staleAfter {
			os.Remove(filepath.Join(filepath.Dir(path), e.Name()))
		}
	}
}
