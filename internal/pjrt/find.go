package pjrt

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/gomlx/go-xla/installer"
)

// pluginName matches the file names of plugins for go-xla; the group is
// the plugin's name: cpu, cpu_v0.114.0, cuda.
var pluginName = regexp.MustCompile(`^(?:pjrt_c_api_(.+)_plugin|pjrt[-_]plugin[-_](.+))\.so$`)

// Find lists the usable plugins for device, the preferred one first, and the files that have such a name but are not
// plugins. It reads files, loads nothing, and never uses the network. The error is about the one file that the
// environment requires. An empty device means the environment's, else CPU.
func (e Env) Find(device Device) ([]Plugin, []Rejected, error) {
	device = cmp.Or(device, e.Device)
	if e.File != "" {
		p, err := e.named(device)
		if err != nil {
			return nil, nil, err
		}
		return []Plugin{p}, nil, nil
	}
	device = cmp.Or(device, CPU)
	var plugins []Plugin
	var rejected []Rejected
	for _, dir := range e.Dirs {
		p, r := findIn(dir, device, "found in "+dir)
		plugins, rejected = append(plugins, p...), append(rejected, r...)
	}
	if e.Own != "" {
		p, r := findIn(e.Own, device, "installed by smoothlab")
		plugins, rejected = append(plugins, p...), append(rejected, r...)
	}
	return plugins, rejected, nil
}

// named returns the plugin that the environment requires.
func (e Env) named(device Device) (Plugin, error) {
	if err := cpuLibrary.Check(e.File); err != nil {
		return Plugin{}, fmt.Errorf(
			"the plugin %s named by %s %w: name another file or unset it",
			e.File,
			e.FileFrom,
			err,
		)
	}
	of := deviceOf(e.File)
	switch {
	case of == "":
		return Plugin{}, fmt.Errorf(
			"the plugin %s named by %s has neither cpu nor cuda in its file name, which determines its device: rename it or link to it",
			e.File,
			e.FileFrom,
		)
	case device != "" && device != of:
		return Plugin{}, fmt.Errorf(
			"the plugin %s named by %s is for the device %s, but %s is requested: change one of the two",
			e.File,
			e.FileFrom,
			of,
			device,
		)
	}
	return Plugin{Path: e.File, Device: of, Source: "named by " + e.FileFrom}, nil
}

// findIn lists a directory's plugins for device: the plain name first, then by
// falling version.
func findIn(dir string, device Device, source string) (plugins []Plugin, rejected []Rejected) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		rejected = append(
			rejected,
			Rejected{Path: dir, Reason: fmt.Sprintf("cannot be searched (%v)", errors.Unwrap(err))},
		)
	}
	versions := make(map[string]string)
	for _, entry := range entries {
		path := filepath.Join(dir, entry.Name())
		match := pluginName.FindStringSubmatch(entry.Name())
		if match == nil {
			continue
		}
		base, version, _ := strings.Cut(match[1]+match[2], "_v")
		if Device(base) != device {
			continue
		}
		if err := cpuLibrary.Check(path); err != nil {
			rejected = append(rejected, Rejected{Path: path, Reason: err.Error()})
			continue
		}
		versions[path] = version
		plugins = append(plugins, Plugin{Path: path, Device: device, Source: source})
	}
	slices.SortStableFunc(plugins, func(a, b Plugin) int {
		va, vb := versions[a.Path], versions[b.Path]
		if va == "" || vb == "" {
			return cmp.Compare(va, vb)
		}
		return installer.PipCompareVersion(vb, va)
	})
	return plugins, rejected
}
