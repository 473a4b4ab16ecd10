package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"smoothlab/internal/datadir"
)

// placed is the path of this program, to be started later. What go run has built is gone when it ends, so it is
// copied first.
func (t *terminal) placed() (string, error) {
	program, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("it is not known where this program is: %w", err)
	}
	if resolved, err := filepath.EvalSymlinks(program); err == nil {
		program = resolved
	}
	if !passing(program) {
		return program, nil
	}
	to, err := datadir.Folder(filepath.Join("bin", "smoothlab"))
	if err != nil {
		return "", err
	}
	if err := copyProgram(program, to); err != nil {
		return "", fmt.Errorf("the program was built by go run, for this once, and cannot be copied: %w", err)
	}
	t.console.Say("the program was built by go run, for this once: it is copied to " + to)
	return to, nil
}

// passing tells whether a program lies where go run builds: below a folder go-build123 in the folder of temporary files.
func passing(program string) bool {
	rest, below := strings.CutPrefix(program, os.TempDir()+string(filepath.Separator))
	return below && strings.HasPrefix(rest, "go-build")
}

// copyProgram copies it beside its place and renames it: one that runs cannot be written over.
func copyProgram(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.CreateTemp(filepath.Dir(to), ".smoothlab")
	if err != nil {
		return err
	}
	defer os.Remove(out.Name())
	if _, err = io.Copy(out, in); err == nil {
		err = out.Chmod(0o755)
	}
	if closeErr := out.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	return os.Rename(out.Name(), to)
}
