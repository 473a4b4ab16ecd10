package votes_test

import (
	"context"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"smoothlab/certify/votes"
	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/internal/onnxruntimetest"
	"smoothlab/internal/testengine"
	"smoothlab/noise"
	"smoothlab/smoothing"
)

func imported(t testing.TB, path string) *classifier.Classifier {
	t.Helper()
	c, err := classifier.FromONNX(t.Context(), path, classifier.ONNX{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// inONNXRuntime is a classifier whose logits ONNX Runtime computes.
func inONNXRuntime(t testing.TB, c *classifier.Classifier) votes.Remote {
	t.Helper()
	library, n := onnxruntimetest.Open(t), onnxruntimetest.Load(t, c)
	return votes.Remote{
		Outline:     c.Outline(),
		Fingerprint: c.Fingerprint(),
		Engine:      "onnxruntime",
		Provenance:  map[string]string{"engine": library.Version},
		Notes:       []string{"a note on the weights"},
		Classify: func(ctx context.Context, images []float32) (votes.Answer, error) {
			logits, err := n.Classify(ctx, images)
			return votes.Answer{Logits: logits}, err
		},
	}
}

// The noise of both engines has the same bits, so that a vote differs only where two logits are equal within rounding:
// logits differ by some 1e-6, and 1 of 10,000 votes may.
func TestONNXRuntimeVotesAlike(t *testing.T) {
	const tolerance = 1
	c := imported(t, filepath.Join("..", "..", "notebooks", "thin_resnet.onnx"))
	d, err := dataset.Open(t.Context(), "mnist-mini", "test", dataset.Options{})
	if err != nil {
		t.Fatal(err)
	}
	e, under, r := testengine.Open(t), smoothing.Gaussian{Sigma: 0.5}, inONNXRuntime(t, c)
	if err := votes.CheckEngine(t.Context(), e, c, r); err != nil {
		t.Error(err)
	}
	here, err := votes.New(e, c, d, under, seed, 500)
	if err != nil {
		t.Fatal(err)
	}
	defer here.Close()
	there, err := votes.NewRemote(e, r, d, under, seed, 500)
	if err != nil {
		t.Fatal(err)
	}
	defer there.Close()
	differ, undecided := 0, 0
	for pos := range 4 {
		want, got := count(t, here, pos, noise.Bound, 0, 2500), count(t, there, pos, noise.Bound, 0, 2500)
		for k := range want {
			differ += max(0, want[k]-got[k])
		}
		undecided += 2500 - slices.Max(want)
	}
	t.Logf("%d of 10,000 votes differ, %d are not for an image's first class", differ, undecided)
	if differ > tolerance || undecided < 100 {
		t.Errorf("%d of 10,000 votes differ, of which %d are not for an image's first class", differ, undecided)
	}
	s := there.Source()
	if s.Engine != "onnxruntime" || s.Checkpoint != here.Source().Checkpoint || s.Provenance["engine"] == "" ||
		s.Provenance["backend"] == "" || !slices.Contains(s.Notes, "a note on the weights") {
		t.Errorf("the source is %+v", s)
	}
}

// A network that another engine computes differently is detected before it votes.
func TestCheckEngine(t *testing.T) {
	c := trained(t)
	for name, wrong := range map[string]func(logits []float32){
		"right":          func([]float32) {},
		"another logit":  func(l []float32) { l[13] += 0.1 },
		"infinite":       func(l []float32) { l[0] = float32(math.Inf(1)) },
		"not one number": func(l []float32) { l[0] = float32(math.NaN()) },
	} {
		r := hostRemote(t, c)
		inner := r.Classify
		r.Engine, r.Classify = "host", func(ctx context.Context, images []float32) (votes.Answer, error) {
			a, err := inner(ctx, images)
			wrong(a.Logits)
			return a, err
		}
		err := votes.CheckEngine(t.Context(), testengine.Open(t), c, r)
		right := name == "right"
		if (err == nil) != right || err != nil && !strings.Contains(err.Error(), "in host differ") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}
