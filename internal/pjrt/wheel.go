package pjrt

import (
	"archive/zip"
	"context"
	"fmt"
	"io"
	"path"
	"strings"

	"smoothlab/internal/fetch"
)

// wheel is a zip archive of the Python package index that holds a plugin.
type wheel struct {
	project string // name on the index
	version string
	name    string // file name
	sha256  string // pinned: the index could be changed, this cannot
	url     string // address to use if the index does not answer
}

// String names the wheel as the index does, without spaces.
func (w wheel) String() string { return w.project + "-" + w.version }

// wheelFor returns the wheel for an operating system and architecture of Go.
func wheelFor(platform string) (wheel, error) {
	const host = "https://files.pythonhosted.org/packages/"
	switch platform {
	case "linux/amd64":
		return wheel{
			project: "lammps-jax-pjrt-cpu",
			version: "0.11.2",
			name:    "lammps_jax_pjrt_cpu-0.11.2-py3-none-manylinux_2_27_x86_64.whl",
			sha256:  "1319390d948b39f69f7dade496b7c385149d9ca6097a6b62114da113216d9ad1",
			url: host + "e5/90/f04e5ea9e56f01965b4cd56bc3cf4801a563cd47b74d4ded5780f19c3a7c/" +
				"lammps_jax_pjrt_cpu-0.11.2-py3-none-manylinux_2_27_x86_64.whl",
		}, nil
	case "linux/arm64":
		return wheel{
			project: "xla-cpu-pjrt",
			version: "0.0.1",
			name:    "xla_cpu_pjrt-0.0.1-py3-none-manylinux_2_27_aarch64.whl",
			sha256:  "8f613be6e891858f40d64f9799319502fff42689661944fc18a6ffd8210b30c9",
			url: host + "c9/2d/2c6703356beded886d95f9e37adb49aeca7b21e7617f2ff59893f038f61e/" +
				"xla_cpu_pjrt-0.0.1-py3-none-manylinux_2_27_aarch64.whl",
		}, nil
	}
	return wheel{}, fmt.Errorf("no XLA plugin for %s is known: name one by %s", platform, FileVariable)
}

// unpack writes the one shared library of the archive to dst, whose lock the
// caller holds. The archive's checksum has been verified.
func unpack(ctx context.Context, archive, dst string, progress func(done, total int64)) error {
	z, err := zip.OpenReader(archive)
	if err != nil {
		return fmt.Errorf("%s is not a zip archive: %w", archive, err)
	}
	defer z.Close()
	for _, f := range z.File {
		if !strings.HasSuffix(f.Name, ".so") {
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
	return fmt.Errorf("%s has no shared library", archive)
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
