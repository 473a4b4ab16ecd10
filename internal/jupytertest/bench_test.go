package jupytertest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// BenchmarkBesideIPykernel times our kernel and ipykernel with the same client, in turns, in one run:
//
//	go test ./internal/jupytertest -run - -bench IPykernel -benchtime 1x
func BenchmarkBesideIPykernel(b *testing.B) {
	bin, smoothlab := Environment(b), Program(b)
	environ := Install(b, smoothlab)
	for b.Loop() {
		cmd := exec.Command(filepath.Join(bin, "python"), "bench.py")
		cmd.Dir, cmd.Env, cmd.Stderr = "testdata", environ, os.Stderr
		out, err := cmd.Output()
		if err != nil {
			b.Fatal(err)
		}
		b.Log("\n" + strings.TrimSpace(string(out)))
	}
}
