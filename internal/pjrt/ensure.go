package pjrt

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"smoothlab/internal/wheel"
)

// Options are the options of [Ensure] and [Open]. The zero value is ready to use.
type Options struct {
	// Device, if set, overrides the device of GOMLX_BACKEND.
	Device Device
	// GoXLAInstaller lets go-xla install what is missing, into ~/.local/lib. It verifies no checksum, or only the one
	// of the package index, so it is used only on request. It is the only way to install CUDA.
	GoXLAInstaller bool
	// Offline forbids installing anything.
	Offline bool
	// Programs is the directory in which compiled programs are kept for the next process, usually [ProgramsDir]; empty
	// means that none are. If the directory cannot be used, the plugin is opened without it: see [Plugin.NotKept].
	Programs string
	// Progress reports downloads. It may be nil.
	Progress wheel.Progress
}

// ErrNotInstalled is the error of a plugin that is not there and that Ensure would install if it were not offline.
var ErrNotInstalled = errors.New("no plugin is installed yet")

// notInstalledError is ErrNotInstalled with a sentence of its own.
type notInstalledError struct{ error }

func (notInstalledError) Unwrap() error { return ErrNotInstalled }

// Ensure finds a usable plugin or installs one. It uses the network only if
// there is none.
func Ensure(ctx context.Context, opts Options) (Plugin, error) {
	env, err := ReadEnv()
	if err != nil {
		return Plugin{}, err
	}
	plugins, _, err := ensure(ctx, env, opts, pypi)
	if err != nil {
		return Plugin{}, err
	}
	return plugins[0], nil
}

// ensure returns at least one plugin or an error.
func ensure(
	ctx context.Context,
	env Env,
	opts Options,
	from func() (wheel.Source, error),
) ([]Plugin, []Rejected, error) {
	plugins, rejected, err := env.Find(opts.Device)
	if err != nil || len(plugins) > 0 {
		return plugins, rejected, err
	}
	device := env.device(opts.Device)
	switch {
	case opts.Offline:
		err := fmt.Errorf(
			"no %s plugin is installed%s: run any command that computes, with a network connection, to install one, or name a plugin file by %s",
			device,
			list(rejected),
			FileVariable,
		)
		if device == CPU && len(rejected) == 0 {
			err = notInstalledError{err}
		}
		return nil, rejected, err
	case opts.GoXLAInstaller:
		if err := installByGoXLA(ctx); err != nil {
			return nil, rejected, err
		}
		plugins, rejected, err = env.Find(device)
		if err == nil && len(plugins) == 0 {
			err = fmt.Errorf("go-xla's installer ran, but installed no %s plugin%s", device, list(rejected))
		}
		return plugins, rejected, err
	case device != CPU:
		return nil, rejected, fmt.Errorf(
			"no %s plugin is installed%s: let go-xla's installer fetch one, or name a plugin file by %s",
			device,
			list(rejected),
			FileVariable,
		)
	}
	s, err := from()
	if err != nil {
		return nil, rejected, err
	}
	p, err := install(ctx, s, env, opts.Progress)
	if err != nil {
		return nil, rejected, err
	}
	return []Plugin{p}, rejected, nil
}

// list returns the skipped files, to be appended to a sentence.
func list(rejected []Rejected) string {
	if len(rejected) == 0 {
		return ""
	}
	clauses := make([]string, len(rejected))
	for i, r := range rejected {
		clauses[i] = r.String()
	}
	return " (" + strings.Join(clauses, "; ") + ")"
}
