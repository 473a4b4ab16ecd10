package engine

import (
	"context"

	"smoothlab/internal/pjrt"
)

// Options of [Open]. The zero value serves.
type Options struct {
	// Device is "cpu" or "cuda"; empty takes what GOMLX_BACKEND says, else the CPU.
	Device string
	// Progress, if set, is told how far the download of XLA is, which happens once on a machine.
	Progress func(file string, done, total int64)
}

// Open finds XLA's plugin, downloading it (63 MB) if there is none, and opens an engine on it. A process opens one.
func Open(ctx context.Context, opts Options) (*Engine, error) {
	b, plugin, err := pjrt.Open(ctx, pjrt.Options{Device: pjrt.Device(opts.Device), Progress: opts.Progress})
	if err != nil {
		return nil, err
	}
	e := New(b)
	e.plugin = plugin
	return e, nil
}

// Device is the kind of device that the engine computes on: "cpu" or "cuda".
func (e *Engine) Device() string { return string(e.plugin.Device) }

// Plugin is the file that XLA was loaded from.
func (e *Engine) Plugin() string { return e.plugin.Path }

// Provenance is what the last bits of a result depend on besides the inputs: certificates record it.
func (e *Engine) Provenance() map[string]string {
	facts := map[string]string{
		"backend": e.backend.Name(),
		"device":  e.Device(),
		"plugin":  "PJRT API " + e.plugin.API,
		"machine": machine(),
	}
	if e.plugin.Precision != "" {
		facts["precision"] = e.plugin.Precision
	}
	return facts
}
