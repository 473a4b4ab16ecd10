// Package atomicfile writes files that are there as a whole or not at all: first under a hidden name next to their
// place, and then renamed. A reader sees the old file or the new one, also after a crash. What a killed process left
// under such a name is removed by the next one that writes in the same directory.
//
// Entry points: [Write], [WriteFrom], [WriteBy], [Prepare], [CheckName], and for reading [Open].
package atomicfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Write puts data at path, with permissions 0644. Where it fails, what was at path stays as it was.
func Write(path string, data []byte) error {
	return WriteFrom(path, bytes.NewReader(data), 0o644)
}

// WriteFrom puts all that from gives at path. Where it fails, what was at path stays as it was.
func WriteFrom(path string, from io.Reader, mode fs.FileMode) error {
	return WriteBy(path, mode, func(w io.Writer) error {
		_, err := io.Copy(w, from)
		return err
	})
}

// WriteBy puts what fill writes at path. Where it fails, or fill does, what was at path stays as it was.
func WriteBy(path string, mode fs.FileMode, fill func(io.Writer) error) error {
	if err := CheckName(path); err != nil {
		return err
	}
	removeLeftovers(filepath.Dir(path))
	part, err := newPart(path, mode)
	if err != nil {
		return fmt.Errorf("%s: %w", path, Cause(err)) // not under the hidden name
	}
	defer part.Close()
	name := part.Name()
	if err = fill(part); err == nil {
		err = part.Sync() // before the renaming: a crash must not leave path named but empty
	}
	if err == nil {
		err = os.Rename(name, path)
	}
	if err != nil {
		os.Remove(name)
		return fmt.Errorf("%s: %w", path, Cause(err))
	}
	return nil
}

// Prepare makes the directory of path and finds out whether Write could put a file there: before the work whose result
// that file is to hold. Its errors are sentences.
func Prepare(path string) error {
	if err := CheckName(path); err != nil {
		return err
	}
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("the directory of %s cannot be made: %w; name another", path, Cause(err))
	}
	removeLeftovers(folder)
	part, err := newPart(path, 0o644)
	if err != nil {
		return fmt.Errorf("no file can be made in the directory of %s: %w; name another", path, Cause(err))
	}
	return errors.Join(os.Remove(part.Name()), part.Close())
}

// CheckName refuses what is not the name of a file: nothing, a directory, a device or a pipe.
func CheckName(path string) error {
	base := path[strings.LastIndexByte(path, filepath.Separator)+1:]
	info, err := os.Stat(path)
	switch {
	case path == "":
		return errors.New("the name of the file is empty; name a file")
	case err == nil && info.IsDir():
		return fmt.Errorf("%s is a directory; name a file in it", path)
	case base == "" || base == "." || base == "..":
		return fmt.Errorf("%s is the name of a directory; name a file in it", path)
	case err == nil && !info.Mode().IsRegular():
		return fmt.Errorf("%s is a pipe or a device; name a file", path)
	}
	return nil
}

// Cause is why something failed, without the operation and the file's name that os puts before it.
func Cause(err error) error {
	var of *fs.PathError
	if errors.As(err, &of) {
		return of.Err
	}
	var renaming *os.LinkError
	if errors.As(err, &renaming) {
		return renaming.Err
	}
	return err
}
