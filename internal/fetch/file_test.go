package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// The SHA-256 of "abc" is the example of FIPS 180-4 (and of its appendix B.1 in
// FIPS 180-2).
const abcHash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL + "/f.gz"
}

func abc(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "abc") }

// names lists the files in the directory of path.
func names(t *testing.T, path string) string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return strings.Join(all, " ")
}

func TestFileDownloads(t *testing.T) {
	dst := filepath.Join(t.TempDir(), "new", "f.gz")
	var last, lastTotal int64
	err := File(t.Context(), dst, []string{serve(t, abc)}, strings.ToUpper(abcHash), func(done, total int64) {
		last, lastTotal = done, total
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(dst); err != nil || string(got) != "abc" {
		t.Errorf("the file holds %q (%v), want abc", got, err)
	}
	if last != 3 || lastTotal != 3 {
		t.Errorf("last progress %d of %d, want 3 of 3", last, lastTotal)
	}
	if left := names(t, dst); left != "f.gz" {
		t.Errorf("the directory holds %q, want f.gz alone", left)
	}
}

func TestFileUnknownLength(t *testing.T) {
	dst := filepath.Join(t.TempDir(), "f.gz")
	total := int64(0)
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "a")
		w.(http.Flusher).Flush() // no Content-Length then
		io.WriteString(w, "bc")
	})
	if err := File(t.Context(), dst, []string{url}, abcHash, func(_, n int64) { total = n }); err != nil {
		t.Fatal(err)
	}
	if total != -1 {
		t.Errorf("total %d, want -1", total)
	}
}

func TestFileTriesTheNextAddress(t *testing.T) {
	missing := serve(t, http.NotFound)
	other := serve(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "abd") })
	dst := filepath.Join(t.TempDir(), "f.gz")
	if err := File(t.Context(), dst, []string{missing, other, serve(t, abc)}, abcHash, nil); err != nil {
		t.Fatal(err)
	}
}

func TestFileKeepsOrReplaces(t *testing.T) {
	gone := httptest.NewServer(nil)
	gone.Close()
	dst := filepath.Join(t.TempDir(), "f.gz")
	write := func(s string) {
		if err := os.WriteFile(dst, []byte(s), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("abc")
	if err := File(t.Context(), dst, []string{gone.URL}, abcHash, nil); err != nil {
		t.Errorf("a finished file needs no network, but: %v", err)
	}
	write("old")
	if err := File(t.Context(), dst, []string{gone.URL}, abcHash, nil); !errors.Is(err, ErrNetwork) {
		t.Errorf("error %v, want ErrNetwork", err)
	}
	if got, _ := os.ReadFile(dst); string(got) != "old" {
		t.Errorf("a failed download changed the file to %q", got)
	}
	if err := File(t.Context(), dst, []string{serve(t, abc)}, abcHash, nil); err != nil {
		t.Error(err)
	}
	if got, _ := os.ReadFile(dst); string(got) != "abc" {
		t.Errorf("the file holds %q, want abc", got)
	}
}

func TestFileFailures(t *testing.T) {
	gone := httptest.NewServer(nil)
	gone.Close()
	long := strings.Repeat("x", 100)
	tests := []struct {
		name    string
		handler http.HandlerFunc // nil: no server listens
		kind    error
		words   []string
	}{
		{"refused", nil, ErrNetwork, []string{"connection refused", "HTTPS_PROXY", "/f.gz yourself"}},
		{"status", http.NotFound, ErrStatus, []string{"404 Not Found", "/f.gz yourself"}},
		{"hash", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "") }, ErrHash,
			// The SHA-256 of nothing, as sha256sum prints it.
			[]string{abcHash, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "nothing was kept"}},
		{
			"announced too long",
			func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, long) },
			ErrTooLarge,
			[]string{"more than 50 bytes"},
		},
		{"too long", func(w http.ResponseWriter, _ *http.Request) {
			w.(http.Flusher).Flush()
			io.WriteString(w, long)
		}, ErrTooLarge, []string{"more than 50 bytes"}},
		{"cut off", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "3")
			io.WriteString(w, "a")
		}, ErrNetwork, []string{"unexpected EOF"}},
		{"stalled", func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "a")
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, ErrStalled, []string{"sent nothing for 100ms after 1 bytes"}},
		{
			"silent",
			func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
			ErrStalled,
			[]string{"after 0 bytes"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			url := gone.URL
			if test.handler != nil {
				url = serve(t, test.handler)
			}
			dst := filepath.Join(t.TempDir(), "f.gz")
			f := newFetcher()
			f.limit, f.idle = 50, 100*time.Millisecond
			err := f.file(t.Context(), dst, []string{url}, abcHash, nil)
			if !errors.Is(err, test.kind) {
				t.Fatalf("error %v, want the kind %v", err, test.kind)
			}
			for _, word := range append(test.words, url) {
				if !strings.Contains(err.Error(), word) {
					t.Errorf("%q lacks %q", err, word)
				}
			}
			if left := names(t, dst); left != "" {
				t.Errorf("left behind: %s", left)
			}
		})
	}
}

func TestFileNotWritable(t *testing.T) {
	// A file in the directory's place stops root too, which a mode does not.
	dir := filepath.Join(t.TempDir(), "directory")
	if err := os.WriteFile(dir, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	err := File(t.Context(), filepath.Join(dir, "f.gz"), []string{serve(t, abc)}, abcHash, nil)
	if !errors.Is(err, ErrNotWritable) || !strings.Contains(err.Error(), dir) {
		t.Errorf("error %v, want ErrNotWritable naming %s", err, dir)
	}
}

func TestFileArguments(t *testing.T) {
	dst := filepath.Join(t.TempDir(), "f.gz")
	for _, test := range []struct {
		hash string
		urls []string
		word string
	}{
		{"ba78", []string{"http://localhost"}, "SHA-256"},
		{strings.Repeat("g", 64), []string{"http://localhost"}, "SHA-256"},
		{abcHash, nil, "no download address"},
		{abcHash, []string{"http://a b/"}, "not a web address"},
		{abcHash, []string{"ftp://localhost/f.gz"}, "unsupported protocol"},
	} {
		if err := File(
			t.Context(),
			dst,
			test.urls,
			test.hash,
			nil,
		); err == nil ||
			!strings.Contains(err.Error(), test.word) {
			t.Errorf("File(%v, %q): error %v, want one with %q", test.urls, test.hash, err, test.word)
		}
	}
}

func TestFileInterrupted(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	ctx, cancel := context.WithCancel(t.Context())
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "a")
		w.(http.Flusher).Flush()
		<-release // only the context can end the download
	})
	dst := filepath.Join(t.TempDir(), "f.gz")
	err := File(ctx, dst, []string{url, url}, abcHash, func(int64, int64) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
	if left := names(t, dst); left != "" {
		t.Errorf("left behind: %s", left)
	}
}

func TestFileInterruptedWhileWaiting(t *testing.T) {
	dst := filepath.Join(t.TempDir(), "f.gz")
	unlock, err := Lock(t.Context(), dst)
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := File(ctx, dst, []string{serve(t, abc)}, abcHash, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want context.DeadlineExceeded", err)
	}
}

// flock(2) locks belong to open files, so goroutines can take the place of processes here.
func TestFileAtOnce(t *testing.T) {
	var hits atomic.Int32
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		hits.Add(1)
		time.Sleep(20 * time.Millisecond) // let the others wait for the lock
		abc(w, r)
	})
	dst := filepath.Join(t.TempDir(), "f.gz")
	errs := make([]error, 8)
	var group sync.WaitGroup
	for i := range errs {
		group.Go(func() { errs[i] = File(t.Context(), dst, []string{url}, abcHash, nil) })
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
	if hits.Load() != 1 {
		t.Errorf("%d downloads, want 1", hits.Load())
	}
	if left := names(t, dst); left != "f.gz" {
		t.Errorf("the directory holds %q, want f.gz alone", left)
	}
}

func TestNetworkFailureNamesTheServer(t *testing.T) {
	err := fmt.Errorf("get: %w", &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "example.org"}})
	got := networkFailure("https://example.org/f", err).Error()
	if want := `https://example.org/f: the server name "example.org" cannot be looked up`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
