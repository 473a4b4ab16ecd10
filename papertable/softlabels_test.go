package papertable

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"smoothlab/zoo"
)

// A row that trains on soft labels makes a Gaussian classifier and its votes first. Stopped during the votes and during
// the training, it resumes and ends with the files of an uninterrupted job. It is shown next to its authors' run
// without a verdict, because that run has another number of votes.
func TestMakeSoftLabels(t *testing.T) {
	later := func(dir string, c *console) Job {
		job := smallJob(t, dir, c)
		job.Plan.Rows, job.Plan.Sigmas, job.Plan.SoftVotes = LaterRows("mnist"), []float64{0.5}, 200
		return job
	}
	straight, stopped := t.TempDir(), t.TempDir()
	cards, err := Make(t.Context(), later(straight, &console{}))
	if err != nil {
		t.Fatal(err)
	}
	if got := cards[0].Images; !strings.HasSuffix(got, ", with soft labels of 200 votes at sigma 0.25") {
		t.Errorf("the card has the training images %q", got)
	}
	for _, part := range []string{"soft labels for catrs", "training catrs"} {
		ctx, cancel := context.WithCancel(t.Context())
		c := &console{each: func(now string, done int) {
			if strings.HasPrefix(now, part) && done >= 1 {
				cancel()
			}
		}}
		if _, err := Make(ctx, later(stopped, c)); !errors.Is(err, context.Canceled) {
			t.Errorf("stopped in %s: %v", part, err)
		}
	}
	if _, err := Make(t.Context(), later(stopped, &console{})); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		zoo.Path("mnist", 0.25, "gaussian", 1) + ".soft-labels-200.tsv",
		zoo.Path("mnist", 0.5, "catrs", 1) + ".safetensors",
	} {
		if !bytes.Equal(read(t, straight, name), read(t, stopped, name)) {
			t.Errorf("%s of the stopped job differs", name)
		}
	}
	z, err := zoo.Dir(straight)
	if err != nil {
		t.Fatal(err)
	}
	standings, err := Compare(z, "mnist", 0.5)
	if err != nil {
		t.Fatal(err)
	}
	last := standings[len(standings)-1]
	if last.Row.Name != "catrs" || last.Verdict() != NoInterval {
		t.Errorf("the last row is %s, %s", last.Row.Name, last.Verdict())
	}
	if text := Grid(standings).Text(); !strings.Contains(text, "1.6862 ± 0.0187 (1 run, N=100,000)") {
		t.Errorf("the grid lacks the authors' run:\n%s", text)
	}
	if none, err := Compare(z, "mnist", 0.25); err != nil || len(none) != 10 {
		t.Errorf("%d rows at a noise level without the later row, %v", len(none), err)
	}
}
