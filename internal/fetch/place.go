package fetch

import (
	"io"
	"path/filepath"

	"smoothlab/internal/atomicfile"
)

// Place writes the file dst atomically with the output of fill; see package atomicfile. The caller holds the [Lock] of
// dst. An error of fill is returned unchanged, unless it comes from writing.
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
