package client

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"smoothlab/kernel/wire"
	"smoothlab/report"
)

func TestNewest(t *testing.T) {
	dir := runtime(t)
	old := serve(t, dir, ownPrefix+"old.json", nil)
	past := time.Now().Add(-time.Hour)
	os.Chtimes(old, past, past)
	want := serve(t, dir, ownPrefix+"new.json", nil)
	notebook := serve(t, dir, "kernel-notebook.json", nil)
	soonest := time.Now().Add(10 * time.Second)
	os.Chtimes(notebook, soonest, soonest)
	gone, err := wire.NewConnection()
	if err != nil {
		t.Fatal(err)
	}
	dead := filepath.Join(dir, ownPrefix+"dead.json")
	for _, path := range []string{dead, filepath.Join(dir, "kernel-dead.json")} {
		gone.Write(path)
		future := time.Now().Add(time.Minute)
		os.Chtimes(path, future, future)
	}
	other := gone
	other.KernelName = "python3"
	other.Write(filepath.Join(dir, "kernel-python.json"))
	os.WriteFile(filepath.Join(dir, "nbserver-1.json"), []byte(`{"port": 1}`), 0o600)
	if s := opened(t, Options{Program: "/nowhere"}); s.File() != want || s.Started() {
		t.Errorf("opened %s", s.File())
	} else if s.OfNotebook() {
		t.Error("a session of ours is taken for a notebook's")
	}
	if s := opened(t, Options{Program: "/nowhere", Notebooks: true}); s.File() != notebook || !s.OfNotebook() {
		t.Errorf("with notebooks, opened %s", s.File())
	}
	longAgo := time.Now().Add(-time.Hour)
	os.Chtimes(dead, longAgo, longAgo)
	os.Remove(want)
	os.Remove(old)
	if _, err := Open(
		t.Context(),
		Options{Program: "/nowhere"},
	); err == nil ||
		!strings.Contains(err.Error(), "cannot start a kernel") {
		t.Errorf("nothing runs: %v", err)
	}
	if _, err := os.Stat(dead); !errors.Is(err, os.ErrNotExist) {
		t.Error("the file of a kernel of ours that is gone is still there")
	}
	if _, err := os.Stat(filepath.Join(dir, "kernel-dead.json")); err != nil {
		t.Error("a file that others made was removed")
	}
}

func TestWrongFiles(t *testing.T) {
	dir := runtime(t)
	serve(t, dir, "kernel-here.json", nil)
	for _, name := range []string{"here", "kernel-here", "kernel-here.json", filepath.Join(dir, "kernel-here.json")} {
		opened(t, Options{File: name})
	}
	os.WriteFile(filepath.Join(dir, "broken.json"), []byte("{"), 0o600)
	key, err := wire.ReadConnection(filepath.Join(dir, "kernel-here.json"))
	if err != nil {
		t.Fatal(err)
	}
	key.Key = "wrong"
	key.Write(filepath.Join(dir, "key.json"))
	for name, want := range map[string]string{
		"nowhere": "there is no connection file nowhere",
		"broken":  "is not a connection file",
		"key":     "the kernel does not answer",
	} {
		ctx, stop := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		if _, err := Open(ctx, Options{File: name}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
		stop()
	}
}

func TestStart(t *testing.T) {
	dir := runtime(t)
	first := opened(t, Options{Program: os.Args[0]})
	if !first.Started() {
		t.Error("it was not started")
	}
	for _, e := range []string{first.File(), logOf(first.File())} {
		if info, err := os.Stat(e); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", e, info, err)
		}
	}
	first.Close()
	second := opened(t, Options{Program: os.Args[0]})
	if second.File() != first.File() || second.Started() {
		t.Errorf("%s is another kernel than %s", second.File(), first.File())
	}
	third := opened(t, Options{Program: os.Args[0], New: true})
	if third.File() == first.File() {
		t.Error("it is no new one")
	}
	for _, s := range []*Session{second, third} {
		if err := s.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	}
	for limit := time.Now().Add(soon); ; time.Sleep(10 * time.Millisecond) {
		if left, _ := filepath.Glob(filepath.Join(dir, "*.json")); len(left) == 0 {
			break
		}
		if time.Now().After(limit) {
			t.Fatal("the kernels did not end")
		}
	}
	var e *report.Error
	if _, err := second.Evaluate(
		t.Context(),
		"value 1",
		nil,
	); !errors.As(err, &e) ||
		!strings.Contains(e.Message, "the kernel has ended") {
		t.Errorf("after the end: %v", err)
	}
}

func TestStartOnce(t *testing.T) {
	runtime(t)
	files := make(chan string, 4)
	for range cap(files) {
		go func() {
			s, err := Open(context.Background(), Options{Program: os.Args[0]})
			if err != nil {
				files <- err.Error()
				return
			}
			defer s.Close()
			files <- s.File()
		}()
	}
	first := <-files
	for range cap(files) - 1 {
		if other := <-files; other != first {
			t.Errorf("%s and %s", first, other)
		}
	}
	opened(t, Options{Program: os.Args[0]}).Shutdown(t.Context())
}

func TestDeath(t *testing.T) {
	runtime(t)
	s := opened(t, Options{Program: os.Args[0]})
	_, err := s.Evaluate(t.Context(), "die", nil)
	var e *report.Error
	if !errors.As(err, &e) || !strings.Contains(e.Message, "the kernel has ended") ||
		!strings.Contains(e.Message, "the last words") {
		t.Errorf("%v", err)
	}
	if c := s.Complete("a", 1); len(c.Items) != 0 {
		t.Errorf("%v", c)
	}
	again := opened(t, Options{Program: os.Args[0]})
	if _, err := again.Evaluate(t.Context(), "value 1", nil); err != nil || !again.Started() {
		t.Errorf("another: %v", err)
	}
	again.Shutdown(t.Context())
}

func TestStartFails(t *testing.T) {
	dir := runtime(t)
	t.Setenv("CLIENT_FAIL", "there is no disk")
	if _, err := Open(
		t.Context(),
		Options{Program: os.Args[0]},
	); err == nil ||
		!strings.Contains(err.Error(), "there is no disk") {
		t.Errorf("%v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "kernel-*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

// A name selects the session, or is given to the one that is started. The cells of a GoNB notebook have one name.
func TestNamed(t *testing.T) {
	dir := runtime(t)
	want := serve(t, dir, ownPrefix+"0123abcd.json", nil)
	serve(t, dir, ownPrefix+"newer.json", nil)
	if s := opened(t, Options{Name: "0123abcd", Program: "/nowhere"}); s.File() != want {
		t.Errorf("opened %s, want %s", s.File(), want)
	}
	for name, message := range map[string]string{
		"other":     "cannot start a kernel", // none of that name runs
		"../escape": `session name "../escape": give at most 8 lower-case letters and digits`,
		"toolong99": `session name "toolong99"`,
	} {
		if _, err := Open(t.Context(), Options{Name: name, Program: "/nowhere"}); err == nil ||
			!strings.Contains(err.Error(), message) {
			t.Errorf("%s: %v, want %s", name, err, message)
		}
	}
	t.Setenv(kernelVariable, "")
	if name := notebookName(); name != "" {
		t.Errorf("outside of GoNB the name is %q", name)
	}
	t.Setenv(kernelVariable, "/tmp/gonb_5d3e6c1a")
	first := notebookName()
	if again := notebookName(); len(first) != nameLength || again != first || strings.ContainsFunc(first, notNameRune) {
		t.Errorf("names of one notebook: %q, %q", first, again)
	}
	t.Setenv(kernelVariable, "/tmp/gonb_another")
	if notebookName() == first {
		t.Error("two notebooks have one name")
	}
}
