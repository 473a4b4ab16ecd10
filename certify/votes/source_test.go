package votes_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"smoothlab/certify"
	"smoothlab/certify/votes"
	"smoothlab/dataset"
	"smoothlab/internal/testengine"
	"smoothlab/smoothing"
)

// laplace is a noise that no voter draws.
type cauchy struct{ smoothing.Gaussian }

func (cauchy) Name() string { return "cauchy" }

// few returns five digits of the test set.
func few(t *testing.T) *dataset.Dataset {
	t.Helper()
	d, err := digits(t).Every(100)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// A voter reports the sources of its votes.
func TestSource(t *testing.T) {
	d, c, e := few(t), trained(t), testengine.Open(t)
	for name, upload := range kinds() {
		v, err := upload(e, c, d, smoothing.Gaussian{Sigma: 0.25}, 7, 40)
		if err != nil {
			t.Fatal(err)
		}
		s := v.Source()
		if s.Smoothing != (smoothing.Gaussian{Sigma: 0.25}) || s.Classes != 10 || len(s.ClassNames) != 10 || s.Seed != 7 || s.Dataset != "mnist-mini" ||
			s.Split != "test" ||
			s.Checkpoint != c.Fingerprint() ||
			len(s.Chunks) != 2 ||
			s.Chunks[1] != 40 ||
			s.Provenance["backend"] == "" {
			t.Errorf("%s reports %+v", name, s)
		}
		if sound := v.Slack() > 0; sound != (name == "grid") {
			t.Errorf("%s: slack %v", name, v.Slack())
		}
		if err := v.Close(); err != nil {
			t.Error(err)
		}
		if _, err := upload(e, c, d, cauchy{smoothing.Gaussian{Sigma: 1}}, 7, 40); err == nil ||
			!strings.Contains(err.Error(), "cauchy") {
			t.Errorf("%s under another noise: %v", name, err)
		}
		if _, err := upload(e, c, d, smoothing.Gaussian{Sigma: 64}, 7, 40); err == nil ||
			!strings.Contains(err.Error(), "write 64/255 (0.251)") {
			t.Errorf("%s at sigma 64: %v", name, err)
		}
		if _, err := upload(e, c, d, nil, 7, 40); err == nil {
			t.Errorf("%s without noise", name)
		}
	}
}

// Digests depend on pixels, labels and shape, and not on the position in the data set.
func TestDigests(t *testing.T) {
	digest := func(d *dataset.Dataset, pos int) certify.Digest {
		v := newVoter(t, d, seed, 40)
		all, err := v.Digests(t.Context(), v.Images()[pos:pos+1])
		if err != nil {
			t.Fatal(err)
		}
		return all[0]
	}
	d := few(t)
	want := digest(d, 2)
	part, err := d.Slice(2, 3, 1)
	if err != nil {
		t.Fatal(err)
	}
	if digest(part, 0) != want {
		t.Error("the digest depends on the place in the data set")
	}
	for name, change := range map[string]func(*dataset.Dataset){
		"a pixel by one level": func(p *dataset.Dataset) { p.Pixels[300] ^= 1 },
		"the label":            func(p *dataset.Dataset) { p.Labels[0] ^= 1 },
	} {
		other, err := part.Slice(0, 1, 1)
		if err != nil {
			t.Fatal(err)
		}
		change(other)
		if digest(other, 0) == want {
			t.Errorf("changing %s leaves the digest", name)
		}
	}
	v := newVoter(t, d, seed, 40)
	points := make([][]float32, d.Len())
	for i := range points {
		points[i] = make([]float32, 784)
	}
	at, err := v.At(points)
	if err != nil {
		t.Fatal(err)
	}
	if there, err := at.Digests(t.Context(), v.Images()[2:3]); err != nil || there[0] == want {
		t.Errorf("points have the digest of the images: %v", err)
	}
	for name, img := range map[string]certify.Image{
		"index 1":     {Pos: 2, Index: 1, Label: int(d.Labels[2])},
		"label":       {Pos: 2, Index: d.Indices[2], Label: int(d.Labels[2]) + 1},
		"position 99": {Pos: 99},
	} {
		if _, err := v.Digests(t.Context(), []certify.Image{img}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := v.Digests(ctx, v.Images()); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// One call certifies a data set: the same as with the parts, and a copy with one pixel changed is not loaded from its
// log.
func TestCertifyDataset(t *testing.T) {
	d, c, e := few(t), trained(t), testengine.Open(t)
	plan := certify.Fixed(20, 100, 0.01)
	out := filepath.Join(t.TempDir(), "k.tsv")
	o := votes.Options{Smoothing: smoothing.Gaussian{Sigma: sigma}, Plan: plan, Seed: seed, Chunk: 40, Out: out}
	k, err := votes.Certify(t.Context(), e, c, d, o)
	if err != nil {
		t.Fatal(err)
	}
	v := newVoter(t, d, seed, 40)
	parts, err := certify.Run(t.Context(), v, v.Images(), plan, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range parts.Rows {
		row.Time = k.Rows[i].Time
		if row != k.Rows[i] {
			t.Errorf("one call gives %+v, its parts %+v", k.Rows[i], row)
		}
	}
	_, before := e.Counts()
	if again, err := votes.Certify(t.Context(), e, c, d, o); err != nil || len(again.Rows) != d.Len() ||
		!again.PixelsRecorded() {
		t.Errorf("loaded: %+v, %v", again, err)
	}
	copied, err := d.Slice(0, d.Len(), 1)
	if err != nil {
		t.Fatal(err)
	}
	copied.Pixels[2000] ^= 1
	var differs *certify.SettingsError
	if _, err := votes.Certify(t.Context(), e, c, copied, o); !errors.As(err, &differs) ||
		differs.Name != "image_data" {
		t.Errorf("loaded for other pixels: %v", err)
	}
	if _, after := e.Counts(); after != before {
		t.Errorf("%d calls to load a log", after-before)
	}
	o.Out, o.Sound = "", true
	sound, err := votes.Certify(t.Context(), e, c, d, o)
	if err != nil || sound.Plan.Slack == 0 {
		t.Errorf("by sound sampling: slack %v, %v", sound.Plan.Slack, err)
	}
}
