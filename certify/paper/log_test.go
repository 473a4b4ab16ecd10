package paper

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"smoothlab/internal/testreference"
	"strings"
	"testing"
)

// logText is a log of two images, as the authors' code prints it.
const logText = "idx\tlabel\tpredict\tradius\tcorrect\ttime\n0\t7\t7\t1.91\t1\t0:00:00.3\n1\t2\t-1\t0.0\t0\t0:00:00.3\n"

func runOf(text string) Run {
	sum := sha256.Sum256([]byte(text))
	return Run{Log: "mnist/cohen/noise_0.50_1", SHA256: hex.EncodeToString(sum[:])}
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

func packed(text string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte(text))
	w.Close()
	return b.Bytes()
}

// A log is found in the named directory, or in its directory logs, gzipped or not, without using the network.
func TestLogIsFound(t *testing.T) {
	server := httptest.NewServer(
		http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the network was asked") }),
	)
	defer server.Close()
	for _, name := range []string{"mnist/cohen/noise_0.50_1", "logs/mnist/cohen/noise_0.50_1", "mnist/cohen/noise_0.50_1.gz", "logs/mnist/cohen/noise_0.50_1.gz"} {
		dir := t.TempDir()
		content := []byte(logText)
		if strings.HasSuffix(name, ".gz") {
			content = packed(logText)
		}
		write(t, filepath.Join(dir, name), content)
		for _, o := range []LogOptions{{Dir: dir, address: server.URL + "/"}, {address: server.URL + "/"}} {
			t.Setenv("SMOOTHLAB_DATA", "")
			if o.Dir == "" {
				t.Setenv("SMOOTHLAB_DATA", dir)
			}
			t.Setenv("XDG_DATA_HOME", t.TempDir())
			k, err := runOf(logText).Certificates(t.Context(), 0.5, o)
			if err != nil {
				t.Fatal(err)
			}
			if len(k.Rows) != 2 || k.Rows[0].Radius != 1.91 || k.Plan.N != N || k.Sigma() != 0.5 || !k.Printed {
				t.Errorf("%s: %+v", name, k)
			}
		}
	}
}

// Another file of the name is refused, and not replaced.
func TestLogIsAnother(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "mnist/cohen/noise_0.50_1")
	write(t, path, []byte("idx"))
	_, err := runOf(logText).Certificates(t.Context(), 0.5, LogOptions{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "is not the authors' file") {
		t.Errorf("%v", err)
	}
	write(t, path+".gz", packed(logText)[:20])
	os.Remove(path)
	if _, err := runOf(
		logText,
	).Certificates(t.Context(), 0.5, LogOptions{Dir: dir}); err == nil ||
		!strings.Contains(err.Error(), "noise_0.50_1.gz") {
		t.Errorf("%v", err)
	}
}

// A log that is not found is downloaded once and checked, and an interrupt ends the download.
func TestLogIsDownloaded(t *testing.T) {
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		if r.URL.Path != "/mnist/cohen/noise_0.50_1" {
			http.NotFound(w, r)
			return
		}
		fmt.Fprint(w, logText)
	}))
	defer server.Close()
	t.Setenv("SMOOTHLAB_DATA", "")
	t.Setenv("XDG_DATA_HOME", t.TempDir())
	told := ""
	o := LogOptions{address: server.URL + "/", Progress: func(file string, _, _ int64) { told = file }}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := runOf(logText).Certificates(ctx, 0.5, o); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
	if _, err := runOf(
		"another",
	).Certificates(t.Context(), 0.5, o); err == nil ||
		!strings.Contains(err.Error(), "wrong checksum") {
		t.Errorf("with another checksum: %v", err)
	}
	before := asked
	for range 2 {
		k, err := runOf(logText).Certificates(t.Context(), 0.5, o)
		if err != nil || len(k.Rows) != 2 {
			t.Fatalf("%v, %v", k, err)
		}
	}
	if asked != before+1 || told != "mnist/cohen/noise_0.50_1" {
		t.Errorf("asked %d times, told of %q", asked-before, told)
	}
}

// The available logs have the embedded checksums, and give the embedded numbers.
func TestLogsAtHand(t *testing.T) {
	dir := testreference.Dir(t, "logs")
	results, err := Results()
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, r := range results {
		for _, run := range r.Runs {
			if len(run.SHA256) != 64 {
				t.Errorf("%s has the checksum %q", run.Log, run.SHA256)
			}
			if _, err := os.Stat(filepath.Join(dir, run.Log+".gz")); err != nil {
				continue
			}
			found++
			k, err := run.Certificates(t.Context(), r.Sigma, LogOptions{Dir: dir})
			if err != nil {
				t.Fatal(err)
			}
			if got, want := fmt.Sprintf(
				"%.5f %.4f",
				k.ACR(),
				k.Accuracy(0.5),
			), fmt.Sprintf(
				"%.5f %.4f",
				run.ACR,
				run.Accuracy[2],
			); got != want {
				t.Errorf("%s: ACR and accuracy at 0.5 are %s, embedded %s", run.Log, got, want)
			}
		}
	}
	if found == 0 {
		t.Errorf("none of the published logs is in %s", dir)
	}
}
