package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"smoothlab/internal/atomicfile"
	"smoothlab/internal/datadir"
)

// placed returns the path of this program, to be started later. A binary built by go run is deleted at exit, so it is
// copied first.
func (t *terminal) placed() (string, error) {
	program, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("cannot find the path of this program: %w", err)
	}
	if resolved, err := filepath.EvalSymlinks(program); err == nil {
		program = resolved
	}
	if !isTemporary(program) {
		return program, nil
	}
	to, err := datadir.Path(filepath.Join("bin", "smoothlab"))
	if err != nil {
		return "", err
	}
	if err := copyProgram(program, to); err != nil {
		return "", fmt.Errorf("cannot copy the temporary binary of go run: %w", err)
	}
	t.console.Say("go run built a temporary binary, which is copied to " + to)
	return to, nil
}

// isTemporary reports whether a binary was built by go run: it is in a directory go-build123 in the directory of
// temporary files.
func isTemporary(program string) bool {
	rest, below := strings.CutPrefix(program, os.TempDir()+string(filepath.Separator))
	return below && strings.HasPrefix(rest, "go-build")
}

// copyProgram copies a binary. A running binary cannot be overwritten, so the copy is renamed into place.
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
