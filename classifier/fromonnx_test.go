package classifier_test

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"smoothlab/classifier"
	"smoothlab/internal/classifiertest"
)

// onnxFile is a file of testdata that tiny.py wrote: a small network for 28×28×1 digits.
func onnxFile(name string) string { return filepath.Join("onnx", "testdata", name) }

func fromONNX(t *testing.T, name string, how classifier.ONNX) *classifier.Classifier {
	t.Helper()
	c, err := classifier.FromONNX(t.Context(), onnxFile(name), how)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Errors distinguish files of other kinds from damaged files.
func TestFromONNXOfOtherFiles(t *testing.T) {
	for want, contents := range map[string]string{
		"from_torch reads weights": "PK\x03\x04\x00\x00",
		"git lfs pull":             "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n",
		"cut short or damaged":     "<html>",
	} {
		path := filepath.Join(t.TempDir(), "net.onnx")
		if err := os.WriteFile(path, []byte(contents), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := classifier.FromONNX(t.Context(), path, classifier.ONNX{}); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", contents, err, want)
		}
	}
}

// tinyValue returns a tensor that PyTorch computed for the small network.
func tinyValue(t *testing.T, name string) []float32 {
	t.Helper()
	return classifiertest.Values(t, onnxFile("tiny.safetensors"), name)
}

// tinyLogits returns a network's logits for the four images of tiny.safetensors.
func tinyLogits(t *testing.T, c *classifier.Classifier) []float32 {
	t.Helper()
	return classifiertest.Compute(t, c, "logits", classifiertest.Forward(c.Arch), tinyValue(t, "x"), 4, 28, 28, 1)
}

func near(got, want []float32, limit float64) bool {
	return slices.EqualFunc(got, want, func(a, b float32) bool { return math.Abs(float64(a)-float64(b)) <= limit })
}

// Each way of exporting computes PyTorch's logits, to 1e-5, with the normalization in the file or in front of it. A
// checkpoint returns the same network, and the result states whether it can be trained.
func TestImportedNetworks(t *testing.T) {
	normalized := classifier.ONNX{Mean: []float64{0.1307}, SD: []float64{0.3081}}
	trainable := normalized
	trainable.Trainable = true
	for _, c := range []struct {
		file      string
		how       classifier.ONNX
		trainable bool
	}{{"tiny.onnx", classifier.ONNX{}, true}, {"tiny.folded.onnx", normalized, false},
		{"tiny.ts.onnx", trainable, true}} {
		t.Run(c.file, func(t *testing.T) {
			net := fromONNX(t, c.file, c.how)
			if got := tinyLogits(t, net); !near(got, tinyValue(t, "logits"), 1e-5) {
				t.Errorf("logits %v, want %v", got, tinyValue(t, "logits"))
			}
			shape := classifier.Shape{Height: 28, Width: 28, Channels: 1}
			if err := net.FitsTraining(shape, digits()); (err == nil) != c.trainable {
				t.Errorf("training: %v", err)
			}
			path := filepath.Join(t.TempDir(), "kept.safetensors")
			if err := (&classifier.Checkpoint{Classifier: net}).Save(path); err != nil {
				t.Fatal(err)
			}
			back, err := classifier.Load(path)
			if err != nil {
				t.Fatal(err)
			}
			if back.Fingerprint() != net.Fingerprint() || back.Arch.Name != net.Arch.Name ||
				back.Arch.MACs != net.Arch.MACs {
				t.Errorf("%s came back as %s", net.Arch.Name, back.Arch.Name)
			}
			if (back.Arch.Untrainable == nil) != c.trainable {
				t.Errorf("came back with %v", back.Arch.Untrainable)
			}
		})
	}
}

// Two files of the same name, with the same weights and different activations, are two networks: their names differ,
// and so do their logits in one engine, which caches compiled programs by name.
func TestNetworksOfOneFileNameStayApart(t *testing.T) {
	one, other := fromONNX(
		t,
		"tiny.onnx",
		classifier.ONNX{},
	), fromONNX(
		t,
		filepath.Join("other", "tiny.onnx"),
		classifier.ONNX{},
	)
	if one.Arch.Name == other.Arch.Name || one.Fingerprint() == other.Fingerprint() {
		t.Errorf("both are %s", one.Arch.Name)
	}
	for i, v := range one.Params {
		if !slices.Equal(v, other.Params[i]) {
			t.Fatalf("%s differs", one.Arch.Params[i].Name)
		}
	}
	if a, b := tinyLogits(t, one), tinyLogits(t, other); near(a, b, 1e-3) {
		t.Errorf("both compute %v", a)
	}
}

// Importing the same file twice makes the same network, and its weights have PyTorch's names.
func TestImportedNetworkHasPyTorchsNames(t *testing.T) {
	c := fromONNX(t, "tiny.onnx", classifier.ONNX{})
	var trained, statistics []string
	for _, p := range c.Arch.Params {
		switch p.Role {
		case classifier.Trained:
			trained = append(trained, p.Name)
		case classifier.Statistic:
			statistics = append(statistics, p.Name)
		}
	}
	slices.Sort(trained)
	slices.Sort(statistics)
	if want := "0.weight 1.bias 1.weight 3.bias 3.weight 4.bias 4.weight 9.bias 9.weight"; strings.Join(
		trained,
		" ",
	) != want {
		t.Errorf("trains %v", trained)
	}
	if want := "1.running_mean 1.running_var 4.running_mean 4.running_var"; strings.Join(statistics, " ") != want {
		t.Errorf("statistics %v", statistics)
	}
	if again := fromONNX(t, "tiny.onnx", classifier.ONNX{}); again.Fingerprint() != c.Fingerprint() {
		t.Error("the same file is another network")
	}
	if !slices.Equal(c.Facts.Classes, digits()) {
		t.Errorf("classes %v", c.Facts.Classes)
	}
	if notes := strings.Join(c.Facts.Notes, "; "); !strings.Contains(notes, "dropout of [0.3]") {
		t.Errorf("notes %q", notes)
	}
}

func TestONNXRefusesWhatDoesNotFit(t *testing.T) {
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := classifier.FromONNX(
		cancelled,
		onnxFile("tiny.onnx"),
		classifier.ONNX{},
	); !errors.Is(
		err,
		context.Canceled,
	) {
		t.Errorf("cancelled: %v", err)
	}
	for _, c := range []struct {
		name string
		how  classifier.ONNX
		want []string
	}{
		{"nowhere.onnx", classifier.ONNX{}, []string{"nowhere.onnx"}},
		{"tiny.safetensors", classifier.ONNX{}, []string{"tiny.safetensors", "not an ONNX file"}},
		{"tiny.onnx", classifier.ONNX{Input: classifier.Shape{Height: 32, Width: 32, Channels: 3}}, []string{"[batch, 1, 28, 28]", "32×32×3"}},
		{"tiny.onnx", classifier.ONNX{Mean: []float64{0.5}}, []string{"mean and std"}},
		{"tiny.onnx", classifier.ONNX{Classes: []string{"a", "b"}}, []string{"2"}},
	} {
		_, err := classifier.FromONNX(t.Context(), onnxFile(c.name), c.how)
		saysAll(t, err, c.want...)
	}
}

// A checkpoint with a damaged graph, or with another network's graph, is refused.
func TestCheckpointWithAnotherGraphIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "net.safetensors")
	if err := (&classifier.Checkpoint{Classifier: fromONNX(t, "tiny.onnx", classifier.ONNX{})}).Save(path); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	name := fromONNX(t, "tiny.onnx", classifier.ONNX{}).Arch.Name
	for want, damaged := range map[string][]byte{
		"carries the graph": bytes.Replace(data, []byte(name), []byte("onnx:000000000000"), 1),
		"damaged":           corrupted(data),
	} {
		if bytes.Equal(damaged, data) {
			t.Fatal("nothing was damaged")
		}
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := classifier.Load(path)
		saysAll(t, err, want)
	}
}

// corrupted puts a character into the graph that base64 does not have.
func corrupted(data []byte) []byte {
	data = bytes.Clone(data)
	data[bytes.Index(data, []byte(`"onnx":"`))+20] = '!'
	return data
}

// digits are the names of MNIST's classes.
func digits() []string { return strings.Split("0123456789", "") }

// saysAll checks that an error is one line with each of some words.
func saysAll(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error, want %q", words)
		return
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q does not say %q in one line", err, w)
		}
	}
}
