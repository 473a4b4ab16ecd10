package pjrt

import (
	"os"
	"path/filepath"
	"testing"
)

func TestMendStale(t *testing.T) {
	for _, test := range []struct {
		minor              int
		flags, allow, want string
	}{
		{81, "", "", noXNNPACK},
		{81, "--xla_dump_to=/tmp/x", "", "--xla_dump_to=/tmp/x " + noXNNPACK},
		{81, "--xla_cpu_use_xnnpack=true", "", "--xla_cpu_use_xnnpack=true"},
		{81, "", "allow", ""},
		{80, "", "", ""}, // the flag might be unknown there, which would end the process
		{106, "", "", ""},
	} {
		t.Setenv(flagsVariable, test.flags)
		t.Setenv(FaultyVariable, test.allow)
		if err := avoidStale(0, test.minor); err != nil {
			t.Fatal(err)
		}
		if got := os.Getenv(flagsVariable); got != test.want {
			t.Errorf("%+v: flags %q", test, got)
		}
	}
}

// An earlier smoothlab installed another plugin one directory up, which must not be taken for the pinned one.
func TestFormerPluginIsReplaced(t *testing.T) {
	emptyHome(t)
	env := readEnv(t)
	former := filepath.Join(filepath.Dir(env.Own), ownName)
	write(t, former, hollow(t))
	s := serve(t, pack(t, "x/xla_cpu_pjrt.so", hollow(t)))
	plugins, _, err := ensure(t.Context(), env, Options{}, given(s))
	if err != nil || plugins[0].Path != filepath.Join(env.Own, ownName) {
		t.Fatalf("%v, %v", plugins, err)
	}
	if files := left(t, filepath.Dir(env.Own)); len(files) != 1 {
		t.Errorf("left beside the new one: %q", files)
	}
}

// BenchmarkProbe measures the time that the probe adds to each start, including its compilation.
func BenchmarkProbe(b *testing.B) {
	backend, _, err := Open(b.Context(), Options{Device: CPU})
	if err != nil {
		b.Fatal(err)
	}
	defer backend.Finalize()
	for b.Loop() {
		if err := probeStale(backend); err != nil {
			b.Fatal(err)
		}
	}
}
