package votes_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"smoothlab/certify"
	"smoothlab/certify/votes"
	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/internal/testengine"
	"smoothlab/noise"
	"smoothlab/smoothing"
)

// hostRemote is the authors' LeNet in float64, as another process would compute it.
func hostRemote(t *testing.T, c *classifier.Classifier) votes.Remote {
	h := newHostNetwork(c)
	return votes.Remote{
		Outline:     classifier.Outline("host", c.Arch.Input, c.Arch.Classes, nil),
		Fingerprint: strings.Repeat("ab", 32),
		Provenance:  map[string]string{"command": "host"},
		Classify: func(_ context.Context, images []float32) (a votes.Answer, err error) {
			for ; len(images) > 0; images = images[784:] {
				x := make([]float64, 784)
				for i, v := range images[:784] {
					x[i] = float64(v)
				}
				for _, l := range h.logits(x) {
					a.Logits = append(a.Logits, float32(l))
				}
			}
			return a, nil
		},
	}
}

// ofClasses answers with classes in place of logits.
func ofClasses(r votes.Remote) votes.Remote {
	logits := r.Classify
	r.Classify = func(ctx context.Context, images []float32) (a votes.Answer, err error) {
		b, err := logits(ctx, images)
		for l := b.Logits; len(l) > 0; l = l[10:] {
			a.Classes = append(a.Classes, int32(slices.Index(l[:10], slices.Max(l[:10]))))
		}
		return a, err
	}
	return r
}

// The same network gives the same votes in another process: float64 on the host and float32 on the engine differ by
// less than 1e-4 in a logit, and one vote in ten thousand may swap between classes that are closer.
func TestRemoteVotesAlike(t *testing.T) {
	d, c := digits(t), trained(t)
	here := newVoter(t, d, seed, 40)
	for name, r := range map[string]votes.Remote{"logits": hostRemote(t, c), "classes": ofClasses(hostRemote(t, c))} {
		there, err := votes.NewRemote(testengine.Open(t), r, d, smoothing.Gaussian{Sigma: sigma}, seed, 40)
		if err != nil {
			t.Fatal(err)
		}
		differ := 0
		for _, p := range []noise.Purpose{noise.Select, noise.Bound} {
			want, got := count(t, here, undecided, p, 3, 100), count(t, there, undecided, p, 3, 100)
			for k := range want {
				differ += max(0, want[k]-got[k])
			}
			if slices.Max(want) > 95 {
				t.Errorf("%v: the votes %v do not tell draws apart", p, want)
			}
		}
		if differ > 0 { // 200 votes: at one in ten thousand, none should differ
			t.Errorf("%s: %d of 200 votes differ", name, differ)
		}
		if s := there.Source(); s.Checkpoint != r.Fingerprint || s.Provenance["command"] != "host" ||
			s.Provenance["backend"] == "" || len(s.ClassNames) != 10 {
			t.Errorf("%s: the source is %+v", name, s)
		}
	}
}

// coloured returns 2×3 images of three channels, whose values all differ.
func coloured(t *testing.T) *dataset.Dataset {
	t.Helper()
	d := &dataset.Dataset{Name: "coloured", Split: "test", Height: 2, Width: 3, Channels: 3,
		Classes: []string{"a", "b"}, Indices: []int{5, 9}, Labels: []uint16{0, 1}, Total: 10}
	for i := range 36 {
		d.Pixels = append(d.Pixels, byte(7*i))
	}
	return d
}

// Another process receives pixels of [0,1] channel by channel, row by row, a whole chunk per request; the noise belongs
// to the images' indices.
func TestRemoteLayout(t *testing.T) {
	d := coloured(t)
	var requests atomic.Int32
	r := votes.Remote{
		Outline: classifier.Outline("layout", classifier.Shape{Height: 2, Width: 3, Channels: 3}, 2, nil),
		Classify: func(_ context.Context, images []float32) (votes.Answer, error) {
			requests.Add(1)
			if len(images) != 8*18 {
				t.Errorf("a request of %d values, want 8 images of 18", len(images))
			}
			a := votes.Answer{Classes: make([]int32, 8)}
			for n := range 8 {
				first := int(math.Round(float64(images[18*n]) * 255)) // of the image: 0 or 126
				a.Classes[n] = int32(first / 126)
				for ch := range 3 {
					for at := range 6 {
						want := float64(byte(first+7*(3*at+ch))) / 255
						if got := float64(images[18*n+6*ch+at]); math.Abs(got-want) > 1e-5 {
							t.Errorf("channel %d, position %d has %g, want %g", ch, at, got, want)
						}
					}
				}
			}
			return a, nil
		},
	}
	v, err := votes.NewRemote(testengine.Open(t), r, d, smoothing.Gaussian{Sigma: 1e-7}, seed, 8)
	if err != nil {
		t.Fatal(err)
	}
	counts := [][]int{make([]int, 2), make([]int, 2)}
	asked := []certify.Request{{Pos: 0, N: 13, Counts: counts[0]}, {Pos: 1, N: 7, Counts: counts[1]}}
	if err := v.VoteAll(t.Context(), noise.Bound, asked); err != nil || counts[0][0] != 13 || counts[1][1] != 7 {
		t.Errorf("votes %v, %v", counts, err)
	}
	if n := requests.Load(); n != 3 {
		t.Errorf("%d requests for 20 votes, want 3 of 8", n)
	}
}

// Answers of another size, other classes and errors end the votes. A process that mixes images, or draws random
// numbers, is detected. Functions that need logits refuse a process.
func TestRemoteRefuses(t *testing.T) {
	d, c := few(t), trained(t)
	good := hostRemote(t, c)
	out := errors.New("out of memory")
	for want, change := range map[string]func(a *votes.Answer) error{
		"host answered with 39":       func(a *votes.Answer) error { a.Logits = a.Logits[:39]; return nil },
		"not numbers":                 func(a *votes.Answer) error { a.Logits[3] = float32(math.NaN()); return nil },
		"host answered with class 10": func(a *votes.Answer) error { a.Classes = []int32{1, 10, 1, 1}; return nil },
		"host answered with class -1": func(a *votes.Answer) error { a.Classes = []int32{1, -1, 1, 1}; return nil },
		"and 3 classes for 4 images":  func(a *votes.Answer) error { a.Classes = []int32{1, 1, 1}; return nil },
		"out of memory":               func(*votes.Answer) error { return out },
	} {
		r := good
		r.Classify = func(ctx context.Context, images []float32) (votes.Answer, error) {
			a, err := good.Classify(ctx, images)
			return a, errors.Join(err, change(&a))
		}
		v, err := votes.NewRemote(testengine.Open(t), r, d, smoothing.Gaussian{Sigma: sigma}, seed, 4)
		if err != nil {
			t.Fatal(err)
		}
		err = v.Vote(t.Context(), 0, noise.Bound, 0, 4, make([]int, 10))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want …%s", err, want)
		}
	}
	v, err := votes.NewRemote(testengine.Open(t), good, d, smoothing.Gaussian{Sigma: sigma}, seed, 4)
	if err != nil {
		t.Fatal(err)
	}
	_, err = v.Predictions(t.Context(), noise.Bound, []int{0}, 0, 4)
	if err == nil || !strings.Contains(err.Error(), "only votes") {
		t.Errorf("predictions: %v", err)
	}
	local, err := votes.New(testengine.Open(t), good.Outline, d, smoothing.Gaussian{Sigma: sigma}, seed, 4)
	if err != nil {
		t.Fatal(err)
	}
	if err := local.Vote(t.Context(), 0, noise.Bound, 0, 4, make([]int, 10)); err == nil ||
		!strings.Contains(err.Error(), "host is computed by another process") {
		t.Errorf("votes of an outline: %v", err)
	}
	if err := votes.CheckRemote(t.Context(), good); err != nil {
		t.Errorf("a good one: %v", err)
	}
	if err := votes.CheckRemote(t.Context(), ofClasses(good)); err != nil {
		t.Errorf("a good one that answers with classes: %v", err)
	}
	mixes := good
	mixes.Classify = func(ctx context.Context, images []float32) (votes.Answer, error) {
		a, err := good.Classify(ctx, images)
		for i := range a.Logits {
			a.Logits[i] += images[0]
		}
		return a, err
	}
	err = votes.CheckRemote(t.Context(), mixes)
	if err == nil || !strings.Contains(err.Error(), "with the other images of its batch") {
		t.Errorf("one that mixes images: %v", err)
	}
}
