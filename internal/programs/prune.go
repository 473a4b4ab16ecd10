package programs

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"time"
)

// abandoned is the age from which an unfinished file is taken to be a killed process's.
const abandoned = time.Hour

// Usage returns the number of programs and the bytes of their files.
func (s *Store) Usage() (programs int, bytes int64, err error) {
	files, err := s.files()
	for _, f := range files {
		if isProgram(f.Name()) {
			programs++
			bytes += f.Size()
		}
	}
	return programs, bytes, err
}

// prune removes files of killed writers, and then programs, the longest unused first, until the limit is kept. Other
// files are left alone. Another process may remove the same ones.
func (s *Store) prune(now time.Time) error {
	files, err := s.files()
	if err != nil {
		return err
	}
	var failed []error
	var kept []fs.FileInfo
	var total int64
	for _, f := range files {
		switch {
		case isProgram(f.Name()):
			kept = append(kept, f)
			total += f.Size()
		case strings.HasPrefix(f.Name(), prefix) && now.Sub(f.ModTime()) > abandoned:
			failed = append(failed, s.removeFile(f.Name()))
		}
	}
	slices.SortFunc(kept, func(a, b fs.FileInfo) int { return a.ModTime().Compare(b.ModTime()) })
	for _, f := range kept {
		if total <= s.limit {
			break
		}
		failed = append(failed, s.removeFile(f.Name()))
		total -= f.Size()
	}
	return errors.Join(failed...)
}

func (s *Store) removeFile(name string) error {
	if err := s.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// files lists the regular files of the store.
func (s *Store) files() ([]fs.FileInfo, error) {
	entries, err := fs.ReadDir(s.root.FS(), ".")
	if err != nil {
		return nil, err
	}
	var files []fs.FileInfo
	for _, e := range entries {
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) { // removed by another process
			continue
		}
		if err != nil {
			return nil, err
		}
		if info.Mode().IsRegular() {
			files = append(files, info)
		}
	}
	return files, nil
}
