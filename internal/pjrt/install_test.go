package pjrt

import (
	"bytes"
	"context"
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"smoothlab/internal/fetch"
	"smoothlab/internal/wheel"
)

func TestInstall(t *testing.T) {
	home := emptyHome(t)
	good := hollow(t)
	s := serve(t, pack(t, "x/xla_cpu_pjrt.so", good))
	broken := filepath.Join(home, "plugins", "pjrt_c_api_cpu_plugin.so")
	write(t, broken, good[:200])
	env := readEnv(t)
	write(t, filepath.Join(env.Own, ownName), good[:300]) // an earlier one, damaged
	var told []string
	opts := Options{Progress: func(file string, _, _ int64) { told = append(told, file) }}
	plugins, rejected, err := ensure(t.Context(), env, opts, given(s))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(plugins[0].Path); err != nil || !bytes.Equal(got, good) {
		t.Errorf("the plugin holds %d bytes (%v), want %d", len(got), err, len(good))
	}
	if files := left(t, env.Own); !slices.Equal(files, []string{ownName}) {
		t.Errorf("our directory holds %q, want %s alone", files, ownName)
	}
	if len(rejected) != 2 || rejected[0].Path != broken {
		t.Errorf("rejected %v, want %s and our damaged one", rejected, broken)
	}
	if got := slices.Compact(told); !slices.Equal(got, []string{"w.whl", ownName}) {
		t.Errorf("progress of %q, want of w.whl and %s", got, ownName)
	}
	// From now on it is found.
	if again, _, err := ensure(
		t.Context(),
		env,
		Options{},
		untouchable(t),
	); err != nil ||
		again[0].Path != plugins[0].Path {
		t.Errorf("afterwards %v, %v", again, err)
	}
}

// A wheel that was copied there by hand needs no network.
func TestInstallByHand(t *testing.T) {
	emptyHome(t)
	archive := pack(t, "x/xla_cpu_pjrt.so", hollow(t))
	s := serve(t, archive)
	gone := httptest.NewServer(nil)
	gone.Close()
	s.Wheel.URL = gone.URL
	s.Lookup = func(context.Context, wheel.Wheel) (string, error) {
		t.Error("the index was asked")
		return "", nil
	}
	env := readEnv(t)
	write(t, filepath.Join(env.Own, s.Wheel.Name), archive)
	if _, err := install(t.Context(), s, env, nil); err != nil {
		t.Error(err)
	}
}

func TestInstallFailures(t *testing.T) {
	good := hollow(t)
	gone := httptest.NewServer(nil)
	gone.Close()
	offline := func(context.Context, wheel.Wheel) (string, error) { return "", errors.New("no route") }
	archive := pack(t, "x/xla_cpu_pjrt.so", good)
	tests := []struct {
		name    string
		archive []byte
		prepare func(s *wheel.Source, env *Env)
		kind    error // may be nil
		words   []string
	}{
		{"no network", archive, func(s *wheel.Source, _ *Env) { s.Lookup, s.Wheel.URL = offline, gone.URL }, fetch.ErrNetwork,
			[]string{"connection refused", "HTTPS_PROXY", "w.whl yourself", FileVariable}},
		{"wrong checksum", archive, func(s *wheel.Source, _ *Env) { s.Wheel.SHA256 = strings.Repeat("0", 64) }, fetch.ErrHash,
			[]string{"should be 0000", "w.whl"}},
		{
			"no directory",
			archive,
			func(_ *wheel.Source, env *Env) { write(t, env.Own, nil) },
			fetch.ErrNotWritable,
			[]string{"XDG_DATA_HOME"},
		},
		{
			"no home",
			archive,
			func(_ *wheel.Source, env *Env) { env.Own, env.ownErr = ownDir() },
			nil,
			[]string{"set HOME or XDG_DATA_HOME"},
		},
		{"no archive", []byte("<html>"), nil, nil, []string{"not a zip archive"}},
		{"no library in it", pack(t, "x/readme", nil), nil, nil, []string{"no shared library"}},
		{"no plugin in it", pack(t, "x/p.so", []byte("text")), nil, nil, []string{"not a shared library"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			emptyHome(t)
			env := readEnv(t)
			s := serve(t, test.archive)
			if test.name == "no home" {
				t.Setenv("HOME", "")
			}
			if test.prepare != nil {
				test.prepare(&s, &env)
			}
			_, err := install(t.Context(), s, env, nil)
			if err == nil || test.kind != nil && !errors.Is(err, test.kind) {
				t.Fatalf("error %v, want the kind %v", err, test.kind)
			}
			for _, word := range test.words {
				if !strings.Contains(err.Error(), word) {
					t.Errorf("%q lacks %q", err, word)
				}
			}
			for _, file := range left(t, env.Own) {
				if strings.HasSuffix(file, "-part") || strings.HasSuffix(file, ".lock") {
					t.Errorf("left behind: %s", file)
				}
			}
		})
	}
}

func TestInstallInterrupted(t *testing.T) {
	for _, at := range []string{"lookup", "w.whl", ownName} {
		t.Run(at, func(t *testing.T) {
			emptyHome(t)
			env := readEnv(t)
			s := serve(t, pack(t, "x/xla_cpu_pjrt.so", hollow(t)))
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if at == "lookup" {
				s.Lookup = func(ctx context.Context, _ wheel.Wheel) (string, error) {
					cancel()
					return "", ctx.Err()
				}
			}
			_, err := install(ctx, s, env, func(file string, _, _ int64) {
				if file == at {
					cancel()
				}
			})
			if !errors.Is(err, context.Canceled) {
				t.Errorf("error %v, want context.Canceled", err)
			}
			if _, err := os.Stat(filepath.Join(env.Own, ownName)); err == nil {
				t.Error("a plugin was installed all the same")
			}
		})
	}
}

// flock(2) locks belong to open files, so goroutines can take the place of processes here.
func TestInstallAtOnce(t *testing.T) {
	emptyHome(t)
	env := readEnv(t)
	s := serve(t, pack(t, "x/xla_cpu_pjrt.so", hollow(t)))
	var mutex sync.Mutex
	lookups := 0
	inner := s.Lookup
	s.Lookup = func(ctx context.Context, w wheel.Wheel) (string, error) {
		mutex.Lock()
		defer mutex.Unlock()
		lookups++
		return inner(ctx, w)
	}
	errs := make([]error, 6)
	var group sync.WaitGroup
	for i := range errs {
		group.Go(func() { _, _, errs[i] = ensure(t.Context(), env, Options{}, given(s)) })
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
	if lookups != 1 {
		t.Errorf("%d downloads, want 1", lookups)
	}
}

func TestEnsureInstallsNothing(t *testing.T) {
	home := emptyHome(t)
	broken := filepath.Join(home, "plugins", "pjrt_c_api_cpu_plugin.so")
	write(t, broken, nil)
	for _, test := range []struct {
		opts Options
		word string
	}{
		{Options{Device: CUDA}, "no cuda plugin is installed"},
		{Options{Offline: true}, "no cpu plugin is installed (" + broken},
		{Options{Offline: true, GoXLAInstaller: true}, "no cpu plugin is installed"},
	} {
		_, _, err := ensure(t.Context(), readEnv(t), test.opts, untouchable(t))
		if err == nil || !strings.Contains(err.Error(), test.word) {
			t.Errorf("%+v: error %v, want one with %q", test.opts, err, test.word)
		}
	}
}

func TestWheelFor(t *testing.T) {
	// The platform tags follow PEP 600.
	for platform, tag := range map[string]string{"linux/amd64": "_x86_64.whl", "linux/arm64": "_aarch64.whl"} {
		w, err := wheelFor(platform)
		if err != nil || !strings.HasSuffix(w.Name, tag) || !strings.HasSuffix(w.URL, "/"+w.Name) {
			t.Errorf("%s: %+v, %v", platform, w, err)
		}
	}
	if _, err := wheelFor("plan9/386"); err == nil || !strings.Contains(err.Error(), FileVariable) {
		t.Errorf("plan9/386: error %v, want one that names %s", err, FileVariable)
	}
}
