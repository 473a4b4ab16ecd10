package engine

import (
	"context"

	"smoothlab/internal/memory"
	"smoothlab/internal/pjrt"
)

// Options are the options of [Open]. The zero value is ready to use.
type Options struct {
	// Device is "cpu" or "cuda"; empty means the device in GOMLX_BACKEND, else the CPU.
	Device string
	// Programs is the directory in which compiled programs are kept, so that the next process need not compile them;
	// usually [ProgramsDir]. Empty means that none are kept, and so does a directory that cannot be trusted.
	Programs string
	// Progress reports the progress of the download of XLA, which happens once per machine. It may be nil.
	Progress func(file string, done, total int64)
}

// Open finds XLA's plugin, downloading it (63 MB) if there is none, and opens an engine on it. Open one engine per
// process.
func Open(ctx context.Context, opts Options) (*Engine, error) {
	b, plugin, err := pjrt.Open(ctx, pjrt.Options{
		Device:   pjrt.Device(opts.Device),
		Programs: opts.Programs,
		Progress: opts.Progress,
	})
	if err != nil {
		return nil, err
	}
	e := New(b)
	e.plugin = plugin
	if plugin.Device == pjrt.CPU {
		e.memory = float64(memory.Total())
	}
	return e, nil
}

// ProgramsDir returns the directory in which compiled programs are kept: what the environment variable
// SMOOTHLAB_PROGRAMS names, by default smoothlab/programs in the user's cache directory, and nothing if it is "off".
func ProgramsDir() string { return pjrt.ProgramsDir() }

// Compilations returns how many programs XLA has compiled, and how many were loaded from disk instead. Both are 0 if no
// programs are kept.
func (e *Engine) Compilations() (compiled, loaded int) {
	compiled, loaded, _ = e.plugin.Programs.Counts()
	return compiled, loaded
}

// Device returns the kind of device that the engine computes on: "cpu" or "cuda".
func (e *Engine) Device() string { return string(e.plugin.Device) }

// Plugin returns the path of the file that XLA was loaded from.
func (e *Engine) Plugin() string { return e.plugin.Path }

// Provenance returns what the last bits of a result depend on besides the inputs. Certificates record it.
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
