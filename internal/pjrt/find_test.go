package pjrt

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestFindOrder(t *testing.T) {
	home := emptyHome(t)
	first, second := filepath.Join(home, "b"), filepath.Join(home, "a")
	t.Setenv(DirsVariable, first+":relative:"+second+":"+filepath.Join(home, "none"))
	good := hollow(t)
	own := filepath.Join(readEnv(t).Own, ownName)
	// go-xla understands these names (pjrt/dynamiclib_base.go).
	want := []string{
		filepath.Join(first, "pjrt_c_api_cpu_plugin.so"), // no version goes first
		filepath.Join(first, "pjrt_c_api_cpu_v0.114.0_plugin.so"),
		filepath.Join(first, "pjrt_c_api_cpu_v0.83.1_plugin.so"), // 83 < 114, as numbers
		filepath.Join(second, "pjrt-plugin-cpu.so"),
		own,
	}
	for _, path := range want {
		write(t, path, good)
	}
	cuda := filepath.Join(second, "pjrt_plugin_cuda.so")
	write(t, cuda, good)
	broken := filepath.Join(first, "pjrt_plugin_cpu.so")
	write(t, broken, good[:100])
	write(t, filepath.Join(first, "libcpu.so"), good)                // no plugin's name
	write(t, filepath.Join(first, "pjrt_c_api_tpu_plugin.so"), good) // another device

	plugins, rejected, err := readEnv(t).Find("")
	if err != nil {
		t.Fatal(err)
	}
	if got := paths(plugins); !slices.Equal(got, want) {
		t.Errorf("found\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if len(rejected) != 1 || rejected[0].Path != broken || !strings.Contains(rejected[0].Reason, "cut off") {
		t.Errorf("rejected %v, want %s, cut off", rejected, broken)
	}
	plugins, _, err = readEnv(t).Find(CUDA)
	if got := paths(plugins); err != nil || !slices.Equal(got, []string{cuda}) {
		t.Errorf("for CUDA found %q (%v), want %s", got, err, cuda)
	}
}

func paths(plugins []Plugin) []string {
	var all []string
	for _, p := range plugins {
		all = append(all, p.Path)
	}
	return all
}

func TestFindNamed(t *testing.T) {
	home := emptyHome(t)
	good := hollow(t)
	write(t, filepath.Join(home, "plugins", "pjrt_c_api_cpu_plugin.so"), good)
	file := func(name string, content []byte) string {
		path := filepath.Join(home, "named", name)
		write(t, path, content)
		return path
	}
	cpu, cuda := file("xla_cpu_pjrt.so", good), file("xla_cuda_plugin.so", good)
	tests := []struct {
		file, backend string
		device        Device
		want          string // the path, or a word of the error
	}{
		{file: cpu, want: cpu},
		{file: cuda, want: cuda},
		{backend: "xla:" + cpu + ",noshared_buffers", want: cpu},
		{file: cpu, backend: "xla:" + cuda, want: cpu}, // ours goes first
		{file: cpu, device: CUDA, want: "is for the device cpu, but cuda is requested"},
		{file: cuda, backend: "xla:cpu", want: "is for the device cuda, but cpu is requested"},
		{file: filepath.Join(home, "none_cpu.so"), want: "no such file"},
		{file: file("broken_cpu.so", good[:99]), want: "cut off"},
		{file: file("libxla.so", good), want: "neither cpu nor cuda"},
	}
	for _, test := range tests {
		t.Setenv(FileVariable, test.file)
		t.Setenv(backendVariable, test.backend)
		plugins, _, err := readEnv(t).Find(test.device)
		switch {
		case err != nil && !(strings.Contains(err.Error(), test.want) && strings.Contains(err.Error(), test.file)):
			t.Errorf("%+v: error %v", test, err)
		case err == nil && (len(plugins) != 1 || plugins[0].Path != test.want):
			t.Errorf("%+v: found %q", test, paths(plugins))
		}
	}
}

func TestReadEnv(t *testing.T) {
	emptyHome(t)
	for _, test := range []struct {
		backend string
		device  Device
		options string
		word    string // of the error
	}{
		{"", "", "", ""},
		{"xla", "", "", ""},
		{"xla:cuda,tf32=false,preallocate", CUDA, ",tf32=false,preallocate", ""},
		{"stablehlo:cpu", CPU, "", ""},
		{"go", "", "", "computes with XLA only"},
		{"xla:tpu", "", "", `the device "tpu"`},
		{"xla:./p.so", "", "", "absolute path"},
	} {
		t.Setenv(backendVariable, test.backend)
		env, err := ReadEnv()
		if (err == nil) != (test.word == "") || err != nil && !strings.Contains(err.Error(), test.word) {
			t.Errorf("%q: error %v, want one with %q", test.backend, err, test.word)
		}
		if env.Device != test.device || env.Options != test.options {
			t.Errorf("%q: device %q, options %q", test.backend, env.Device, env.Options)
		}
	}
}
