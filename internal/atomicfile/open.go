package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"smoothlab/internal/suggest"
)

// Open opens a file to read it. Its errors are sentences; a missing file gives fs.ErrNotExist. Anything else than a
// file is refused before it is opened, because a pipe would wait for a writer.
func Open(path string) (*os.File, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &missingError{path}
	case err != nil:
		return nil, fmt.Errorf("%s cannot be read: %w", path, Cause(err))
	case info.IsDir():
		return nil, fmt.Errorf("%s is a directory; name the file in it", path)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is a pipe or a device, not a file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", path, Cause(err))
	}
	return f, nil
}

// Read reads a whole file, and opens it as [Open] does.
func Read(path string) ([]byte, error) {
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", path, Cause(err))
	}
	return data, nil
}

// missingError is the error for a file that does not exist.
type missingError struct{ path string }

func (m *missingError) Unwrap() error { return fs.ErrNotExist }

// Error suggests a file in the same directory, or else names the directory that a relative path starts from.
func (m *missingError) Error() string {
	text := "there is no file " + m.path
	dir, name := filepath.Split(m.path)
	entries, err := os.ReadDir(filepath.Clean(dir))
	if err != nil {
		text += ", nor its directory"
	}
	if guess := likely(name, entries); guess != "" {
		return fmt.Sprintf("%s: did you mean %q?", text, dir+guess)
	}
	if here, err := os.Getwd(); err == nil && !filepath.IsAbs(m.path) {
		return fmt.Sprintf("%s; its path begins in %s", text, here)
	}
	return text
}

// likely returns the entry most similar to name, "" if there is none. A long common ending does not count.
func likely(name string, entries []fs.DirEntry) string {
	ending := filepath.Ext(name)
	var stems, others []string
	for _, e := range entries {
		if stem, same := strings.CutSuffix(e.Name(), ending); same {
			stems = append(stems, stem)
		} else {
			others = append(others, e.Name())
		}
	}
	if stem := suggest.Of(strings.TrimSuffix(name, ending), stems); stem != "" {
		return stem + ending
	}
	return suggest.Of(name, others)
}
