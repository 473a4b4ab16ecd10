package papertable

import (
	"os"
	"path/filepath"
	"testing"

	"smoothlab/internal/faulttest"
)

// If any file operation fails, a published row is complete or absent, and publishing again completes it.
func TestFaults(t *testing.T) {
	faulttest.Run(t, func(t *testing.T) []faulttest.Work {
		made := t.TempDir()
		job := smallJob(t, made, &console{})
		job.Plan.Sigmas = []float64{0.5}
		if _, err := Make(t.Context(), job); err != nil {
			t.Fatal(err)
		}
		return []faulttest.Work{{
			Name:    "publish",
			Prepare: func(dir string) error { return os.CopyFS(filepath.Join(dir, "made"), os.DirFS(made)) },
			Do: func(dir string) error {
				_, err := Publish(filepath.Join(dir, "made"), filepath.Join(dir, "zoo"))
				return err
			},
		}}
	})
}
