package papertable

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"smoothlab/certify"
	"smoothlab/engine"
	"smoothlab/internal/testengine"
	"smoothlab/zoo"
)

// console records the printed lines, and calls each at every report of progress.
type console struct {
	said []string
	each func(part string, done int)
}

func (c *console) Say(line string) { c.said = append(c.said, line) }

func (c *console) Progress(part string, done, _ int, _ string, _ time.Duration) {
	if c.each != nil {
		c.each(part, done)
	}
}

// smallJob trains Gaussian rows for a moment, on the engine that all tests share and that a job does not close.
func smallJob(t *testing.T, dir string, c *console) Job {
	t.Helper()
	plan, err := DefaultPlan("mnist")
	if err != nil {
		t.Fatal(err)
	}
	plan.Rows = slices.DeleteFunc(plan.Rows, func(r Row) bool { return r.Name != "gaussian" })
	plan.Data, plan.Train, plan.Epochs, plan.Batch = "mnist-mini", 96, 2, 32
	plan.Sigmas, plan.Every, plan.Votes = []float64{0.5, 0.25}, 2500, certify.Fixed(10, 100, 0.001)
	e := testengine.Open(t)
	return Job{
		Plan:    plan,
		Dir:     dir,
		Console: c,
		Open:    func(context.Context) (*engine.Engine, error) { return e, nil },
		Shared:  true,
	}
}

// A job that is stopped during a training and during a certification resumes, and ends with the same files as an
// uninterrupted job.
func TestMakeResumes(t *testing.T) {
	straight, stopped := t.TempDir(), t.TempDir()
	if _, err := Make(t.Context(), smallJob(t, straight, &console{})); err != nil {
		t.Fatal(err)
	}
	for _, stop := range []struct {
		part string
		done int
	}{{"training", 2}, {"certifying", 1}, {"training", 4}} {
		ctx, cancel := context.WithCancel(t.Context())
		c := &console{each: func(part string, done int) {
			if strings.HasPrefix(part, stop.part) && done >= stop.done {
				cancel()
			}
		}}
		if _, err := Make(ctx, smallJob(t, stopped, c)); !errors.Is(err, context.Canceled) {
			t.Fatalf("stopped in %s: %v", stop.part, err)
		}
		cancel()
	}
	cards, err := Make(t.Context(), smallJob(t, stopped, &console{}))
	if err != nil || len(cards) != 2 {
		t.Fatalf("%d cards, %v", len(cards), err)
	}
	for _, card := range cards {
		for _, ending := range []string{".safetensors", ".training.safetensors", ".tsv.json"} {
			a, b := read(t, straight, card.Path()+ending), read(t, stopped, card.Path()+ending)
			if !bytes.Equal(a, b) {
				t.Errorf("%s differs from that of the straight job", card.Path()+ending)
			}
		}
	}
	// The third time there is nothing to do, and the engine is not opened.
	c := &console{}
	job := smallJob(t, stopped, c)
	job.Open = func(context.Context) (*engine.Engine, error) { return nil, errors.New("the engine was opened") }
	if _, err := Make(
		t.Context(),
		job,
	); err != nil ||
		!strings.HasPrefix(c.said[0], "2 of 2 classifiers are finished") {
		t.Errorf("%v, %v", c.said, err)
	}
	rows, err := zoo.Dir(stopped)
	if err != nil || len(rows.Rows()) != 2 {
		t.Fatalf("%d rows, %v", len(rows.Rows()), err)
	}
	for _, r := range rows.Rows() {
		k, err := r.Certificates()
		if err != nil || k.ACR() != r.Certified.ACR || k.Checkpoint != r.Fingerprint {
			t.Errorf("%s: %v", r.Path(), err)
		}
	}
}

func read(t *testing.T, dir, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return data
}
