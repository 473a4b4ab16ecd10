package classifier_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"smoothlab/classifier"
	"smoothlab/classifier/weights"
	"smoothlab/internal/classifiertest"
	"smoothlab/internal/npz"
	"smoothlab/internal/testreference"

	"github.com/gomlx/gomlx/core/graph"
)

// The weights of the authors' LeNet, imported from each of their files, equal those of the .npz bit for bit, and their
// logits are the authors' (lenet_forward.npz): both sides add up 800 products in float32, in different orders.
func TestImportedLeNetComputesTheAuthorsLogits(t *testing.T) {
	dir, whole := testreference.Golden(t)
	files := []string{"lenet_weights.npz"}
	if whole {
		files = append(files, "lenet_gaussian_0.50.pth.tar")
	}
	forward := readArrays(t, filepath.Join(dir, "lenet_forward.npz"))
	var first *classifier.Classifier
	for _, file := range files {
		arch := "lenet"
		if strings.HasSuffix(file, ".tar") {
			arch = "" // it names it
		}
		c, err := classifier.FromTorch(t.Context(), filepath.Join(dir, file), classifier.Import{Arch: arch})
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = c
		}
		for i, p := range c.Arch.Params {
			if !slices.Equal(c.Params[i], first.Params[i]) {
				t.Errorf("%s: %s differs from the .npz", file, p.Name)
			}
		}
		if c.Facts.Source != file {
			t.Errorf("source %q", c.Facts.Source)
		}
		got := logits(t, c, forward["x"])
		for i, want := range forward["logits"].Float32() {
			if d := got[i] - want; max(d, -d) > 2e-5*max(1, want, -want) {
				t.Errorf("%s: logit %d is %g, want %g", file, i, got[i], want)
			}
		}
	}
}

// logits of images [N, C, H, W].
func logits(t *testing.T, c *classifier.Classifier, x npz.Tensor) []float32 {
	t.Helper()
	return classifiertest.Compute(t, c, "imported", func(w classifier.Weights, x *graph.Node) *graph.Node {
		return c.Arch.Logits(w, graph.TransposeAllAxes(x, 0, 2, 3, 1), classifier.Forward)
	}, x.Float32(), x.Shape...)
}

func readArrays(t *testing.T, path string) map[string]npz.Tensor {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	arrays, err := npz.Read(context.Background(), f, info.Size(), 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	return arrays
}

// The authors' ResNet-20 checkpoint holds the tensors of resnet20_weights.npz under names that begin with "1.", and
// imported it gives their logits in evaluation mode (resnet20_forward.npz): 20 layers of sums in float32, in different
// orders.
func TestImportedResNet20(t *testing.T) {
	dir, whole := testreference.Golden(t)
	if !whole {
		t.Skip("the authors' checkpoint of ResNet-20 is not beside the repository")
	}
	f, err := weights.Read(t.Context(), filepath.Join(dir, "cifar_resnet20_gaussian_0.25.pth.tar"))
	if err != nil {
		t.Fatal(err)
	}
	want := readArrays(t, filepath.Join(dir, "resnet20_weights.npz"))
	tensors := f.Sets[0].Tensors
	if f.Arch != "cifar_resnet20" || f.Sets[0].Path != "state_dict" || len(tensors) != len(want) || len(want) < 100 {
		t.Errorf("%d tensors of %q in %q, want %d", len(tensors), f.Arch, f.Sets[0].Path, len(want))
	}
	for name, w := range want {
		got := tensors["1."+name]
		if !slices.Equal(got.Dims, w.Shape) || !slices.Equal(got.Values, w.Float32()) {
			t.Errorf("%s: %v numbers of shape %v, want %v", name, len(got.Values), got.Dims, w.Shape)
		}
	}
	c, err := classifier.FromTorch(
		t.Context(),
		filepath.Join(dir, "cifar_resnet20_gaussian_0.25.pth.tar"),
		classifier.Import{},
	)
	if err != nil {
		t.Fatal(err)
	}
	forward := readArrays(t, filepath.Join(dir, "resnet20_forward.npz"))
	got := logits(t, c, forward["x"])
	for i, want := range forward["logits_eval"].Float32() {
		if d := got[i] - want; max(d, -d) > 2e-5*max(1, want, -want) {
			t.Errorf("logit %d is %g, want %g", i, got[i], want)
		}
	}
}

// A saved file has PyTorch's names, and reading it like any other safetensors file gives the same bits.
func TestSavedFilesAreForeignOnes(t *testing.T) {
	arch, err := classifier.Lookup("linear")
	if err != nil {
		t.Fatal(err)
	}
	c := classifier.New(arch, 3)
	path := filepath.Join(t.TempDir(), "c.safetensors")
	if err := (&classifier.Checkpoint{Classifier: c}).Save(path); err != nil {
		t.Fatal(err)
	}
	again, err := classifier.FromTorch(t.Context(), path, classifier.Import{})
	if err != nil {
		t.Fatal(err)
	}
	if again.Fingerprint() != c.Fingerprint() {
		t.Error("the weights changed on the way")
	}
}

// One error lists everything that does not fit, and names the network.
func TestFromTorchRefuses(t *testing.T) {
	state := filepath.Join("weights", "testdata", "state.pt")
	for _, test := range []struct{ path, arch, want string }{
		{state, "", `unknown classifier "toy"`},
		{state, "linear", `does not fit linear: brain [2] is not a parameter; count [] is not a parameter; double [] is not a parameter; half [4] is not a parameter; ` +
			`module.1.tail [2] is not a parameter; module.1.turned [3 2] is not a parameter; module.1.fc.weight is [2 3], not [10 784]; fc.bias [10] is missing`},
		{filepath.Join("..", "smoothmix", "testdata", "golden", "lenet_weights.npz"), "", "names no network: give arch, one of lenet, linear"},
		{"nowhere.pt", "lenet", "nowhere.pt"},
	} {
		if _, err := classifier.FromTorch(
			t.Context(),
			test.path,
			classifier.Import{Arch: test.arch},
		); err == nil || !strings.Contains(err.Error(), test.want) ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("%s as %q: %v, want %q", test.path, test.arch, err, test.want)
		}
	}
}
