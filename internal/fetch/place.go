package fetch

import (
	"io"
	"path/filepath"

	"smoothlab/internal/atomicfile"
)

// Place makes the file dst of what fill writes, which appears there whole or not at all; see package atomicfile. An
// error of fill is returned as it is, unless it comes from writing.
func Place(dst string, fill func(io.Writer) error) error {
	out := &sink{}
	var unfilled error
	err := atomicfile.WriteBy(dst, 0o644, func(w io.Writer) error {
		out.w = w
		unfilled = fill(out)
		return unfilled
	})
	switch {
	case err == nil:
		return nil
	case unfilled != nil && out.err == nil:
		return unfilled
	}
	return diskFailure(filepath.Dir(dst), err)
}

// sink is a writer that remembers its error.
type sink struct {
	w   io.Writer
	err error
}

func (s *sink) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	if err != nil {
		s.err = err
	}
	return n, err
}
