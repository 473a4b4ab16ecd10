// Package datadir finds the user's data directory, where smoothlab keeps downloads of data sets and of XLA.
package datadir

import (
	"fmt"
	"os"
	"path/filepath"
)

// Path returns the directory of that name under $XDG_DATA_HOME/smoothlab, or ~/.local/share/smoothlab if that is unset
// or relative, as the XDG base directory specification requires. It does not create the directory.
func Path(name string) (string, error) {
	if base := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(base) {
		return filepath.Join(base, "smoothlab", name), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("no home directory is known (%w): set HOME or XDG_DATA_HOME", err)
	}
	return filepath.Join(home, ".local", "share", "smoothlab", name), nil
}
