package onnxruntime

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"smoothlab/internal/fetch"
	"smoothlab/internal/wheel"
)

// emptyHome keeps a test away from the user's directories and settings.
func emptyHome(t *testing.T) {
	t.Helper()
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_DATA_HOME", "")
	t.Setenv(Variable, "")
}

// serve returns a source whose wheel holds one file of that name.
func serve(t *testing.T, name string, content []byte) wheel.Source {
	t.Helper()
	var archive bytes.Buffer
	z := zip.NewWriter(&archive)
	w, err := z.Create(name)
	if err == nil {
		_, err = w.Write(content)
	}
	if err := errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Write(archive.Bytes())
	}))
	t.Cleanup(server.Close)
	sum := sha256.Sum256(archive.Bytes())
	return wheel.Source{
		Wheel:   wheel.Wheel{Name: "w.whl", SHA256: hex.EncodeToString(sum[:]), URL: server.URL},
		Library: library,
		Lookup:  func(context.Context, wheel.Wheel) (string, error) { return server.URL, nil },
	}
}

func TestFind(t *testing.T) {
	emptyHome(t)
	if _, _, err := Find(); !errors.Is(err, ErrNotInstalled) {
		t.Errorf("in an empty home: %v, want ErrNotInstalled", err)
	}
	text := filepath.Join(t.TempDir(), "libonnxruntime.so")
	if err := os.WriteFile(text, []byte("text"), 0o644); err != nil {
		t.Fatal(err)
	}
	for path, word := range map[string]string{
		text:        "is not a shared library",
		text + ".1": "cannot be read (no such file",
	} {
		t.Setenv(Variable, path)
		_, _, err := Find()
		if err == nil || !strings.Contains(err.Error(), Variable) || !strings.Contains(err.Error(), word) {
			t.Errorf("%s: error %v, want one with %q", path, err, word)
		}
		if _, err := Open(t.Context(), Options{}); err == nil {
			t.Errorf("%s was loaded", path)
		}
	}
}

func TestInstallFailures(t *testing.T) {
	gone := httptest.NewServer(nil)
	gone.Close()
	for _, test := range []struct {
		name    string
		source  wheel.Source
		prepare func(s *wheel.Source)
		kind    error // may be nil
		word    string
	}{
		{"no network", serve(t, "x/libonnxruntime.so.1", nil), func(s *wheel.Source) {
			s.Wheel.URL = gone.URL
			s.Lookup = func(context.Context, wheel.Wheel) (string, error) { return "", errors.New("no route") }
		}, fetch.ErrNetwork, Variable},
		{"wrong checksum", serve(t, "x/libonnxruntime.so.1", nil), func(s *wheel.Source) {
			s.Wheel.SHA256 = strings.Repeat("0", 64)
		}, fetch.ErrHash, "should be 0000"},
		{"no library", serve(t, "x/readme", nil), nil, nil, "no shared library libonnxruntime.so.*"},
		{"another library", serve(t, "x/libonnxruntime.so.1", []byte("text")), nil, nil, "not a shared library"},
	} {
		t.Run(test.name, func(t *testing.T) {
			emptyHome(t)
			if test.prepare != nil {
				test.prepare(&test.source)
			}
			_, err := install(t.Context(), test.source, nil)
			if err == nil || test.kind != nil && !errors.Is(err, test.kind) ||
				!strings.Contains(err.Error(), test.word) {
				t.Errorf("error %v, want the kind %v and %q", err, test.kind, test.word)
			}
			if _, _, err := Find(); !errors.Is(err, ErrNotInstalled) {
				t.Errorf("afterwards Find gives %v", err)
			}
		})
	}
}

func TestInstallInterrupted(t *testing.T) {
	emptyHome(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := install(ctx, serve(t, "x/libonnxruntime.so.1", nil), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
	if _, err := Open(ctx, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Open: %v, want context.Canceled", err)
	}
}

func TestWheelFor(t *testing.T) {
	// The platform tags follow PEP 600.
	for platform, tag := range map[string]string{"linux/amd64": "_x86_64.whl", "linux/arm64": "_aarch64.whl"} {
		w, err := wheelFor(platform)
		if err != nil || !strings.HasSuffix(w.Name, tag) || !strings.HasSuffix(w.URL, "/"+w.Name) ||
			!strings.HasPrefix(w.Name, w.String()) || len(w.SHA256) != 64 {
			t.Errorf("%s: %+v, %v", platform, w, err)
		}
	}
	if _, err := wheelFor("plan9/386"); err == nil || !strings.Contains(err.Error(), Variable) {
		t.Errorf("plan9/386: error %v, want one that names %s", err, Variable)
	}
}
