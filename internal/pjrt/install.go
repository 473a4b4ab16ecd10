package pjrt

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"smoothlab/internal/wheel"

	"github.com/gomlx/go-xla/installer"
)

// ownName is the plugin's file name in our own directory. go-xla takes the device, CPU, from it.
const ownName = "pjrt_c_api_cpu_plugin.so"

// install puts the CPU plugin into env's own directory. Of several processes one installs it and the others wait.
func install(ctx context.Context, s wheel.Source, env Env, progress wheel.Progress) (Plugin, error) {
	if env.ownErr != nil {
		return Plugin{}, fmt.Errorf("the XLA plugin cannot be installed: %w", env.ownErr)
	}
	p := Plugin{
		Path:   filepath.Join(env.Own, ownName),
		Device: CPU,
		Source: fmt.Sprintf("installed from %s %s", s.Wheel.Project, s.Wheel.Version),
	}
	if err := s.Install(ctx, p.Path, progress); err != nil {
		return Plugin{}, err
	}
	// The plugin that earlier versions of smoothlab put one directory up; a failure to remove it only costs space.
	os.Remove(filepath.Join(filepath.Dir(env.Own), ownName))
	return p, nil
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
