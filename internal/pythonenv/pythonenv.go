// Package pythonenv makes virtual environments of Python with pinned packages for tests, once each, in the user's
// cache. [Make] returns the bin directory of one.
package pythonenv

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"smoothlab/internal/lockfile"
)

// Make returns the bin directory of a virtual environment with the pinned versions of a requirements file, which it
// creates if necessary. The name begins the name of its directory.
func Make(t testing.TB, name, requirements string) (bin string) {
	t.Helper()
	version, err := exec.Command("python3", "-c", "import sys, venv, ensurepip; print(sys.version, sys.prefix)").
		CombinedOutput()
	if err != nil {
		t.Fatalf(
			"tests of programs in Python need python3 with venv: apt-get install python3-venv\n%v\n%s",
			err,
			version,
		)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(append(version, requirements...))
	dir := filepath.Join(cache, "smoothlab", name+"-"+hex.EncodeToString(sum[:6]))
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 5*time.Minute)
	defer stop()
	unlock, err := lockfile.Wait(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	bin = filepath.Join(dir, "bin")
	whole := filepath.Join(dir, "complete")
	if _, err := os.Stat(whole); err == nil {
		return bin
	}
	os.RemoveAll(dir)
	for _, args := range [][]string{
		{"python3", "-m", "venv", dir},
		{filepath.Join(bin, "python"), "-m", "pip", "install", "--quiet",
			"--disable-pip-version-check", "-r", "/dev/stdin"},
	} {
		cmd := exec.CommandContext(ctx, args[0], args[1:]...)
		cmd.Stdin = strings.NewReader(requirements)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf(
				"%s: %v\n%s\nthe pinned versions come from the Python package index",
				strings.Join(args, " "),
				err,
				out,
			)
		}
	}
	if err := os.WriteFile(whole, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	return bin
}
