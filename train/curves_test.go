package train

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"smoothlab/baseline"
)

// logged returns the names of the files of curves in a directory.
func logged(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "events.out.tfevents.*"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// Curves are written while a run trains: one file per call that takes steps, none for a finished run. Package
// readertest reads their contents by TensorBoard's own program.
func TestCurves(t *testing.T) {
	job := linearJob(t, baseline.NewGaussian())
	dir := t.TempDir()
	job.Out, job.LogDir = filepath.Join(dir, "run"), filepath.Join(dir, "tb", "run")
	ctx, progress := stopAfter(2)
	job.Progress = progress
	if _, err := Train(ctx, job); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if files := logged(t, job.LogDir); len(files) != 1 {
		t.Errorf("after an interrupt there are the files %v", files)
	}
	job.Progress = nil
	for range 2 { // the second call loads
		if _, err := Train(t.Context(), job); err != nil {
			t.Fatal(err)
		}
		if files := logged(t, job.LogDir); len(files) != 2 {
			t.Errorf("after the end there are the files %v", files)
		}
	}
	for _, path := range logged(t, job.LogDir) {
		if data := readFile(t, path); !strings.Contains(string(data), "train/loss") {
			t.Errorf("no loss in %s", path)
		}
	}
}

// A name that cannot be a directory is refused before any work; a directory that cannot be written stops the run at its
// first good state, which is saved.
func TestCurvesThatCannotBeWritten(t *testing.T) {
	job := linearJob(t, baseline.NewGaussian())
	dir := t.TempDir()
	job.Out = filepath.Join(dir, "run.safetensors")
	job.LogDir = filepath.Join(dir, "file")
	if err := os.WriteFile(job.LogDir, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if r, err := Train(t.Context(), job); err == nil || r != nil || !strings.Contains(err.Error(), "is a file; name a directory") {
		t.Errorf("a file: %v", err)
	}
	if _, err := os.Stat(job.Out); err == nil {
		t.Error("a checkpoint was written")
	}
	job.LogDir = filepath.Join(job.LogDir, "sub")
	r, err := Train(t.Context(), job)
	if err == nil || r == nil || !strings.Contains(err.Error(), "stopped after update 0 of ") || !strings.Contains(err.Error(), ", saved in") ||
		!strings.Contains(err.Error(), "the curves for TensorBoard cannot be written") {
		t.Errorf("a directory that cannot be made: %v", err)
	}
}
