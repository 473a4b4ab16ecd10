package pjrt

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/go-xla/compute/xla"
	goxla "github.com/gomlx/go-xla/pjrt"
)

type loaded struct {
	backend compute.Backend
	plugin  Plugin
	err     error
}

// load runs loadNow in a goroutine, since calls into XLA cannot be interrupted.
func load(ctx context.Context, p Plugin, options string) (compute.Backend, Plugin, error) {
	if ctx.Err() != nil {
		return nil, p, interrupted(p, ctx.Err())
	}
	done := make(chan loaded, 1)
	go func() { done <- loadNow(p, options) }()
	select {
	case l := <-done:
		return l.backend, l.plugin, l.err
	case <-ctx.Done():
		go func() {
			if l := <-done; l.err == nil {
				l.backend.Finalize()
			}
		}()
		return nil, p, interrupted(p, ctx.Err())
	}
}

func interrupted(p Plugin, err error) error {
	return fmt.Errorf("loading the plugin %s was interrupted: %w", p.Path, err)
}

// loadNow opens one plugin. go-xla panics on some faults of a plugin, which are converted to errors; a fault within the
// plugin's code ends the process.
func loadNow(p Plugin, options string) (l loaded) {
	defer func() {
		fault := recover()
		switch {
		case fault != nil:
			l.err = fmt.Errorf(
				"the plugin %s failed while it was loaded (%v): remove it, or name another one by %s",
				p.Path,
				fault,
				FileVariable,
			)
		case errors.Is(l.err, errStale):
			l.err = fmt.Errorf("the plugin %s (PJRT API %s, %s) %w", p.Path, p.API, p.Source, errStale)
		case l.err != nil && options != "":
			l.err = fmt.Errorf(
				"the plugin %s cannot be loaded with the options %q of %s: %w",
				p.Path,
				options[1:],
				backendVariable,
				l.err,
			)
		case l.err != nil:
			l.err = fmt.Errorf(
				"the plugin %s cannot be loaded (%w): remove it, or name another one by %s",
				p.Path,
				l.err,
				FileVariable,
			)
		}
	}()
	path, release, err := plainPath(p)
	if err != nil {
		return loaded{err: err}
	}
	defer release()
	xla.EnableAutoInstall(false)
	precise := options
	if p.Device == CUDA {
		if precise, p.Precision, err = fullPrecision(options); err != nil {
			return loaded{err: err}
		}
	}
	plugin, err := goxla.GetPlugin(path)
	if err != nil {
		return loaded{err: err}
	}
	major, minor := plugin.Version()
	p.API = fmt.Sprintf("%d.%d", major, minor)
	if p.Device == CPU {
		if err := mendStale(major, minor); err != nil {
			return loaded{err: err}
		}
	}
	backend, err := xla.New(path + precise)
	if err != nil {
		return loaded{err: err}
	}
	if p.Device == CPU {
		err = probeStale(backend)
		p.Faulty = errors.Is(err, errStale)
		if err != nil && !(p.Faulty && faultyAllowed()) {
			backend.Finalize()
			return loaded{err: err}
		}
	}
	return loaded{backend: backend, plugin: p}
}

// plainPath returns a path from which go-xla determines the right device: it searches the whole path for CPU, CUDA and
// NVIDIA, and ends it at a comma. If a parent directory has such a name, a CPU plugin is reached through the open
// directory; a CUDA plugin is not, since it later looks for libraries next to itself. release may be called once the
// plugin is loaded.
func plainPath(p Plugin) (path string, release func(), err error) {
	folder, name := filepath.Split(p.Path)
	if strings.Contains(name, ",") {
		return "", nil, errors.New("its file name has a comma, which separates options")
	}
	if p.Device != CPU || !goxla.IsCUDAName(folder) && !strings.Contains(folder, ",") {
		return p.Path, func() {}, nil
	}
	dir, err := os.Open(folder)
	if err != nil {
		return "", nil, err
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), name), func() { dir.Close() }, nil
}
