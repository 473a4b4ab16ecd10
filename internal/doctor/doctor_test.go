package doctor

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"smoothlab/internal/pjrt"
)

// find returns the line with that topic.
func find(t *testing.T, r Report, topic string) Line {
	t.Helper()
	for _, l := range r {
		if l.Topic == topic {
			return l
		}
	}
	t.Fatalf("no line about %q in\n%s", topic, r)
	return Line{}
}

func TestExamine(t *testing.T) {
	p, err := pjrt.Ensure(t.Context(), pjrt.Options{Device: pjrt.CPU})
	if err != nil {
		t.Fatal(err)
	}
	r := Examine(t.Context(), pjrt.Options{Device: pjrt.CPU}, Line{Topic: "data", Found: "/d"})
	if got := find(t, r, "plugin"); !strings.Contains(got.Found, p.Path) || got.Fix != "" {
		t.Errorf("the plugin is %+v, want %s", got, p.Path)
	}
	// XLA's name for a CPU device: TFRT_CPU_0, or cpu:0 since 2026 (CpuDevice in its sources).
	if got := find(t, r, "devices").Found; !strings.Contains(strings.ToLower(got), "cpu") {
		t.Errorf("the devices are %q", got)
	}
	if got := find(t, r, "data").Found; got != "/d" {
		t.Errorf("the line that was added became %q", got)
	}
}

func TestExamineMissing(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_DATA_HOME", "")
	t.Setenv("PATH", "")
	t.Setenv("CC", "")
	t.Setenv(pjrt.FileVariable, "")
	broken := filepath.Join(home, "pjrt_c_api_cpu_plugin.so")
	t.Setenv(pjrt.DirsVariable, home)
	if err := os.WriteFile(broken, []byte("?"), 0o644); err != nil {
		t.Fatal(err)
	}
	r := Examine(t.Context(), pjrt.Options{Device: pjrt.CPU})
	if r.Complete() {
		t.Errorf("nothing is missing, says\n%s", r)
	}
	if l := find(t, r, "plugin"); l.Found != "none" || l.Fix == "" {
		t.Errorf("%+v, want none and how to mend it", l)
	}
	if l := find(t, r, "compiler"); !strings.HasPrefix(l.Found, "none") || l.Fix != "" {
		t.Errorf("%+v, want none, which is not a fault of a built program", l)
	}
	if l := find(t, r, "passed over"); !strings.Contains(l.Found, broken) {
		t.Errorf("passed over %q, want %s", l.Found, broken)
	}
	if _, err := os.Stat(filepath.Join(home, ".local")); err == nil {
		t.Error("something was installed")
	}
}

// On a new machine nothing is wrong: what is not there yet is installed at the first use.
func TestExamineNewMachine(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	for _, name := range []string{"XDG_DATA_HOME", pjrt.FileVariable, "GOMLX_BACKEND"} {
		t.Setenv(name, "")
	}
	t.Setenv(pjrt.DirsVariable, home)
	r := Examine(t.Context(), pjrt.Options{Device: pjrt.CPU})
	if l := find(t, r, "plugin"); !l.Later || l.Fix != "" || !strings.Contains(l.Found, "not there yet") {
		t.Errorf("%+v, want that it comes later", l)
	}
	if !r.Complete() || !strings.Contains(r.String(), "smoothlab doctor --fix installs") {
		t.Errorf("a new machine is not complete:\n%s", r)
	}
}

func TestExamineInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := Examine(ctx, pjrt.Options{Device: pjrt.CPU})
	if l := find(t, r, "plugin"); l.Fix == "" {
		t.Errorf("%+v after an interrupt, want what happened", l)
	}
}

func ExampleReport() {
	fmt.Print(Report{
		{Topic: "go", Found: "1.26.5"},
		{Topic: "plugin", Found: "none", Fix: "no cpu plugin is installed"},
	})
	// Output:
	// go      1.26.5
	// plugin  none
	//
	// To fix:
	// - plugin: no cpu plugin is installed
}
