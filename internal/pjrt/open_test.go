package pjrt

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/go-xla/compute/xla"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// double runs a program with one operation.
func double(t *testing.T, backend compute.Backend) {
	t.Helper()
	exec, err := graph.NewExec(backend, func(x *graph.Node) *graph.Node { return graph.Add(x, x) })
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	out, err := exec.Call1(float32(1.5))
	if err != nil {
		t.Fatal(err)
	}
	defer out.FinalizeAll()
	if got := tensors.ToScalar[float32](out); got != 3 {
		t.Errorf("1.5 + 1.5 = %g", got)
	}
}

// TestOpen uses the installed plugin. If there is none, it installs one, as every command would.
func TestOpen(t *testing.T) {
	opts := Options{Device: CPU}
	backend, plugin, err := Open(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	defer backend.Finalize()
	double(t, backend)
	if major, _, ok := strings.Cut(plugin.API, "."); !ok || major != "0" {
		t.Errorf("PJRT API %q, want 0.n", plugin.API)
	}
	again, _, err := open(t.Context(), readEnv(t), opts, untouchable(t))
	if err != nil {
		t.Fatal(err)
	}
	again.Finalize()

	// The name of a parent directory must neither decide the device nor end the path.
	dir := filepath.Join(t.TempDir(), "nvidia,cuda")
	link := filepath.Join(dir, ownName)
	write(t, filepath.Join(dir, "x"), nil)
	if err := os.Symlink(plugin.Path, link); err != nil {
		t.Fatal(err)
	}
	t.Setenv(FileVariable, link)
	odd, plugin, err := open(t.Context(), readEnv(t), opts, untouchable(t))
	if err != nil {
		t.Fatal(err)
	}
	defer odd.Finalize()
	if b := odd.(*xla.Backend); !b.IsCPU() || b.IsCUDA() || plugin.Path != link {
		t.Errorf("%s: taken for a CPU: %t, for CUDA: %t", plugin.Path, b.IsCPU(), b.IsCUDA())
	}
	double(t, odd)
}

// A plugin that loads but returns no functions makes go-xla panic.
func TestOpenHollowPlugin(t *testing.T) {
	home := emptyHome(t)
	path := filepath.Join(home, "plugins", "pjrt_c_api_cpu_plugin.so")
	write(t, path, hollow(t))
	// Our own plugin, which is tried next, returns no functions either.
	s := serve(t, pack(t, "x/xla_cpu_pjrt.so", hollow(t)))
	env := readEnv(t)
	_, _, err := open(t.Context(), env, Options{}, given(s))
	if err == nil {
		t.Fatal("opened")
	}
	for _, word := range []string{path, filepath.Join(env.Own, ownName), FileVariable} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q lacks %q", err, word)
		}
	}
}

func TestOpenInterrupted(t *testing.T) {
	home := emptyHome(t)
	write(t, filepath.Join(home, "plugins", "pjrt_c_api_cpu_plugin.so"), hollow(t))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := Open(ctx, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}
