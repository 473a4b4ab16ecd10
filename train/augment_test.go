package train

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"smoothlab/baseline"
	"smoothlab/dataset"
	"smoothlab/engine"

	"github.com/gomlx/gomlx/core/tensors"
)

// A method's setting may have the name of a training setting: DDN's gamma and the learning rate's are distinguished.
func TestSettingsOfOneName(t *testing.T) {
	job := smallJob(t, baseline.NewSmoothAdvDDN())
	now := job.Identity(Digest(job.Data))
	if err := sameRun("f", now, now); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(m *baseline.SmoothAdvDDN, s *Settings){
		"0.05, this one has 0.2": func(m *baseline.SmoothAdvDDN, _ *Settings) { m.Gamma = 0.2 },
		"0.1, this one has 0.2":  func(_ *baseline.SmoothAdvDDN, s *Settings) { s.Gamma = 0.2 },
	} {
		m, other := baseline.NewSmoothAdvDDN(), job
		m.Warmup = job.Method.(*baseline.SmoothAdvDDN).Warmup
		other.Method = m
		change(m, &other.Settings)
		if err := sameRun(
			"f",
			now,
			other.Identity(Digest(job.Data)),
		); err == nil ||
			!strings.Contains(err.Error(), "gamma "+name) {
			t.Errorf("%v, want gamma %s", err, name)
		}
	}
	old := slices.DeleteFunc(slices.Clone(now), func(s Setting) bool { return s.Name == "augment" })
	if err := sameRun("f", old, now); err != nil {
		t.Errorf("a file without augmentation: %v", err)
	}
}

// Training images are augmented by seed, epoch and index; test images and a walk's images are not, and the data set is
// unchanged.
func TestAugmentedBatches(t *testing.T) {
	job := smallJob(t, baseline.NewGaussian())
	job.Settings.Augment, job.Settings.Split = "crop+flip", 1
	before := slices.Clone(job.Data.Pixels)
	tr, err := newTrainer(&job, nil, state{})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.free()
	a := dataset.Augmentations()[0]
	for epoch := range 2 {
		tr.state.Epoch = epoch
		tr.arrange()
		images, err := tr.batch(tr.spans[1])
		if err != nil {
			t.Fatal(err)
		}
		got := tensors.MustCopyFlatData[uint8](images[0].Part(0))
		for i, k := range tr.order[64:128] {
			words := a.Words(job.Settings.Seed, epoch, job.Data.Indices[k], 0)
			want := a.Append(nil, job.Data.Image(k), 28, 28, 1, words)
			if !bytes.Equal(got[i*784:(i+1)*784], want) {
				t.Fatalf("epoch %d: image %d is not the copy that was to be made of it", epoch, k)
			}
		}
		engine.Free(images...)
	}
	if !bytes.Equal(before, job.Data.Pixels) {
		t.Error("the data set was changed")
	}
	job.Settings.Augment = "corp+flip"
	if err := job.Settings.Check(
		job.Method,
		160,
	); err == nil ||
		!strings.Contains(err.Error(), `did you mean "crop+flip"?`) {
		t.Errorf("an unknown augmentation: %v", err)
	}
}
