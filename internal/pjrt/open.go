package pjrt

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"smoothlab/internal/wheel"

	"github.com/gomlx/compute"
)

// Open finds or installs a plugin, loads it and returns GoMLX's backend on it. Open one per process: two backends
// cannot share tensors. A plugin that does not load is skipped. It ends soon after ctx does; a load in progress then
// ends by itself.
func Open(ctx context.Context, opts Options) (compute.Backend, Plugin, error) {
	env, err := ReadEnv()
	if err != nil {
		return nil, Plugin{}, err
	}
	return open(ctx, env, opts, pypi)
}

func open(
	ctx context.Context,
	env Env,
	opts Options,
	from func() (wheel.Source, error),
) (compute.Backend, Plugin, error) {
	plugins, _, err := ensure(ctx, env, opts, from)
	if err != nil {
		return nil, Plugin{}, err
	}
	backend, p, err := loadFirst(ctx, plugins, env.Options, opts.Programs)
	if err == nil || ctx.Err() != nil || !mayTryOwn(env, opts, plugins) {
		return backend, p, err
	}
	// Plugins of other programs do not load; our own may.
	s, sourceErr := from()
	if sourceErr != nil {
		return nil, Plugin{}, err
	}
	p, ownErr := install(ctx, s, env, opts.Progress)
	if ownErr == nil {
		backend, p, ownErr = load(ctx, p, env.Options, opts.Programs)
	}
	if ownErr != nil {
		return nil, Plugin{}, fmt.Errorf("%w; %w", err, ownErr)
	}
	return backend, p, nil
}

// mayTryOwn reports whether, after plugins failed to load, installing our own
// may help and is not excluded by the user's settings.
func mayTryOwn(env Env, opts Options, plugins []Plugin) bool {
	own := filepath.Join(env.Own, ownName)
	tried := slices.ContainsFunc(plugins, func(p Plugin) bool { return p.Path == own })
	return !tried && !opts.Offline && env.File == "" && env.Options == "" && env.device(opts.Device) == CPU
}

// loadFirst loads the first of plugins that can be.
func loadFirst(ctx context.Context, plugins []Plugin, options, keep string) (compute.Backend, Plugin, error) {
	var failed error
	for _, p := range plugins {
		backend, p, err := load(ctx, p, options, keep)
		if err == nil || ctx.Err() != nil {
			return backend, p, err
		}
		if failed != nil {
			err = fmt.Errorf("%w; %w", failed, err)
		}
		failed = err
	}
	return nil, Plugin{}, failed
}
