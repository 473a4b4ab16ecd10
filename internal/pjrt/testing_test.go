package pjrt

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"smoothlab/internal/wheel"
)

// emptyHome keeps a test away from the user's directories and settings.
func emptyHome(t *testing.T) (home string) {
	t.Helper()
	home = t.TempDir()
	t.Setenv("HOME", home)
	for _, name := range []string{"XDG_DATA_HOME", FileVariable, FaultyVariable, backendVariable, "LD_LIBRARY_PATH"} {
		t.Setenv(name, "")
	}
	t.Setenv(DirsVariable, filepath.Join(home, "plugins"))
	return home
}

// library compiles a shared library of a few lines, which passes the checks of a plugin's file.
func library(t *testing.T, code string) []byte {
	t.Helper()
	dir := t.TempDir()
	in, out := filepath.Join(dir, "p.c"), filepath.Join(dir, "p.so")
	write(t, in, []byte(code))
	cc := cmp.Or(os.Getenv("CC"), "cc")
	if message, err := exec.CommandContext(t.Context(), cc, "-shared", "-fPIC", "-o", out, in).
		CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", cc, err, message)
	}
	content, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// hollow is a library that passes as a plugin but returns no functions.
func hollow(t *testing.T) []byte {
	return library(t, "void *GetPjrtApi(void) { return 0; }")
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
}

// pack returns a wheel with a plugin.
func pack(t *testing.T, name string, content []byte) []byte {
	t.Helper()
	var archive bytes.Buffer
	z := zip.NewWriter(&archive)
	for _, file := range []struct {
		name    string
		content []byte
	}{{"x/__init__.py", []byte("#")}, {name, content}} {
		w, err := z.Create(file.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(file.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return archive.Bytes()
}

// serve returns a source whose wheel has the given bytes.
func serve(t *testing.T, archive []byte) wheel.Source {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write(archive) }))
	t.Cleanup(server.Close)
	sum := sha256.Sum256(archive)
	url := server.URL + "/w.whl"
	return wheel.Source{
		Wheel:   wheel.Wheel{Name: "w.whl", SHA256: hex.EncodeToString(sum[:]), URL: url},
		Library: cpuLibrary,
		Lookup:  func(context.Context, wheel.Wheel) (string, error) { return url, nil },
	}
}

// given always returns this source.
func given(s wheel.Source) func() (wheel.Source, error) {
	return func() (wheel.Source, error) { return s, nil }
}

// untouchable fails the test if it is called.
func untouchable(t *testing.T) func() (wheel.Source, error) {
	return func() (wheel.Source, error) {
		t.Error("the network would have been used")
		return wheel.Source{}, nil
	}
}

func readEnv(t *testing.T) Env {
	t.Helper()
	env, err := ReadEnv()
	if err != nil {
		t.Fatal(err)
	}
	return env
}

// left lists the files below a directory.
func left(t *testing.T, dir string) []string {
	t.Helper()
	var all []string
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
		t.Fatal(err)
	}
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}
