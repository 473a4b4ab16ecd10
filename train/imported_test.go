package train

import (
	"path/filepath"
	"slices"
	"testing"

	"smoothlab/classifier"
	"smoothlab/internal/testengine"
	"smoothlab/method"
)

// Every method trains an imported network with batch normalization and dropout: an update moves each trained weight and
// each running statistic to a finite value, and the checkpoint returns the same network. SMOOTHLAB_TEST_ALL=1 has all
// of them.
func TestEveryMethodTrainsAnImportedNetwork(t *testing.T) {
	file := filepath.Join("..", "classifier", "onnx", "testdata", "tiny.onnx")
	start, err := classifier.FromONNX(t.Context(), file, classifier.ONNX{})
	if err != nil {
		t.Fatal(err)
	}
	eachMethod(t, func(t *testing.T, m method.Method) {
		if !slices.Contains([]string{"gaussian", "smoothmix"}, m.Name()) {
			testengine.SkipUnlessAll(t)
		}
		job := oneBatch(t, "linear", m)
		job.Start = start
		job.Method, job.Settings = Scaled(m, job.Settings, 3) // acrboost chooses images in the last
		job.Out = filepath.Join(t.TempDir(), "trained.safetensors")
		r, err := Train(t.Context(), *job)
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range start.Arch.Params {
			if (p.Role == classifier.Trained || p.Role == classifier.Statistic) && slices.Equal(r.Classifier.Params[i], start.Params[i]) {
				t.Errorf("%s has not changed", p.Name)
			}
		}
		if err := r.Classifier.Check(); err != nil {
			t.Error(err)
		}
		back, err := classifier.Load(job.Out)
		if err != nil {
			t.Fatal(err)
		}
		if back.Fingerprint() != r.Classifier.Fingerprint() {
			t.Errorf("%s came back as %s", r.Classifier.Fingerprint(), back.Fingerprint())
		}
	})
}
