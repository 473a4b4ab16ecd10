package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"smoothlab/internal/atomicfile"
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
	to, err := datadir.Path(filepath.Join("bin", "smoothlab"))
	if err != nil {
		return "", err
	}
	if err := copyProgram(program, to); err != nil {
		return "", fmt.Errorf("the program was built by go run, for this once, and cannot be copied: %w", err)
	}
	t.console.Say("the program was built by go run, for this once: it is copied to " + to)
	return to, nil
}

// passing tells whether a program lies where go run builds: below a folder go-build123 in the folder of temporary
// files.
func passing(program string) bool {
	rest, below := strings.CutPrefix(program, os.TempDir()+string(filepath.Separator))
	return below && strings.HasPrefix(rest, "go-build")
}

// copyProgram copies a program. One that runs cannot be written over, so the copy is renamed into its place.
func copyProgram(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	return atomicfile.WriteFrom(to, in, 0o755)
}
