package train

import (
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/evaluation"
	"smoothlab/internal/testengine"
	"smoothlab/smoothmix"
)

// torchVariable names a Python with bench/torch/requirements.txt and safetensors 0.7.0.
const torchVariable = "SMOOTHLAB_TORCH"

// tolTorch bounds the difference of logits to PyTorch's, relative to the largest.
const tolTorch = 1e-5

// Two networks that PyTorch exports by to_smoothlab.py have PyTorch's logits here and are trained by SmoothMix. PyTorch
// loads the trained weights by load_state_dict and computes the same logits as here.
func TestExportScriptWithPyTorch(t *testing.T) {
	python := os.Getenv(torchVariable)
	if python == "" {
		t.Skip(torchVariable + " names no Python with torch")
	}
	dir, d := t.TempDir(), colours(16)
	write(t, filepath.Join(dir, "images.json"), nested(d))
	networks := func(verb string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), python, filepath.Join("testdata", "torch", "networks.py"), verb, dir)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		t.Logf("%s", out)
	}
	networks("export")
	trained := map[string]*classifier.Classifier{}
	for _, name := range []string{"convolutional", "attending"} {
		c, err := classifier.FromONNX(t.Context(), filepath.Join(dir, name+".onnx"), classifier.ONNX{})
		if err != nil {
			t.Fatal(err)
		}
		compareLogits(t, name, c, d, filepath.Join(dir, "logits-"+name+".json"))
		s := DefaultSettings()
		s.Batch, s.Split, s.Epochs, s.Seed, s.LR = 8, 1, 2, 3, 0.05
		r, err := Train(t.Context(), Job{
			Engine: testengine.Open(t), Start: c, Data: d, Settings: s,
			Method: &smoothmix.SmoothMix{Sigma: 0.25, M: 2, Steps: 2, Alpha: 0.5, Eta: 5},
		})
		if err != nil {
			t.Fatal(err)
		}
		trained[name] = r.Classifier
		path := filepath.Join(dir, "trained-"+name+".safetensors")
		if err := (&classifier.Checkpoint{Classifier: r.Classifier}).Save(path); err != nil {
			t.Fatal(err)
		}
	}
	networks("load")
	for name, c := range trained {
		compareLogits(t, "trained "+name, c, d, filepath.Join(dir, "trained-"+name+".json"))
	}
}

// compareLogits compares a classifier's logits with PyTorch's in a file.
func compareLogits(t *testing.T, name string, c *classifier.Classifier, d *dataset.Dataset, file string) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var want [][]float64
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	got, err := evaluation.Logits(t.Context(), evaluation.Job{Engine: testengine.Open(t), Classifier: c, Data: d})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) {
		t.Fatalf("%s: logits of %d images, want %d", name, len(got), len(want))
	}
	var worst, largest float64
	for i, row := range want {
		for k, v := range row {
			worst, largest = max(worst, math.Abs(float64(got[i][k])-v)), max(largest, math.Abs(v))
		}
	}
	t.Logf("%s: %.1e of the largest logit", name, worst/largest)
	if !(worst <= tolTorch*largest) {
		t.Errorf("%s: logits differ by %g, the largest is %g", name, worst, largest)
	}
}

// nested returns pixels as [N][H][W][C].
func nested(d *dataset.Dataset) [][][][]int {
	all := make([][][][]int, d.Len())
	for i := range all {
		all[i] = make([][][]int, d.Height)
		for y := range all[i] {
			all[i][y] = make([][]int, d.Width)
			for x := range all[i][y] {
				for c := range d.Channels {
					v := d.Pixels[((i*d.Height+y)*d.Width+x)*d.Channels+c]
					all[i][y][x] = append(all[i][y][x], int(v))
				}
			}
		}
	}
	return all
}

func write(t *testing.T, path string, v any) {
	t.Helper()
	b, err := json.Marshal(v)
	if err == nil {
		err = os.WriteFile(path, b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}
