package classifier

import (
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors/numpy"
)

// docs/algorithms.md §3: shapes, 431,080 parameters, and PyTorch's bounds ±0.2, ±0.04472, ±0.03536, ±0.04472 of the
// four layers.
func TestLeNetParameters(t *testing.T) {
	a := lookup(t, "lenet")
	want := []struct {
		size  int
		bound float64
	}{{500, 0.2}, {20, 0.2}, {25_000, 0.04472}, {50, 0.04472}, {400_000, 0.03536}, {500, 0.03536}, {5_000, 0.04472}, {10, 0.04472}}
	total := 0
	for i, p := range a.Params {
		if p.Size() != want[i].size || math.Abs(p.Init.Bound-want[i].bound) > 5e-6 { // the page gives five digits
			t.Errorf(
				"%s: %d values in ±%g, want %d in ±%g",
				p.Name,
				p.Size(),
				p.Init.Bound,
				want[i].size,
				want[i].bound,
			)
		}
		total += p.Size()
	}
	if total != 431_080 || len(a.Params) != len(want) {
		t.Errorf("%d values in %d parameters, want 431,080 in %d", total, len(a.Params), len(want))
	}
}

// What every listed network must have, so that it can be found, initialized and saved.
func TestArchitectures(t *testing.T) {
	names := map[string]bool{}
	for _, a := range Architectures() {
		if a.Help == "" || a.Logits == nil || a.Classes < 2 || a.Input.Size() < 1 || a.MACs < a.Input.Size() {
			t.Errorf("something of %q is missing", a.Name)
		}
		for _, name := range append([]string{a.Name}, a.Also...) {
			if names[name] || name == "" {
				t.Errorf("%q is listed twice", name)
			}
			names[name] = true
			if got := lookup(t, name); got.Name != a.Name || len(got.Params) != len(a.Params) {
				t.Errorf("%s is not found under the name %s", a.Name, name)
			}
		}
		params := map[string]bool{}
		for i, v := range New(a, 1).Params {
			p := a.Params[i]
			if params[p.Name] || len(v) != p.Size() || p.Size() < 1 || p.Role == Counter && len(p.Dims) != 0 {
				t.Errorf("%s: parameter %q is there twice, or empty", a.Name, p.Name)
			}
			params[p.Name] = true
			checkInitial(t, p, v)
		}
	}
}

// checkInitial compares initial values with PyTorch's formulas: mean and variance within five standard errors for those
// that are drawn, of which uniform ones have fourth moment b⁴/5 and normal ones 3s⁴; running variances and the weights
// of a batch norm are 1, its bias, running mean and counter 0.
func checkInitial(t *testing.T, p Param, v []float32) {
	t.Helper()
	kind := p.Name[strings.LastIndex(p.Name, ".")+1:]
	ones := kind == "running_var" || kind == "weight" && len(p.Dims) == 1
	var variance, fourth float64
	switch b := p.Init.Bound; {
	case len(p.Dims) == 4 && b == 0: // a ResNet's: k·k·out_channels, cifar_resnet.py:120-121
		variance = 2 / float64(p.Dims[2]*p.Dims[3]*p.Dims[0])
		fourth = 3 * variance * variance
	case b > 0:
		variance, fourth = b*b/3, math.Pow(b, 4)/5
	default:
		for _, x := range v {
			if want := map[bool]float32{true: 1}[ones]; x != want || p.Init.SD != 0 {
				t.Fatalf("%s begins with %g, want %g", p.Name, x, want)
			}
		}
		return
	}
	var sum, squares float64
	for _, x := range v {
		sum += float64(x)
		squares += float64(x) * float64(x)
	}
	n := float64(len(v))
	if mean := sum / n; !(math.Abs(mean) <= 5*math.Sqrt(variance/n)) {
		t.Errorf("%s: mean %g, want 0 ± %g", p.Name, mean, 5*math.Sqrt(variance/n))
	}
	if got := squares / n; !(math.Abs(got-variance) <= 5*math.Sqrt((fourth-variance*variance)/n)) {
		t.Errorf("%s: variance %g, want %g", p.Name, got, variance)
	}
}

// Sizes from other sources: docs/algorithms.md §3 for LeNet and ResNet-110; torchvision's page on its ResNet-50
// (25,557,032 parameters, 4.09 billion multiply-adds).
func TestSizes(t *testing.T) {
	for _, c := range []struct {
		name           string
		params         int
		macs, rounding float64
	}{
		{"lenet", 431_080, 2.293e6, 0},
		{"resnet110", 1_730_714, 253.15e6, 5e3},
		{"resnet50", 25_557_032, 4.09e9, 5e6},
	} {
		a := lookup(t, c.name)
		if a.Trainable() != c.params || !(math.Abs(float64(a.MACs)-c.macs) <= c.rounding) {
			t.Errorf(
				"%s: %d parameters and %d multiply-adds, want %d and %g",
				c.name,
				a.Trainable(),
				a.MACs,
				c.params,
				c.macs,
			)
		}
	}
}

// ResNet-20's tensors have the names and shapes of the authors' network.
func TestResNet20Names(t *testing.T) {
	arrays, err := numpy.FromNpzFile(filepath.Join("..", "smoothmix", "testdata", "golden", "resnet20_weights.npz"))
	if err != nil {
		t.Fatal(err)
	}
	a := lookup(t, "cifar_resnet20")
	for _, p := range a.Params {
		switch w, ok := arrays[p.Name]; {
		case !ok:
			t.Errorf("the authors' network has no %s", p.Name)
		case !slices.Equal(w.Shape().Dimensions, p.Dims):
			t.Errorf("%s is %v, the authors' is %v", p.Name, p.Dims, w.Shape().Dimensions)
		case (w.DType() == dtypes.Int64) != (p.Role == Counter):
			t.Errorf("%s is %v", p.Name, w.DType())
		}
		delete(arrays, p.Name)
	}
	for name := range arrays {
		t.Errorf("%s is not among our parameters", name)
	}
}

// The largest round part of the given number of images whose logits take at most 30 GFLOP.
func TestChunk(t *testing.T) {
	for _, c := range []struct {
		macs, most, want int
	}{{2_293_000, 1000, 1000}, {41e6, 1000, 200}, {253e6, 1000, 50}, {253e6, 100, 50}, {253e6, 500, 50}, {4.1e9, 1000, 2}, {1e12, 1000, 1}, {1, 1, 1}} {
		if got := (&Architecture{MACs: c.macs}).Chunk(c.most); got != c.want {
			t.Errorf("%d multiply-adds: %d of at most %d images, want %d", c.macs, got, c.most, c.want)
		}
	}
}

func TestLookupNamesTheNearest(t *testing.T) {
	for _, name := range []string{"LeNet", "lenet5", "letnet"} {
		_, err := Lookup(name)
		checkSentence(t, err, name, `did you mean "lenet"`)
	}
	_, err := Lookup("vgg16")
	checkSentence(t, err, `"vgg16"`, "known: lenet")
}

// Mean and variance of the uniform distribution on ±b, within five standard errors: E u = 0, E u² = b²/3, Var u = b²/3,
// Var u² = b⁴/5 − b⁴/9 = 4b⁴/45.
func TestInitialWeights(t *testing.T) {
	for seed := range uint64(3) {
		c := New(lookup(t, "lenet"), seed)
		for i, p := range c.Arch.Params {
			n, b := float64(p.Size()), p.Init.Bound
			var sum, squares float64
			for _, v := range c.Params[i] {
				if !(math.Abs(float64(v)) <= b*(1+0x1p-24)) { // rounded to float32
					t.Fatalf("%s holds %g, outside ±%g", p.Name, v, b)
				}
				sum += float64(v)
				squares += float64(v) * float64(v)
			}
			if m := sum / n; math.Abs(m) > 5*b/math.Sqrt(3*n) {
				t.Errorf("seed %d %s: mean %g, want 0 ± %g", seed, p.Name, m, 5*b/math.Sqrt(3*n))
			}
			if v := squares / n; math.Abs(v-b*b/3) > 5*b*b*math.Sqrt(4/(45*n)) {
				t.Errorf("seed %d %s: variance %g, want %g", seed, p.Name, v, b*b/3)
			}
		}
	}
}

func TestSeeds(t *testing.T) {
	a := lookup(t, "lenet")
	one, again, two, high := New(a, 1), New(a, 1), New(a, 2), New(a, 1+1<<32)
	if !sameBits(one.Params, again.Params) {
		t.Error("one seed gives two sets of weights")
	}
	// Two draws x, y of variance 1/3 after scaling: the mean of n products has standard error 1/(3√n).
	uncorrelated := func(what string, i, j int, x, y []float32) {
		t.Helper()
		n := min(len(x), len(y))
		var sum float64
		for k := range n {
			sum += float64(x[k]) / a.Params[i].Init.Bound * float64(y[k]) / a.Params[j].Init.Bound
		}
		if r := sum / float64(n); math.Abs(r) > 5./3/math.Sqrt(float64(n)) {
			t.Errorf("%s: correlation %g of %d values", what, 3*r, n)
		}
	}
	for i, p := range a.Params {
		uncorrelated("seeds 1 and 2, "+p.Name, i, i, one.Params[i], two.Params[i])
		uncorrelated("seeds 1 and 1+2³², "+p.Name, i, i, one.Params[i], high.Params[i])
		for j := range i {
			uncorrelated(a.Params[j].Name+" and "+p.Name, i, j, one.Params[i], one.Params[j])
		}
	}
}

func TestFits(t *testing.T) {
	c := New(lookup(t, "lenet"), 1)
	if err := c.Fits(Shape{28, 28, 1}, numbers(10)); err != nil {
		t.Error(err)
	}
	checkSentence(
		t,
		c.Fits(Shape{32, 32, 3}, numbers(10)),
		"lenet takes images of 28×28×1, these are 32×32×3, which resnet20 or resnet110 would take",
	)
	checkSentence(t, New(lookup(t, "resnet20"), 1).Fits(Shape{28, 28, 1}, numbers(10)),
		"resnet20 takes images of 32×32×3, these are 28×28×1, which lenet or linear would take")
	checkSentence(t, c.Fits(Shape{64, 64, 3}, numbers(10)), "these are 64×64×3")
	checkSentence(t, c.Fits(Shape{28, 28, 1}, numbers(47)), "lenet has 10 outputs, the data set has 47 classes")
}

// Each changed bit of a weight changes the fingerprint. Facts do not, because they do not change a vote.
func TestFingerprint(t *testing.T) {
	c := New(lookup(t, "lenet"), 1)
	first := c.Fingerprint()
	seen := map[string]bool{first: true}
	for _, at := range [][2]int{{0, 0}, {0, 499}, {4, 399_999}, {7, 9}} {
		for _, bit := range []int{0, 13, 31} {
			d := c.Clone()
			v := &d.Params[at[0]][at[1]]
			*v = math.Float32frombits(math.Float32bits(*v) ^ 1<<bit)
			if f := d.Fingerprint(); seen[f] || len(f) != 64 {
				t.Errorf("bit %d of value %v: fingerprint %s, which another classifier has", bit, at, f)
			} else {
				seen[f] = true
			}
		}
	}
	d := c.Clone()
	d.Facts.Dataset = "mnist"
	if d.Fingerprint() != first || c.Fingerprint() != first {
		t.Error("the fingerprint depends on more than the weights")
	}
}

func TestCloneIsApart(t *testing.T) {
	c := New(lookup(t, "lenet"), 1)
	c.Facts.Classes = []string{"a", "b"}
	d := c.Clone()
	want := slices.Clone(c.Params[3])
	d.Params[3][0]++
	d.Facts.Classes[0] = "changed"
	if !slices.Equal(c.Params[3], want) || c.Facts.Classes[0] != "a" {
		t.Error("a change of the clone is seen in the original")
	}
}
