package pjrt

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"smoothlab/internal/fetch"

	"github.com/gomlx/go-xla/installer"
)

// ownName is the plugin's file name in our own directory. go-xla takes the device, CPU, from it.
const ownName = "pjrt_c_api_cpu_plugin.so"

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

// source is where the CPU plugin comes from; tests replace it.
type source struct {
	wheel  wheel
	lookup lookup
}

func pypi() (source, error) {
	w, err := wheelFor(runtime.GOOS + "/" + runtime.GOARCH)
	return source{wheel: w, lookup: lookupPyPI}, err
}

// install puts the CPU plugin into env's own directory. Of several processes one installs it and the others wait.
func (s source) install(ctx context.Context, env Env, progress Progress) (Plugin, error) {
	if env.ownErr != nil {
		return Plugin{}, fmt.Errorf("the XLA plugin cannot be installed: %w", env.ownErr)
	}
	p := Plugin{
		Path:   filepath.Join(env.Own, ownName),
		Device: CPU,
		Source: fmt.Sprintf("installed from %s %s", s.wheel.project, s.wheel.version),
	}
	unlock, err := fetch.Lock(ctx, p.Path)
	if err != nil {
		return Plugin{}, s.explain(err)
	}
	defer unlock()
	archive := filepath.Join(env.Own, s.wheel.name)
	if check(p.Path) == nil { // another process was quicker, or an earlier call failed after the unpacking
		os.Remove(archive)
		return p, nil
	}
	if err := fetch.File(
		ctx,
		archive,
		s.addresses(ctx, archive),
		s.wheel.sha256,
		progress.of(s.wheel.name),
	); err != nil {
		return Plugin{}, s.explain(err)
	}
	if err := unpack(ctx, archive, p.Path, progress.of(ownName)); err != nil {
		return Plugin{}, s.explain(err)
	}
	if err := check(p.Path); err != nil {
		return Plugin{}, fmt.Errorf("the XLA plugin in %s %w", archive, err)
	}
	// The archive is no longer needed, nor is the plugin that earlier versions of smoothlab put one directory up; a
	// failure to remove them only costs space.
	os.Remove(archive)
	os.Remove(filepath.Join(filepath.Dir(env.Own), ownName))
	return p, nil
}

// addresses returns the index's address and the one noted with the wheel. The index is not queried if the archive
// exists: the user may have put it there.
func (s source) addresses(ctx context.Context, archive string) []string {
	if _, err := os.Stat(archive); err == nil {
		return []string{s.wheel.url}
	}
	url, err := s.lookup(ctx, s.wheel)
	if err != nil {
		return []string{s.wheel.url} // its failure explains the problem
	}
	return slices.Compact([]string{url, s.wheel.url})
}

// explain adds to an error what was attempted and, if the directory caused it, how to choose another one.
func (s source) explain(err error) error {
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("the installation of the XLA plugin was interrupted: %w", err)
	case errors.Is(err, fetch.ErrDiskFull), errors.Is(err, fetch.ErrNotWritable):
		return fmt.Errorf(
			"the XLA plugin cannot be installed: %w; XDG_DATA_HOME can name another place with 350 MB free",
			err,
		)
	}
	return fmt.Errorf(
		"the XLA plugin is not installed and cannot be: %w; %s can name a plugin file instead",
		err,
		FileVariable,
	)
}

// installByGoXLA leaves the installation to go-xla, which continues when ctx ends.
func installByGoXLA(ctx context.Context) error {
	done := make(chan error, 1)
	go func() { done <- installer.AutoInstall("", true, installer.Quiet) }()
	select {
	case err := <-done:
		if err != nil {
			return fmt.Errorf("go-xla's installer failed: %w", err)
		}
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
