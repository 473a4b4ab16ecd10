package lockfile

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

func TestTry(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	unlock, err := Try(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Try(path); !errors.Is(err, ErrHeld) {
		t.Errorf("second lock: %v", err)
	}
	unlock()
	if _, err := os.Stat(path + ".lock"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the lock file stays: %v", err)
	}
	if unlock, err = Try(path); err != nil {
		t.Fatal(err)
	}
	unlock()
	if _, err := Try(filepath.Join(path, "no", "folder")); err == nil || errors.Is(err, ErrHeld) {
		t.Errorf("without a directory: %v", err)
	}
}

// Waiting ends with the context.
func TestWaitIsInterrupted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	unlock, err := Try(path)
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if _, err := Wait(ctx, path); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Wait: %v", err)
	}
}

// Locks that are taken and released, and whose files are removed, never overlap.
func TestNoTwoHolders(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	holders, turns := 0, 0
	var mu sync.Mutex
	count := func(d int) int {
		mu.Lock()
		defer mu.Unlock()
		holders += d
		return holders
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 25 {
				unlock, err := Wait(t.Context(), path)
				if err != nil {
					t.Error(err)
					return
				}
				if n := count(1); n != 1 {
					t.Errorf("%d holders at once", n)
				}
				turns++
				count(-1)
				unlock()
			}
		})
	}
	wg.Wait()
	if turns != 200 {
		t.Errorf("%d turns, want 200", turns)
	}
}

// Locks of killed processes are removed; held locks, and files of other programs, stay.
func TestLeftovers(t *testing.T) {
	dir := t.TempDir()
	stays := map[string]bool{
		"b.safetensors.lock":    false,
		"held.safetensors.lock": true,
		"poetry.lock":           true,
		"full.safetensors.lock": true,
	}
	for name := range stays {
		data := map[string]string{"full.safetensors.lock": "something"}[name]
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	unlockHeld, err := Try(filepath.Join(dir, "held.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	defer unlockHeld()
	unlock, err := Try(filepath.Join(dir, "a.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	unlock()
	for name, want := range stays {
		if _, err := os.Stat(filepath.Join(dir, name)); (err == nil) != want {
			t.Errorf("%s: %v, expected to stay: %t", name, err, want)
		}
	}
}
