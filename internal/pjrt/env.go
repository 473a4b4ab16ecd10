package pjrt

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"smoothlab/internal/datadir"
)

// Environment variables.
const (
	FileVariable    = "SMOOTHLAB_PJRT_PLUGIN"    // one plugin file; no others are considered
	DirsVariable    = "PJRT_PLUGIN_LIBRARY_PATH" // go-xla's: directories in place of the standard ones
	backendVariable = "GOMLX_BACKEND"            // GoMLX's: xla, xla:cpu, xla:cuda, xla:/path, with options after commas
)

// Env holds the environment's settings for plugins.
type Env struct {
	File     string   // the plugin file that must be used, absolute; "" if none is named
	FileFrom string   // variable that names it
	Device   Device   // requested device; "" if there is none
	Options  string   // go-xla's options, with the leading comma
	Dirs     []string // searched in this order
	Own      string   // our own directory, searched last and installed into
	ownErr   error    // why there is no Own
}

// ReadEnv reads the environment. Its error is about GOMLX_BACKEND.
func ReadEnv() (Env, error) {
	var env Env
	if err := env.readBackend(os.Getenv(backendVariable)); err != nil {
		return Env{}, err
	}
	if file := os.Getenv(FileVariable); file != "" {
		path, err := filepath.Abs(file)
		if err != nil {
			return Env{}, fmt.Errorf("%s=%s: %w", FileVariable, file, err)
		}
		env.File, env.FileFrom = path, FileVariable
	}
	env.Own, env.ownErr = ownDir()
	env.Dirs = searchDirs()
	return env, nil
}

// ownDir has the pinned wheel in its name, so that a plugin that an earlier version of smoothlab installed is not
// mistaken for the pinned one.
func ownDir() (string, error) {
	dir, err := datadir.Path("pjrt")
	if err != nil {
		return "", err
	}
	w, err := wheelFor(runtime.GOOS + "/" + runtime.GOARCH)
	if err != nil {
		// the installation reports it; a plugin that was put there by hand still works
		return dir, nil //nolint:nilerr
	}
	return filepath.Join(dir, w.String()), nil
}

// readBackend parses the part of GoMLX's syntax that is about XLA.
func (e *Env) readBackend(value string) error {
	if value == "" {
		return nil
	}
	name, config, _ := strings.Cut(value, ":")
	plugin, options, some := strings.Cut(config, ",")
	switch name {
	case "xla", "stablehlo", "hlo", "shlo":
	default:
		return fmt.Errorf(
			"%s=%s asks for the backend %q, but smoothlab computes with XLA only: unset it, or set xla:cpu or xla:cuda",
			backendVariable,
			value,
			name,
		)
	}
	if some {
		e.Options = "," + options
	}
	switch {
	case filepath.IsAbs(plugin):
		e.File, e.FileFrom = plugin, backendVariable
	case plugin == "", Device(plugin) == CPU, Device(plugin) == CUDA:
		e.Device = Device(plugin)
	default:
		return fmt.Errorf(
			"%s=%s asks for the device %q: expected cpu, cuda, or the absolute path of a plugin",
			backendVariable,
			value,
			plugin,
		)
	}
	return nil
}

// searchDirs returns the directories that go-xla searches, except those in /etc/ld.so.conf.
func searchDirs() []string {
	if list, set := os.LookupEnv(DirsVariable); set {
		return absolute(list)
	}
	libs := []string{"/usr/local/lib"}
	if home, err := os.UserHomeDir(); err == nil {
		libs = slices.Insert(libs, 0, filepath.Join(home, ".local", "lib"))
	}
	var all []string
	for _, lib := range libs {
		all = append(
			all,
			filepath.Join(lib, "go-xla"),
			filepath.Join(lib, "go-xla", "nvidia"),
			filepath.Join(lib, "gomlx", "pjrt"),
		)
	}
	return append(all, absolute(os.Getenv("LD_LIBRARY_PATH"))...)
}

// absolute returns the absolute paths of a list like $PATH: relative ones depend on the working directory.
func absolute(list string) []string {
	return slices.DeleteFunc(filepath.SplitList(list), func(path string) bool { return !filepath.IsAbs(path) })
}

// device returns the device that a call requests, else the environment's, else CPU.
func (e Env) device(asked Device) Device { return cmp.Or(asked, e.Device, CPU) }
