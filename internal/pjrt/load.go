package pjrt

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"smoothlab/internal/await"
	"smoothlab/internal/pjrt/capi"

	"github.com/gomlx/compute"
	"github.com/gomlx/go-xla/compute/xla"
	goxla "github.com/gomlx/go-xla/pjrt"
)

type loaded struct {
	backend compute.Backend
	plugin  Plugin
	err     error
}

// load runs loadNow in a goroutine, since calls into XLA cannot be interrupted. keep is the directory of compiled
// programs, or empty.
func load(ctx context.Context, p Plugin, options, keep string) (compute.Backend, Plugin, error) {
	l, err := await.Do(ctx, func() (loaded, error) { return loadNow(p, options, keep), nil }, func(l loaded) {
		if l.err == nil {
			l.backend.Finalize()
		}
	})
	if err != nil {
		return nil, p, interrupted(p, err)
	}
	return l.backend, l.plugin, l.err
}

func interrupted(p Plugin, err error) error {
	return fmt.Errorf("loading the plugin %s was interrupted: %w", p.Path, err)
}

// loadNow opens one plugin. go-xla panics on some faults of a plugin, which are converted to errors; a fault within the
// plugin's code ends the process.
func loadNow(p Plugin, options, keep string) (l loaded) {
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
	xla.EnableAutoInstall(false)
	if p.Device == CUDA {
		return loadCUDA(p, options, keep)
	}
	return loadCPU(p, options, keep)
}

// loadCPU loads a CPU plugin by ourselves and gives go-xla its table.
func loadCPU(p Plugin, options, keep string) loaded {
	library, err := capi.Open(p.Path)
	if err != nil {
		return loaded{err: err}
	}
	major, minor := library.Version()
	p.API = fmt.Sprintf("%d.%d", major, minor)
	if err := avoidStale(major, minor); err != nil {
		return loaded{err: err}
	}
	var cache capi.Cache
	if keep != "" {
		if p.Programs, p.NotKept = openPrograms(keep, p, options); p.NotKept == nil {
			cache = p.Programs
		}
	}
	table := library.CachedTable(cache)
	name := registeredName(p)
	if _, err := goxla.GetPlugin(name); err != nil { // it has not been registered yet: there is no such file
		if err := goxla.RegisterPreloadedPlugin(name, table); err != nil {
			return loaded{err: err}
		}
	}
	backend, err := xla.New(name + options)
	if err != nil {
		return loaded{err: err}
	}
	err = probeStale(backend)
	p.Faulty = errors.Is(err, errStale)
	if err != nil && !(p.Faulty && faultyAllowed()) {
		backend.Finalize()
		return loaded{err: err}
	}
	return loaded{backend: backend, plugin: p}
}

// registeredName returns the name under which go-xla knows a CPU plugin. go-xla searches it for CPU, CUDA and NVIDIA to
// determine the device, ends it at a comma, and looks for a plugin in directories unless it is an absolute path. So it
// looks like one, and the true path is hidden in a digest.
func registeredName(p Plugin) string {
	sum := sha256.Sum256([]byte(p.Path))
	return "/smoothlab/cpu/" + hex.EncodeToString(sum[:])
}

// loadCUDA leaves loading to go-xla, which checks the drivers and looks for libraries next to the plugin.
func loadCUDA(p Plugin, options, keep string) loaded {
	if strings.Contains(filepath.Base(p.Path), ",") {
		return loaded{err: errors.New("its file name has a comma, which separates options")}
	}
	precise, precision, err := fullPrecision(options)
	if err != nil {
		return loaded{err: err}
	}
	p.Precision = precision
	plugin, err := goxla.GetPlugin(p.Path)
	if err != nil {
		return loaded{err: err}
	}
	major, minor := plugin.Version()
	p.API = fmt.Sprintf("%d.%d", major, minor)
	if keep != "" {
		p.NotKept = keepable(p, "")
	}
	backend, err := xla.New(p.Path + precise)
	if err != nil {
		return loaded{err: err}
	}
	return loaded{backend: backend, plugin: p}
}
