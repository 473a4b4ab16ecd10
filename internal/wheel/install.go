package wheel

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"smoothlab/internal/fetch"
)

// Progress reports the progress of downloading or unpacking a file, in bytes; total is −1 if unknown. It is called
// often.
type Progress func(file string, done, total int64)

// of returns the progress function for one file; p may be nil.
func (p Progress) of(file string) func(done, total int64) {
	return func(done, total int64) {
		if p != nil {
			p(file, done, total)
		}
	}
}

// Source is where a library comes from.
type Source struct {
	Wheel   Wheel
	Library Library
	Lookup  Lookup
}

// Install puts the library at dst. Of several processes one installs it and the others wait. The error is a sentence
// for the user.
func (s Source) Install(ctx context.Context, dst string, progress Progress) error {
	return s.explain(s.install(ctx, dst, progress))
}

func (s Source) install(ctx context.Context, dst string, progress Progress) error {
	unlock, err := fetch.Lock(ctx, dst)
	if err != nil {
		return err
	}
	defer unlock()
	archive := filepath.Join(filepath.Dir(dst), s.Wheel.Name)
	if s.Library.Check(dst) == nil { // another process was quicker, or an earlier call failed after the unpacking
		os.Remove(archive)
		return nil
	}
	addresses := s.addresses(ctx, archive)
	if err := fetch.File(ctx, archive, addresses, s.Wheel.SHA256, progress.of(s.Wheel.Name)); err != nil {
		return err
	}
	if err := s.Library.unpack(ctx, archive, dst, progress.of(filepath.Base(dst))); err != nil {
		return err
	}
	if err := s.Library.Check(dst); err != nil {
		return fmt.Errorf("the one in %s %w", archive, err)
	}
	os.Remove(archive) // a failure only costs space
	return nil
}

// addresses returns the index's address and the one noted with the wheel. The index is not queried if the archive
// exists: the user may have put it there.
func (s Source) addresses(ctx context.Context, archive string) []string {
	if _, err := os.Stat(archive); err == nil {
		return []string{s.Wheel.URL}
	}
	url, err := s.Lookup(ctx, s.Wheel)
	if err != nil {
		return []string{s.Wheel.URL} // its failure explains the problem
	}
	return slices.Compact([]string{url, s.Wheel.URL})
}

// explain adds to an error what was attempted and, if the directory caused it, how to choose another one.
func (s Source) explain(err error) error {
	l := s.Library
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("the installation of %s was interrupted: %w", l.Name, err)
	case errors.Is(err, fetch.ErrDiskFull), errors.Is(err, fetch.ErrNotWritable):
		return fmt.Errorf("%s cannot be installed: %w; XDG_DATA_HOME can name another place with %d MB free",
			l.Name, err, l.Megabytes)
	}
	return fmt.Errorf("%s is not installed and cannot be: %w; %s can name a file of it instead", l.Name, err, l.Variable)
}
