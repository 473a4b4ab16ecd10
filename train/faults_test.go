package train

import (
	"os"
	"path/filepath"
	"testing"

	"smoothlab/baseline"
	"smoothlab/classifier"
	"smoothlab/internal/faulttest"
)

// If any file operation fails, a training loses nothing that was saved and reports the cause in a sentence; done again,
// it ends with the same bytes as without a failure.
func TestFaults(t *testing.T) {
	faulttest.Run(t, func(t *testing.T) []faulttest.Work {
		job := linearJob(t, baseline.NewGaussian())
		train := func(dir string) error {
			job.Out = filepath.Join(dir, "new", "c.safetensors")
			_, err := Train(t.Context(), job)
			return err
		}
		save := func(dir string, seed uint64) error {
			c := &classifier.Checkpoint{Classifier: classifier.New(job.Start.Arch, seed)}
			return c.Save(filepath.Join(dir, "c.safetensors"))
		}
		return []faulttest.Work{
			{Name: "train with curves", Grows: true, Do: func(dir string) error {
				job := job
				job.Out, job.LogDir = filepath.Join(dir, "new", "c.safetensors"), filepath.Join(dir, "curves")
				_, err := Train(t.Context(), job)
				if removed := os.RemoveAll(job.LogDir); err == nil { // their names contain the time
					err = removed
				}
				return err
			}},
			{Name: "resume", Grows: true, Do: train, Prepare: func(dir string) error {
				ctx, progress := stopAfter(3)
				stopped := job
				stopped.Out, stopped.Progress = filepath.Join(dir, "new", "c.safetensors"), progress
				if _, err := Train(ctx, stopped); err == nil || !interrupted(err) {
					t.Fatalf("the training that is to be resumed ended with %v", err)
				}
				return nil
			}},
			{
				Name:    "save",
				Prepare: func(dir string) error { return save(dir, 1) },
				Do:      func(dir string) error { return save(dir, 2) },
			},
		}
	})
}
