package sweep

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"smoothlab/baseline"
	"smoothlab/certify"
	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/engine"
	"smoothlab/internal/testengine"
	"smoothlab/smoothing"
	"smoothlab/train"
)

// job returns a job of small cells, one for each seed, in a directory.
func job(t *testing.T, dir string, seeds ...uint64) Job {
	t.Helper()
	e := testengine.Open(t)
	data, err := dataset.Open(t.Context(), "mnist-mini", "test", dataset.Options{})
	if err != nil {
		t.Fatal(err)
	}
	few, err := data.Slice(0, 64, 1)
	if err != nil {
		t.Fatal(err)
	}
	held, err := data.Slice(0, 4, 1)
	if err != nil {
		t.Fatal(err)
	}
	arch, err := classifier.Lookup("linear")
	if err != nil {
		t.Fatal(err)
	}
	m, err := train.NewMethod("gaussian")
	if err != nil {
		t.Fatal(err)
	}
	j := Job{Dir: dir, Open: func(context.Context) (*engine.Engine, error) { return e, nil }}
	for _, seed := range seeds {
		settings := train.DefaultSettings()
		settings.Epochs, settings.Batch, settings.Seed = 1, 32, seed
		c := Cell{
			Path: "seed-" + string('0'+rune(seed)), Values: []Setting{{"seed", string('0' + rune(seed))}},
			Start: func() *classifier.Classifier { return classifier.New(arch, seed) },
			Data:  few, Method: m, Settings: settings,
			Held: held, Noise: smoothing.Gaussian{Sigma: 0.25}, Votes: certify.Fixed(10, 100, 0.01),
		}
		for pos, index := range held.Indices {
			c.Images = append(c.Images, certify.Image{Pos: pos, Index: index, Label: int(held.Labels[pos])})
		}
		j.Cells = append(j.Cells, c)
	}
	return j
}

func finished(results []Result) (n int) {
	for _, r := range results {
		if r.Certificates != nil {
			n++
		}
	}
	return n
}

// Each part makes its cells and finds those of the others; the same call again draws nothing and opens no engine.
func TestMake(t *testing.T) {
	dir := t.TempDir()
	j := job(t, dir, 1, 2, 3)
	for i := 1; i <= 2; i++ {
		j.Part = certify.Shard{Number: i, Of: 2}
		results, err := Make(t.Context(), j)
		if want := []int{2, 3}[i-1]; err != nil || finished(results) != want {
			t.Fatalf("part %d: %d cells are finished, want %d; %v", i, finished(results), want, err)
		}
	}
	j.Part = certify.Shard{}
	j.Open = func(context.Context) (*engine.Engine, error) { return nil, errors.New("opened") }
	results, err := Make(t.Context(), j)
	if err != nil || finished(results) != 3 {
		t.Errorf("again: %d, %v", finished(results), err)
	}
	for _, ending := range []string{TrainingExt, WeightsExt, LogExt, RecordExt} {
		if _, err := os.Stat(j.Cells[0].File(dir, ending)); err != nil {
			t.Error(err)
		}
	}
	changed := job(t, dir, 1, 2, 3)
	changed.Cells[2].Votes.N = 200
	if _, err := Make(t.Context(), changed); err == nil || !strings.Contains(err.Error(), "seed-3 was made with another plan") {
		t.Errorf("other votes: %v", err)
	}
}

// Cells whose records read alike are refused if their pixels, labels or any setting of a training differ. Records of
// older versions, which have no such digests, are loaded.
func TestMakeRefusesOtherContent(t *testing.T) {
	dir := t.TempDir()
	if _, err := Make(t.Context(), job(t, dir, 1)); err != nil {
		t.Fatal(err)
	}
	changes := map[string]func(*Cell){
		"other image data (": func(c *Cell) {
			c.Data = copied(c.Data)
			c.Data.Pixels[0] ^= 1
		},
		"other certified pixels or labels (": func(c *Cell) {
			c.Held = copied(c.Held)
			c.Held.Labels[3] ^= 1
		},
		"another split (1, not 2)":         func(c *Cell) { c.Settings.Split = 2 },
		"another sigma (0.5, not 0.50001)": func(c *Cell) { c.Method = &baseline.Gaussian{Sigma: 0.50001} },
	}
	for want, change := range changes {
		j := job(t, dir, 1)
		change(&j.Cells[0])
		if _, err := Make(t.Context(), j); err == nil || !strings.Contains(err.Error(), "seed-1 was made with "+want) {
			t.Errorf("want %s, got %v", want, err)
		}
	}
	old := job(t, dir, 1)
	path := old.Cells[0].File(dir, RecordExt)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(data, &fields); err != nil {
		t.Fatal(err)
	}
	delete(fields, "training")
	delete(fields, "held")
	if data, err = json.Marshal(fields); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	if results, err := Make(t.Context(), old); err != nil || finished(results) != 1 {
		t.Errorf("an older record: %d cells are finished, %v", finished(results), err)
	}
}

// copied returns a data set with its own pixels and labels.
func copied(d *dataset.Dataset) *dataset.Dataset {
	c := *d
	c.Pixels, c.Labels = slices.Clone(d.Pixels), slices.Clone(d.Labels)
	return &c
}

// An interrupt at any report of progress keeps finished cells, and the same job resumes to the same certificates.
func TestMakeInterrupted(t *testing.T) {
	whole := job(t, t.TempDir(), 1, 2)
	want, err := Make(t.Context(), whole)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	stops := 0
	for after := 1; ; after += 3 {
		ctx, cancel := context.WithCancel(t.Context())
		j := job(t, dir, 1, 2)
		reports := 0
		j.Observe = func(Progress) {
			if reports++; reports == after {
				cancel()
			}
		}
		got, err := Make(ctx, j)
		cancel()
		if err == nil {
			for i := range want {
				if got[i].Certificates.ACR() != want[i].Certificates.ACR() {
					t.Errorf("cell %d has the ACR %v after interrupts, else %v", i, got[i].Certificates.ACR(), want[i].Certificates.ACR())
				}
			}
			break
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		stops++
	}
	if stops == 0 {
		t.Error("nothing was interrupted")
	}
}

// A failed cell is reported with its reason, the others are made, and the next call makes it.
func TestMakeWithAFailure(t *testing.T) {
	dir := t.TempDir()
	j := job(t, dir, 1, 2)
	obstacle := j.Cells[0].File(dir, TrainingExt)
	if err := os.MkdirAll(filepath.Join(obstacle, "in the way"), 0o755); err != nil {
		t.Fatal(err)
	}
	results, err := Make(t.Context(), j)
	if err != nil || finished(results) != 1 || !strings.Contains(results[0].Failure, "training failed: ") {
		t.Fatalf("%d are finished, the first failed by %q; %v", finished(results), results[0].Failure, err)
	}
	known := job(t, dir, 1, 2)
	known.Known = func(r []Result) {
		if r[0].Failure != results[0].Failure {
			t.Errorf("the reason is kept as %q", r[0].Failure)
		}
	}
	if err := os.RemoveAll(obstacle); err != nil {
		t.Fatal(err)
	}
	results, err = Make(t.Context(), known)
	if err != nil || finished(results) != 2 || results[0].Failure != "" {
		t.Errorf("again: %d, %q, %v", finished(results), results[0].Failure, err)
	}
}

func TestMakeRefuses(t *testing.T) {
	dir := t.TempDir()
	if _, err := Make(t.Context(), Job{Dir: dir}); err == nil {
		t.Error("a sweep of nothing is made")
	}
	if _, err := Make(t.Context(), job(t, dir, 1, 1)); err == nil || !strings.Contains(err.Error(), "have the same files") {
		t.Errorf("a cell twice: %v", err)
	}
	j := job(t, dir, 1)
	j.Part = certify.Shard{Number: 2, Of: 2}
	if _, err := Make(t.Context(), j); err == nil || !strings.Contains(err.Error(), "there is 1 cell to make, too few for 2 parts") {
		t.Errorf("two parts of one: %v", err)
	}
	for name, content := range map[string]string{
		"is not the record of a cell": "{}",
		"has version 9 of the format": `{"format": "smoothlab sweep cell", "version": 9}`,
	} {
		if err := os.WriteFile(j.Cells[0].File(dir, RecordExt), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		j.Part = certify.Shard{}
		if _, err := Make(t.Context(), j); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", content, err)
		}
	}
}
