// Package atomicfile writes files atomically: first under a hidden name in the same directory, then renamed. A reader
// sees the old file or the new one, also after a crash. Hidden files of killed processes are removed by the next one
// that writes in the same directory.
//
// Entry points: [Write], [WriteFrom], [WriteBy], [Prepare], [CheckName], for lists that grow [AppendLine], and for
// reading [Open].
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

	"golang.org/x/sys/unix"
)

// Write writes data to path, with permissions 0644. If it fails, path is unchanged.
func Write(path string, data []byte) error {
	return WriteFrom(path, bytes.NewReader(data), 0o644)
}

// WriteFrom writes everything read from from to path. If it fails, path is unchanged. An error of from is returned
// unchanged.
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

// Prepare creates the directory of path and checks that Write could write a file there. Call it before long work whose
// result goes to that file. Its errors are sentences.
func Prepare(path string) error {
	if err := CheckName(path); err != nil {
		return err
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("the directory of %s cannot be made: %w; name another", path, Cause(err))
	}
	removeLeftovers(dir)
	part, err := newPart(path, 0o644)
	if err != nil {
		return fmt.Errorf("no file can be made in the directory of %s: %w; name another", path, Cause(err))
	}
	defer part.Close()
	if err := os.Remove(part.Name()); err != nil {
		return fmt.Errorf("no file can be replaced in the directory of %s: %w; name another", path, Cause(err))
	}
	return nil
}

// CheckName returns an error if path is not the name of a file: empty, a directory, a device or a pipe.
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
	case err != nil && !missing(err):
		return fmt.Errorf("%s cannot be examined: %w", path, Cause(err))
	}
	return nil
}

// otherEndings are endings of names of other files than plain text.
var otherEndings = [...]string{".gz", ".bz2", ".xz", ".zst", ".zip", ".npz", ".npy", ".json", ".jsonl", ".parquet",
	".xlsx", ".safetensors"}

// CheckText returns an error if the name of a file of lines with tabs ends as that of another kind of file, such as
// "x.tsv.gz": other programs would trust the name.
func CheckText(path string) error {
	for _, ending := range otherEndings {
		if strings.HasSuffix(strings.ToLower(path), ending) {
			return fmt.Errorf(
				"%s would be plain text, columns separated by tabs, and not what its ending %s promises: end its name in .tsv",
				path,
				ending,
			)
		}
	}
	return nil
}

// missing reports whether an error says that a file does not exist, nor can with this name.
func missing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENOTDIR) || errors.Is(err, unix.ENAMETOOLONG)
}

// Cause returns the cause of an error of package os, without the operation and the file's name.
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
