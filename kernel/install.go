package kernel

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"smoothlab/internal/atomicfile"
	"smoothlab/kernel/wire"
)

// Spec is the content of a kernel.json file.
type Spec struct {
	Argv          []string `json:"argv"`
	DisplayName   string   `json:"display_name"`
	Language      string   `json:"language"`
	InterruptMode string   `json:"interrupt_mode"`
}

// logos holds the icons that front ends show: SVG, and PNG of 32 and 64 pixels. internal/makelogo draws them.
//
//go:embed logo
var logos embed.FS

// Install writes the kernelspec below data, a Jupyter data directory such as ~/.local/share/jupyter. Front ends then
// start program, which must be an absolute path. Install returns the directory of the kernelspec. An older installation
// is replaced.
func Install(data, program string) (dir string, err error) {
	dir = filepath.Join(data, "kernels", wire.KernelName)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("cannot write the kernelspec: %w", err)
	}
	err = fs.WalkDir(logos, "logo", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		picture, err := logos.ReadFile(path)
		if err != nil {
			return err
		}
		return atomicfile.Write(filepath.Join(dir, filepath.Base(path)), picture)
	})
	if err != nil {
		return "", fmt.Errorf("cannot write the kernelspec: %w", err)
	}
	spec, err := json.MarshalIndent(
		Spec{
			Argv:          []string{program, "kernel", "-f", "{connection_file}"},
			DisplayName:   "SmoothLab",
			Language:      "starlark",
			InterruptMode: "message",
		},
		"",
		" ",
	)
	if err != nil {
		return "", err
	}
	if err := atomicfile.Write(
		filepath.Join(dir, "kernel.json"),
		append(spec, '\n'),
	); err != nil { // written last: with this file the kernel is installed
		return "", fmt.Errorf("cannot write the kernelspec: %w", err)
	}
	return dir, nil
}

// Installed returns the program that the kernelspec below data starts.
func Installed(data string) (program string, err error) {
	path := filepath.Join(data, "kernels", wire.KernelName, "kernel.json")
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", ErrNotInstalled
	}
	if err != nil {
		return "", fmt.Errorf("the kernelspec cannot be read: %w", err)
	}
	var s Spec
	if err := json.Unmarshal(text, &s); err != nil || len(s.Argv) == 0 {
		return "", fmt.Errorf("the kernelspec %s is damaged", path)
	}
	return s.Argv[0], nil
}

// ErrNotInstalled reports that there is no kernelspec.
var ErrNotInstalled = errors.New("the kernel is not installed in this directory")

// Uninstall removes the kernelspec below data and the files that Install wrote next to it.
func Uninstall(data string) (dir string, err error) {
	dir = filepath.Join(data, "kernels", wire.KernelName)
	if _, err := os.Stat(filepath.Join(dir, "kernel.json")); errors.Is(err, fs.ErrNotExist) {
		return dir, ErrNotInstalled
	}
	var names []string
	entries, err := logos.ReadDir("logo")
	if err != nil {
		return dir, err
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	names = append(names, "kernel.json") // last: without it the kernel is not installed, and the rest would stay
	for _, name := range names {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return dir, fmt.Errorf("cannot remove the kernelspec: %w", err)
		}
	}
	if err := os.Remove(dir); err != nil {
		return dir, fmt.Errorf("the kernel is removed, but its directory contains other files and stays: %w", err)
	}
	return dir, nil
}
