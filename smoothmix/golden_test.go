package smoothmix

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"smoothlab/classifier"
	"smoothlab/engine"
	"smoothlab/internal/testengine"
	"smoothlab/internal/testreference"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/core/tensors/numpy"
)

// Tolerances of the golden tests. Both sides compute in float32 and add up to 12,800 products in different orders, so
// values differ by a few 1e-7 of the magnitudes summed. A search step divides by the gradient's norm, and so multiplies
// the gradient's error, most for images that are classified with confidence; what comes after the search inherits that.
// On the authors' files the differences stay 10 to 100 times below these bounds.
const (
	tolForward  = 2e-5 // logits, probabilities, losses before the search: relative to max(1, |value|)
	tolPath     = 5e-4 // points of the search: absolute, in pixel units; a step moves a pixel by some 1e-2
	tolMixed    = 1e-4 // losses after the search: relative to max(1, |value|)
	tolGradient = 5e-4 // gradients and updates: ‖ours − theirs‖/‖theirs‖ (norms: relative)
	// The same for ResNet-20. Of the 5 million rectifiers of its step some get inputs within rounding of 0, and each lets its
	// gradient through or not. Only layers before such a one differ (5e-5 and more, 5e-6 behind it); with all thresholds
	// moved by 3e-7 it is others, and by up to 2e-3.
	tolRectified = 4e-3
)

// golden is one file of the authors' tensors with the weights that belong to it.
type golden struct {
	*testing.T
	arch   *classifier.Architecture
	arrays map[string]*tensors.Tensor
	params []any
	meta   map[string]any

	tolGradient float64
}

// withGolden runs f on a case of the golden tensors. A directory that a variable names may hold fewer cases.
func withGolden(t *testing.T, name string, f func(g *golden)) {
	t.Helper()
	dir, named := testreference.Golden(t)
	if _, err := os.Stat(filepath.Join(dir, "lenet_weights.npz")); err != nil {
		t.Fatalf("%s is not a directory of golden tensors: %v", dir, err)
	}
	arch := "lenet"
	if strings.HasPrefix(name, "resnet20") {
		arch = "resnet20"
	}
	for _, file := range []string{name, arch + "_weights"} {
		if _, err := os.Stat(filepath.Join(dir, file+".npz")); named && err != nil {
			t.Skipf("%s has no %s.npz", dir, file)
		}
	}
	f(openGolden(t, arch, filepath.Join(dir, arch+"_weights.npz"), filepath.Join(dir, name+".npz")))
}

func openGolden(t *testing.T, network, weights, file string) *golden {
	arch, err := classifier.Lookup(network)
	if err != nil {
		t.Fatal(err)
	}
	g := &golden{T: t, arch: arch, arrays: readNpz(t, file), tolGradient: tolGradient}
	if arch.Name == "resnet20" {
		g.tolGradient = tolRectified
	}
	arrays := readNpz(t, weights)
	for _, p := range arch.Params {
		value, ok := arrays[p.Name]
		if !ok {
			t.Fatalf("%s has no %s", weights, p.Name)
		}
		if p.Role == classifier.Counter {
			value = tensors.FromScalar(float32(tensors.MustCopyFlatData[int64](value)[0]))
		}
		delete(arrays, p.Name)
		g.params = append(g.params, value)
	}
	if len(arrays) > 0 {
		t.Fatalf("%s has %d arrays that %s has not", weights, len(arrays), network)
	}
	if err := json.Unmarshal(tensors.MustCopyFlatData[uint8](g.array("meta")), &g.meta); err != nil {
		t.Fatalf("meta: %v", err)
	}
	return g
}

func readNpz(t *testing.T, path string) map[string]*tensors.Tensor {
	t.Helper()
	m, err := numpy.FromNpzFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (g *golden) array(name string) *tensors.Tensor {
	g.Helper()
	a, ok := g.arrays[name]
	if !ok {
		g.Fatalf("the file has no array %q", name)
	}
	return a
}

// values are an array's numbers in the authors' layout.
func (g *golden) values(name string) []float32 {
	return tensors.MustCopyFlatData[float32](g.array(name))
}

// number is a setting of meta; null counts as 0.
func (g *golden) number(name string) float64 {
	g.Helper()
	v, ok := g.meta[name]
	if !ok {
		g.Fatalf("meta has no %q", name)
	}
	f, _ := v.(float64)
	return f
}

// images is an array of images with any leading axes, NCHW, as a node in our layout, NHWC.
func images(x *Node) *Node { return rotate(x, 1, 2, 0) }

// back is the inverse of images.
func back(x *Node) *Node { return rotate(x, 2, 0, 1) }

// rotate permutes the last three axes.
func rotate(x *Node, last ...int) *Node {
	lead := x.Rank() - 3
	perm := make([]int, lead, x.Rank())
	for i := range perm {
		perm[i] = i
	}
	for _, i := range last {
		perm = append(perm, lead+i)
	}
	return TransposeAllDims(x, perm...)
}

// run executes build on the weights and the named arrays, in their order.
func (g *golden) run(build func(params, in []*Node) []*Node, names ...string) [][]float32 {
	g.Helper()
	return g.runNamed("", build, names...)
}

// runNamed is run for tests that compile several programs.
func (g *golden) runNamed(name string, build func(params, in []*Node) []*Node, names ...string) [][]float32 {
	g.Helper()
	args := append([]any{}, g.params...)
	for _, n := range names {
		args = append(args, g.array(n))
	}
	n := len(g.params)
	p, err := testengine.Open(g).Program(unique(g.Name()+name), func(_ *engine.Program, in []*Node) []*Node { return build(in[:n], in[n:]) })
	if err != nil {
		g.Fatal(err)
	}
	out, err := p.Call(context.Background(), args...)
	if err != nil {
		g.Fatal(err)
	}
	var values [][]float32
	for _, o := range out {
		values = append(values, tensors.MustCopyFlatData[float32](o))
		o.MustFinalizeAll()
	}
	return values
}

// near compares element by element, relative to the larger of 1 and the value wanted.
func (g *golden) near(what string, got, want []float32, tol float64) {
	g.Helper()
	if len(got) != len(want) {
		g.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	worst, at := 0., 0
	for i := range got {
		d := math.Abs(float64(got[i])-float64(want[i])) / math.Max(1, math.Abs(float64(want[i])))
		if !(d <= worst) {
			worst, at = d, i
		}
	}
	if !(worst <= tol) {
		g.Errorf("%s[%d] = %g, want %g ± %g", what, at, got[at], want[at], tol)
	}
	g.Logf("%s: largest difference %.2g", what, worst)
}

// gradients compares each parameter's gradient by its norm and by its first values.
func (g *golden) gradients(got [][]float32) {
	g.Helper()
	for k, i := range g.arch.Trained() {
		p := g.arch.Params[i]
		g.relative("gradient of "+p.Name, got[k], g.values("grad_head."+p.Name))
		want := float64(g.values("grad_norm." + p.Name)[0])
		if n := norm(got[k]); !(math.Abs(n-want) <= g.tolGradient*want) {
			g.Errorf("norm of the gradient of %s = %g, want %g", p.Name, n, want)
		}
	}
}

// relative compares the first len(want) values by the norm of their difference.
func (g *golden) relative(what string, got, want []float32) {
	g.Helper()
	r := norm(minus(got, want)) / norm(want)
	if !(r <= g.tolGradient) {
		g.Errorf("%s: relative difference %g, want at most %g", what, r, g.tolGradient)
	}
	g.Logf("%s: relative difference %.2g", what, r)
}

// minus is a − b as far as the shorter goes.
func minus(a, b []float32) []float32 {
	d := make([]float32, min(len(a), len(b)))
	for i := range d {
		d[i] = a[i] - b[i]
	}
	return d
}

func norm(v []float32) float64 {
	var s float64
	for _, x := range v {
		s += float64(x) * float64(x)
	}
	return math.Sqrt(s)
}

// integer is a whole number of the file.
func (g *golden) integer(name string) int64 { return tensors.MustCopyFlatData[int64](g.array(name))[0] }

var programs atomic.Int64

// unique names a program that a test compiles for itself, also when the test runs twice in a process.
func unique(name string) string { return fmt.Sprintf("%s #%d", name, programs.Add(1)) }
