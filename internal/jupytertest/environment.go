package jupytertest

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"smoothlab/internal/lockfile"
)

//go:embed testdata/requirements.txt
var requirements string

// Environment returns the bin directory of a virtual environment with the pinned versions, which it creates if
// necessary.
func Environment(t testing.TB) (bin string) {
	t.Helper()
	version, err := exec.Command("python3", "-c", "import sys, venv, ensurepip; print(sys.version, sys.prefix)").
		CombinedOutput()
	if err != nil {
		t.Fatalf(
			"the tests of Jupyter's own programs need python3 with venv: apt-get install python3-venv\n%v\n%s",
			err,
			version,
		)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(append(version, requirements...))
	dir := filepath.Join(cache, "smoothlab", "jupyter-"+hex.EncodeToString(sum[:6]))
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
				"%s: %v\n%s\nthe versions of testdata/requirements.txt come from the Python package index",
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

// Program builds smoothlab.
func Program(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "smoothlab")
	if out, err := exec.Command("go", "build", "-o", path, "smoothlab/cmd/smoothlab").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

// Install installs the kernel in a new directory for Jupyter and returns the environment variables that select it.
func Install(t testing.TB, program string) []string {
	t.Helper()
	dir := t.TempDir()
	environ := append(
		os.Environ(),
		"JUPYTER_DATA_DIR="+filepath.Join(dir, "data"),
		"JUPYTER_RUNTIME_DIR="+filepath.Join(dir, "runtime"),
		"JUPYTER_CONFIG_DIR="+filepath.Join(
			dir,
			"config",
		),
		"IPYTHONDIR="+filepath.Join(dir, "ipython"),
		"JUPYTER_PLATFORM_DIRS=0",
		"TERM=xterm",
		"PYTHONDONTWRITEBYTECODE=1",
	)
	cmd := exec.Command(program, "install")
	cmd.Env = environ
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return environ
}
