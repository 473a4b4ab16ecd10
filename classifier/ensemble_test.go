package classifier_test

import (
	"math"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"smoothlab/classifier"
	"smoothlab/internal/classifiertest"

	"github.com/gomlx/gomlx/core/graph"
)

// linears returns softmax regressions with different weights.
func linears(t *testing.T, n int) (all []*classifier.Classifier) {
	t.Helper()
	a, err := classifier.Lookup("linear")
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		c := classifier.New(a, uint64(i+1))
		c.Facts.Sigma = 0.5
		all = append(all, c)
	}
	return all
}

func combined(t *testing.T, members []*classifier.Classifier, consensus int) *classifier.Classifier {
	t.Helper()
	e, err := classifier.NewEnsemble(members, consensus)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// pixels returns n images of 28×28 values in [0,1].
func pixels(n int) []float32 {
	r := rand.New(rand.NewPCG(3, 4))
	x := make([]float32, n*784)
	for i := range x {
		x[i] = r.Float32()
	}
	return x
}

// graphLogits computes the logits of images in a pass, or of an attack at the images themselves.
func graphLogits(t *testing.T, c *classifier.Classifier, x []float32, attack bool) []float32 {
	t.Helper()
	name, build := "logits", classifiertest.Forward(c.Arch)
	if attack {
		name = "attack"
		build = func(w classifier.Weights, x *graph.Node) *graph.Node { return c.Arch.AttackLogits(w, x, x) }
	}
	return classifiertest.Compute(t, c, name, build, x, len(x)/784, 28, 28, 1)
}

// The logits of an ensemble are the sums of its members', computed here in float64. A float32 sum of 784 products of up
// to 1/28, and of three of these, is within 1e-5 of them.
func TestEnsembleLogits(t *testing.T) {
	const images = 4
	members, x := linears(t, 3), pixels(images)
	e := combined(t, members, 0)
	for _, attack := range []bool{false, true} {
		got := graphLogits(t, e, x, attack)
		for n := range images {
			for k := range 10 {
				want := 0.0
				for _, m := range members {
					want += float64(m.Params[1][k])
					for i := range 784 {
						want += float64(m.Params[0][784*k+i]) * float64(x[784*n+i])
					}
				}
				if d := math.Abs(float64(got[10*n+k]) - want); !(d < 1e-5) {
					t.Errorf("attack %v, image %d, class %d: %g, want %g", attack, n, k, got[10*n+k], want)
				}
			}
		}
	}
	if e.Arch.MACs != 3*784*10 || e.Arch.Trainable() != 3*7850 || e.Facts.Sigma != 0.5 {
		t.Errorf("%d multiply-adds, %d parameters, sigma %g", e.Arch.MACs, e.Arch.Trainable(), e.Facts.Sigma)
	}
	for _, m := range members {
		if !strings.Contains(e.Arch.Name, m.Fingerprint()[:12]) {
			t.Errorf("the name %q lacks %s", e.Arch.Name, m.Fingerprint())
		}
	}
	turned := combined(t, []*classifier.Classifier{members[1], members[0], members[2]}, 0)
	early := combined(t, members, 2)
	if e.Fingerprint() == turned.Fingerprint() || e.Fingerprint() == early.Fingerprint() ||
		e.Arch.Name == early.Arch.Name {
		t.Error("another order or consensus has the same name or fingerprint")
	}
}

// An ensemble is saved with all that it needs: networks of the list, with other outputs, and from ONNX files.
func TestEnsembleCheckpoint(t *testing.T) {
	ten := append(linears(t, 2), fromONNX(t, "tiny.onnx", classifier.ONNX{}))
	seven := linears(t, 2)
	for i, m := range seven {
		a, err := m.Arch.WithClasses(7)
		if err != nil {
			t.Fatal(err)
		}
		seven[i] = classifier.New(a, uint64(i))
	}
	for _, members := range [][]*classifier.Classifier{ten, seven} {
		for _, consensus := range []int{0, 2} {
			e := combined(t, members, consensus)
			path := filepath.Join(t.TempDir(), "e.safetensors")
			if err := (&classifier.Checkpoint{Classifier: e}).Save(path); err != nil {
				t.Fatal(err)
			}
			back, err := classifier.Load(path)
			if err != nil {
				t.Fatal(err)
			}
			if back.Fingerprint() != e.Fingerprint() || back.Arch.Name != e.Arch.Name ||
				back.Arch.Ensemble.Consensus != consensus {
				t.Errorf("%s came back as %s", e.Arch.Name, back.Arch.Name)
			}
			back.Params[0][0]++
			if err := back.Save(path); err == nil || !strings.Contains(err.Error(), "the weights of member 1, ") {
				t.Errorf("other weights under the same name: %v", err)
			}
		}
	}
}

// A member that does not fit is refused, with its number.
func TestEnsembleRefuses(t *testing.T) {
	a := linears(t, 3)
	other := func(change func(c *classifier.Classifier)) *classifier.Classifier {
		c := a[1].Clone()
		change(c)
		return c
	}
	resnet, err := classifier.Lookup("resnet20")
	if err != nil {
		t.Fatal(err)
	}
	seven, err := a[0].Arch.WithClasses(7)
	if err != nil {
		t.Fatal(err)
	}
	named := other(func(c *classifier.Classifier) { c.Facts.Classes = strings.Split("abcdefghij", "") })
	for _, test := range []struct {
		members   []*classifier.Classifier
		consensus int
		want      string
	}{
		{a[:1], 0, "from 2 to 100 members, got 1"},
		{a, 1, "consensus must be from 2 to 3"},
		{a, 4, "consensus must be from 2 to 3"},
		{a, -1, "consensus must be from 2 to 3"},
		{[]*classifier.Classifier{a[0], classifier.New(resnet, 1)}, 0, "member 2: it takes images of 32×32×3, and the first of 28×28×1"},
		{[]*classifier.Classifier{a[0], classifier.New(seven, 1)}, 0, "member 2: it has 7 classes, and the first 10"},
		{[]*classifier.Classifier{a[0], a[1], a[0].Clone()}, 0, "member 3: it is member 1 again"},
		{[]*classifier.Classifier{a[0], combined(t, a, 0)}, 0, "member 2: it is an ensemble itself"},
		{[]*classifier.Classifier{a[0], other(func(c *classifier.Classifier) { c.Facts.Sigma = 0.25 })}, 0,
			"member 2: it was trained at sigma 0.25, and an earlier member at sigma 0.5"},
		{[]*classifier.Classifier{a[0], other(func(c *classifier.Classifier) { c.Facts.Sigma, c.Facts.Noise = 0, "laplace scale 0.5" })}, 0,
			"it was trained at laplace scale 0.5"},
		{[]*classifier.Classifier{named, a[0], other(func(c *classifier.Classifier) {
			c.Params[0][0]++
			c.Facts.Classes = strings.Split("abcdefghji", "")
		})}, 0, `member 3: its class 8 is "j", and "i" in an earlier member`},
		{[]*classifier.Classifier{a[0], other(func(c *classifier.Classifier) { c.Params[0][0] = float32(math.NaN()) })}, 0, "member 2: unusable weights"},
	} {
		_, err := classifier.NewEnsemble(test.members, test.consensus)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v, want …%s", err, test.want)
		}
	}
	e := combined(t, []*classifier.Classifier{a[0], named}, 0)
	if e.Facts.Classes == nil {
		t.Error("the class names of the second member are lost")
	}
	err = e.FitsTraining(e.Arch.Input, e.Facts.Classes)
	if err == nil || !strings.Contains(err.Error(), "train its members") {
		t.Errorf("training an ensemble: %v", err)
	}
}
