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
	FileVariable    = "SMOOTHLAB_PJRT_PLUGIN"    // one plugin file; nothing else is looked at
	FoldersVariable = "PJRT_PLUGIN_LIBRARY_PATH" // go-xla's: folders in place of the standard ones
	backendVariable = "GOMLX_BACKEND"            // GoMLX's: xla, xla:cpu, xla:cuda, xla:/path, with options after commas
)

// Env is what the environment says about plugins.
type Env struct {
	File     string   // the plugin file that must be used, absolute; "" if none is named
	FileFrom string   // the variable that names it
	Device   Device   // the device asked for; "" if none is
	Options  string   // go-xla's options, with the leading comma
	Folders  []string // searched in this order
	Own      string   // our own folder, searched last and installed into
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
	env.Own, env.ownErr = ownFolder()
	env.Folders = folders()
	return env, nil
}

// ownFolder has the pinned wheel in its name, so that a plugin that an earlier version of smoothlab installed is not
// taken for the pinned one.
func ownFolder() (string, error) {
	folder, err := datadir.Folder("pjrt")
	if err != nil {
		return "", err
	}
	w, err := wheelFor(runtime.GOOS + "/" + runtime.GOARCH)
	if err != nil {
		return folder, nil //nolint:nilerr // the installation will say so; a plugin that was put there by hand serves
	}
	return filepath.Join(folder, w.String()), nil
}

// readBackend understands the part of GoMLX's syntax that is about XLA.
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

// folders are those that go-xla searches, but for what /etc/ld.so.conf lists.
func folders() []string {
	if list, set := os.LookupEnv(FoldersVariable); set {
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

// absolute keeps the absolute paths of a list like $PATH: what a relative one
// means depends on where the program was started.
func absolute(list string) []string {
	return slices.DeleteFunc(filepath.SplitList(list), func(path string) bool { return !filepath.IsAbs(path) })
}

// device is the one that a call asks for, else the environment, else CPU.
func (e Env) device(asked Device) Device { return cmp.Or(asked, e.Device, CPU) }
