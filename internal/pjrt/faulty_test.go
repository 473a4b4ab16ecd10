package pjrt

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// pluginOf compiles a library that says which API it speaks and whose functions do nothing, laid out as PJRT_Api is in
// xla/pjrt/c/pjrt_c_api.h.
func pluginOf(t *testing.T, minor int) []byte {
	return library(t, fmt.Sprintf(`
#include <stddef.h>
static void *nothing(void *args) { return 0; }
static struct {
	size_t size; void *extensions;
	struct { size_t size; void *extensions; int major, minor; } version;
	void *(*functions[200])(void *);
} api = {sizeof api, 0, {sizeof api.version, 0, 0, %d}};
void *GetPjrtApi(void) {
	for (int i = 0; i < 200; i++) api.functions[i] = nothing;
	return &api;
}`, minor))
}

// A plugin that is found is passed over when it is too old, and one that is named is refused.
func TestFaultyPluginIsNotOpened(t *testing.T) {
	home := emptyHome(t)
	path := filepath.Join(home, "plugins", "pjrt_c_api_cpu_plugin.so")
	write(t, path, pluginOf(t, 81))
	s := serve(t, pack(t, "x/xla_cpu_pjrt.so", hollow(t)))
	env := readEnv(t)
	_, _, err := open(t.Context(), env, Options{}, s.get)
	if err == nil {
		t.Fatal("opened")
	}
	for _, word := range []string{path + " (PJRT API 0.81", "too old", "gradients", FaultyVariable, filepath.Join(env.Own, ownName)} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q lacks %q", err, word)
		}
	}
	t.Setenv(FileVariable, path)
	if _, _, err = open(t.Context(), readEnv(t), Options{}, untouchable(t)); err == nil || !strings.Contains(err.Error(), "too old") {
		t.Errorf("a plugin of API 0.81 that is named: error %v", err)
	}
}

// What has no right wheel is refused before anything is downloaded, unless the user accepts the fault.
func TestFaultyWheel(t *testing.T) {
	w, err := wheelFor("linux/arm64")
	if err != nil || !w.faulty {
		t.Fatalf("the wheel for arm64 is %+v, %v", w, err)
	}
	t.Setenv(FaultyVariable, "")
	if err := w.allowed("linux/arm64"); err == nil || !strings.Contains(err.Error(), FaultyVariable) || !strings.Contains(err.Error(), w.project) {
		t.Errorf("without the variable: %v", err)
	}
	t.Setenv(FaultyVariable, "allow")
	if err := w.allowed("linux/arm64"); err != nil {
		t.Errorf("with the variable: %v", err)
	}
}

// An earlier smoothlab installed another plugin one directory up, which must not be taken for the pinned one.
func TestFormerPluginIsReplaced(t *testing.T) {
	emptyHome(t)
	env := readEnv(t)
	former := filepath.Join(filepath.Dir(env.Own), ownName)
	write(t, former, pluginOf(t, 81))
	s := serve(t, pack(t, "x/xla_cpu_pjrt.so", hollow(t)))
	plugins, _, err := ensure(t.Context(), env, Options{}, s.get)
	if err != nil || plugins[0].Path != filepath.Join(env.Own, ownName) {
		t.Fatalf("%v, %v", plugins, err)
	}
	if files := left(t, filepath.Dir(env.Own)); len(files) != 1 {
		t.Errorf("left beside the new one: %q", files)
	}
}
