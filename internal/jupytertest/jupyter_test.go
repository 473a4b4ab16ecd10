package jupytertest

import (
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Jupyter's own tests of a kernel, applied to ours. Each file is a separate process; only the tests named here are
// skipped.
func TestOutside(t *testing.T) {
	bin, smoothlab := Environment(t), Program(t)
	skipped := map[string]string{"test_kernel_test.py": "1 skipped"} // the language has no standard error
	for _, file := range []string{
		"test_kernel_test.py", "test_client.py", "test_notebook.py", "test_console.py", "test_widgets.py",
	} {
		t.Run(strings.TrimSuffix(file, ".py"), func(t *testing.T) {
			if file != "test_client.py" { // it uses the latest cells of the history that all kernels share
				t.Parallel()
			}
			ctx, stop := context.WithTimeout(t.Context(), 4*time.Minute)
			defer stop()
			cmd := exec.CommandContext(
				ctx,
				filepath.Join(bin, "python"),
				"-m",
				"pytest",
				"-q",
				"-p",
				"no:cacheprovider",
				file,
			)
			cmd.Dir, cmd.Env = "testdata", Install(t, smoothlab)
			cmd.WaitDelay = 10 * time.Second
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			lines := strings.Split(strings.TrimSpace(string(out)), "\n")
			last := lines[len(lines)-1]
			if want := skipped[file]; !strings.Contains(last, want) ||
				want == "" && strings.Contains(last, "skipped") ||
				!strings.Contains(last, " passed") {
				t.Errorf("%s", out)
			}
			t.Log(last)
		})
	}
}
