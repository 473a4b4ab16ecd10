package wheel

import (
	"archive/zip"
	"context"
	"fmt"
	"io"
	"path"

	"smoothlab/internal/fetch"
)

// Host is where the package index keeps its files: addresses of wheels begin with it.
const Host = "https://files.pythonhosted.org/packages/"

// Wheel is a zip archive of the Python package index.
type Wheel struct {
	Project string // name on the index
	Version string
	Name    string // file name
	SHA256  string // pinned: the index could be changed, this cannot
	URL     string // address to use if the index does not answer
}

// String names the wheel as the index does, without spaces.
func (w Wheel) String() string { return w.Project + "-" + w.Version }

// unpack writes the library of the archive to dst, whose lock the caller holds. The archive's checksum has been
// verified.
func (l Library) unpack(ctx context.Context, archive, dst string, progress func(done, total int64)) error {
	z, err := zip.OpenReader(archive)
	if err != nil {
		return fmt.Errorf("%s is not a zip archive: %w", archive, err)
	}
	defer z.Close()
	for _, f := range z.File {
		if ok, err := path.Match(l.Member, path.Base(f.Name)); err != nil || !ok {
			continue
		}
		return fetch.Place(dst, func(w io.Writer) error {
			r, err := f.Open()
			if err != nil {
				return fmt.Errorf("%s in %s: %w", path.Base(f.Name), archive, err)
			}
			defer r.Close()
			counted := &counter{ctx: ctx, r: r, total: int64(f.UncompressedSize64), progress: progress}
			if _, err := io.CopyBuffer(w, counted, make([]byte, 1<<20)); err != nil {
				return err
			}
			return ctx.Err()
		})
	}
	return fmt.Errorf("%s has no shared library %s", archive, l.Member)
}

// counter reports what is read and stops reading when ctx is done.
type counter struct {
	ctx         context.Context
	r           io.Reader
	done, total int64
	progress    func(done, total int64)
}

func (c *counter) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := c.r.Read(p)
	c.done += int64(n)
	c.progress(c.done, c.total)
	return n, err
}
