package jupytertest

import (
	_ "embed"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"smoothlab/internal/pythonenv"
)

//go:embed testdata/requirements.txt
var requirements string

// Environment returns the bin directory of a virtual environment with the pinned versions, which it creates if
// necessary.
func Environment(t testing.TB) (bin string) {
	t.Helper()
	return pythonenv.Make(t, "jupyter", requirements)
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
