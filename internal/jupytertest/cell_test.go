package jupytertest

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"smoothlab/certify"
	"smoothlab/smoothing"
)

// A program with a cell's text attaches to the session that a prompt has left, shows results, and computes with typed
// results: their rows equal the log that the session wrote.
func TestCell(t *testing.T) {
	smoothlab := Program(t)
	dir := t.TempDir()
	cell := filepath.Join(dir, "cell")
	if out, err := exec.Command("go", "build", "-o", cell, "./testdata/cell").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	environ := append(
		os.Environ(),
		"JUPYTER_RUNTIME_DIR="+filepath.Join(dir, "runtime"),
		"JUPYTER_DATA_DIR="+filepath.Join(dir, "data"),
		"GONB_PIPE=",
	)
	run := func(input, name string, args ...string) string {
		t.Helper()
		cmd := exec.Command(name, args...)
		cmd.Dir, cmd.Env, cmd.Stdin = dir, environ, strings.NewReader(input)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
		return string(out)
	}
	run("", smoothlab, "install") // so that the cell could start one
	run(
		"d, t = dataset(\"mnist-mini\", split=\"train\"), dataset(\"mnist-mini\")[::100]\nm = smoothmix(sigma=0.5, m=2)\nc = classifier(\"linear\", d, seed=1)\ntrain(c, d, gaussian(sigma=0.5), epochs=1, seed=1)\n",
		smoothlab,
		"attach",
	)
	out := run("", cell)
	run("", smoothlab, "attach", "--stop")
	if !regexp.MustCompile(`(?m)^session \w+ · smoothlab \d+\.\d+\.\S+ · xla:cpu.* · values: c, d, m, t$`).MatchString(out) ||
		!strings.Contains(out, "[x | z") {
		t.Errorf("the cell shows\n%s", out)
	}
	k, err := certify.ReadLog(
		filepath.Join(dir, "runs", "smix-10k.tsv"),
		smoothing.Gaussian{Sigma: 0.5},
		certify.Plan{N0: 100, N: 10_000, Alpha: 0.001},
	)
	if err != nil {
		t.Fatal(err)
	}
	first := k.Rows[0]
	want := strings.Join(
		[]string{
			strconv.Itoa(first.Index),
			strconv.Itoa(first.Label),
			strconv.Itoa(first.Predicted),
			strconv.Itoa(first.Votes),
			strconv.Itoa(first.Used),
		},
		" ",
	)
	if !strings.Contains(out, "\n"+want+" ") ||
		!strings.Contains(out, "\nACR "+strconv.FormatFloat(k.ACR(), 'f', 3, 64)+" ± ") {
		t.Errorf("the cell's rows are not those of the log, %s …\n%s", want, out)
	}
}
