package steptest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"smoothlab/classifier"
	"smoothlab/engine"
	"smoothlab/internal/testengine"
	"smoothlab/internal/testreference"
	"smoothlab/method"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/core/tensors/numpy"
)

// Tolerances of the golden tests. Both sides compute in float32 and add up to 12,800 products in different orders, so
// Values differ by a few 1e-7 of the magnitudes summed. A search step divides by the gradient's norm, and so multiplies
// the gradient's error, most for images that are classified with confidence. All later values inherit this error. On
// the authors' files the differences stay 10 to 100 times below these bounds.
const (
	TolForward  = 2e-5 // logits, probabilities, losses before the search: relative to max(1, |value|)
	TolPath     = 5e-4 // points of the search: absolute, in pixel units; a step moves a pixel by some 1e-2
	TolMixed    = 1e-4 // losses after the search: relative to max(1, |value|)
	tolGradient = 5e-4 // gradients and updates: ‖ours − theirs‖/‖theirs‖ (norms: relative)
	// The same for ResNet-20. Some of the 5 million rectifiers of its step get inputs within rounding of 0, so their
	// gradient may pass on one side only. Only layers before such a rectifier differ (by 5e-5 and more; by 5e-6 after
	// it). With all thresholds moved by 3e-7, other rectifiers are affected, by up to 2e-3.
	tolRectified = 4e-3
)

// Golden is one file of the authors' tensors with the weights that belong to it.
type Golden struct {
	*testing.T
	Arch   *classifier.Architecture
	arrays map[string]*tensors.Tensor
	Params []any
	meta   map[string]any

	tolerance float64
}

// WithEach runs f on each case of the golden tensors whose name matches a pattern, such as catrs*. A directory without
// any is an error, unless a variable names it.
func WithEach(t *testing.T, pattern string, f func(g *Golden)) {
	t.Helper()
	dir, named := testreference.Golden(t)
	files, err := filepath.Glob(filepath.Join(dir, pattern+".npz"))
	switch {
	case err != nil:
		t.Fatal(err)
	case files == nil && named:
		t.Skipf("%s has no %s.npz", dir, pattern)
	case files == nil:
		t.Fatalf("%s has no %s.npz", dir, pattern)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".npz")
		t.Run(name, func(t *testing.T) { With(t, name, f) })
	}
}

// With runs f on a case of the golden tensors. A directory that a variable names may hold fewer cases.
func With(t *testing.T, name string, f func(g *Golden)) {
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

// WithFile runs f on a file of tensors for LeNet that is not among the authors', with the weights in another file.
func WithFile(t *testing.T, weights, file string, f func(g *Golden)) {
	t.Helper()
	f(openGolden(t, "lenet", weights, file))
}

func openGolden(t *testing.T, network, weights, file string) *Golden {
	arch, err := classifier.Lookup(network)
	if err != nil {
		t.Fatal(err)
	}
	g := &Golden{T: t, Arch: arch, arrays: ReadNpz(t, file), tolerance: tolGradient}
	if arch.Name == "resnet20" {
		g.tolerance = tolRectified
	}
	arrays := ReadNpz(t, weights)
	for _, p := range arch.Params {
		value, ok := arrays[p.Name]
		if !ok {
			t.Fatalf("%s has no %s", weights, p.Name)
		}
		if p.Role == classifier.Counter {
			value = tensors.FromScalar(float32(tensors.MustCopyFlatData[int64](value)[0]))
		}
		delete(arrays, p.Name)
		g.Params = append(g.Params, value)
	}
	if len(arrays) > 0 {
		t.Fatalf("%s has %d arrays that %s has not", weights, len(arrays), network)
	}
	if err := json.Unmarshal(tensors.MustCopyFlatData[uint8](g.Array("meta")), &g.meta); err != nil {
		t.Fatalf("meta: %v", err)
	}
	return g
}

// ReadNpz reads the arrays of a .npz file by name.
func ReadNpz(t *testing.T, path string) map[string]*tensors.Tensor {
	t.Helper()
	m, err := numpy.FromNpzFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Array returns the array of that name, and fails the test if the file has none.
func (g *Golden) Array(name string) *tensors.Tensor {
	g.Helper()
	a, ok := g.arrays[name]
	if !ok {
		g.Fatalf("the file has no array %q", name)
	}
	return a
}

// Values are an array's numbers in the authors' layout.
func (g *Golden) Values(name string) []float32 {
	return tensors.MustCopyFlatData[float32](g.Array(name))
}

// Number is a setting of meta; null and false count as 0, true as 1.
func (g *Golden) Number(name string) float64 {
	g.Helper()
	v, ok := g.meta[name]
	if !ok {
		g.Fatalf("meta has no %q", name)
	}
	if v == true {
		return 1
	}
	f, _ := v.(float64)
	return f
}

// Images is an array of images with any leading axes, NCHW, as a node in our layout, NHWC.
func Images(x *Node) *Node { return rotate(x, 1, 2, 0) }

// Back is the inverse of Images.
func Back(x *Node) *Node { return rotate(x, 2, 0, 1) }

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

// Run executes build on the weights and the named arrays, in their order.
func (g *Golden) Run(build func(params, in []*Node) []*Node, names ...string) [][]float32 {
	g.Helper()
	return g.RunNamed("", build, names...)
}

// RunNamed is Run for tests that compile several programs. The program is first called with other numbers at the same
// addresses, so that data that a plugin caches by address would make the result differ from PyTorch's.
func (g *Golden) RunNamed(name string, build func(params, in []*Node) []*Node, names ...string) [][]float32 {
	g.Helper()
	args := append([]any{}, g.Params...)
	for _, n := range names {
		args = append(args, g.Array(n))
	}
	n := len(g.Params)
	program := func(_ *engine.Program, in []*Node) []*Node { return build(in[:n], in[n:]) }
	e := testengine.Open(g)
	p, err := e.Program(Unique(g.Name()+name), program)
	if err != nil {
		g.Fatal(err)
	}
	if err := e.KeepAddresses(true); err != nil {
		g.Fatal(err)
	}
	defer func() { _ = e.KeepAddresses(false) }() // only keeping them can fail
	others, err := p.Call(context.Background(), otherNumbers(args)...)
	if err = errors.Join(err, engine.Free(others...)); err != nil {
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

// otherNumbers returns tensors of the same shapes with other floating-point numbers.
func otherNumbers(args []any) []any {
	others := slices.Clone(args)
	for i, arg := range args {
		t := arg.(*tensors.Tensor)
		if t.DType() != dtypes.Float32 {
			continue
		}
		values := tensors.MustCopyFlatData[float32](t)
		for k := range values {
			values[k] *= 1.5
		}
		others[i] = tensors.FromFlatDataAndDimensions(values, t.Shape().Dimensions...)
	}
	return others
}

// Near compares element by element, relative to the larger of 1 and the value wanted.
func (g *Golden) Near(what string, got, want []float32, tol float64) {
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

// Gradients compares each parameter's gradient by its norm and by its first values.
func (g *Golden) Gradients(got [][]float32) {
	g.Helper()
	for k, i := range g.Arch.Trained() {
		p := g.Arch.Params[i]
		g.Relative("gradient of "+p.Name, got[k], g.Values("grad_head."+p.Name))
		want := float64(g.Values("grad_norm." + p.Name)[0])
		if n := Norm(got[k]); !(math.Abs(n-want) <= g.tolerance*want) {
			g.Errorf("norm of the gradient of %s = %g, want %g", p.Name, n, want)
		}
	}
}

// Relative compares the first len(want) values by the norm of their difference.
func (g *Golden) Relative(what string, got, want []float32) {
	g.Helper()
	r := Norm(Minus(got, want)) / Norm(want)
	if !(r <= g.tolerance) {
		g.Errorf("%s: relative difference %g, want at most %g", what, r, g.tolerance)
	}
	g.Logf("%s: relative difference %.2g", what, r)
}

// Minus returns a − b, with the length of the shorter one.
func Minus(a, b []float32) []float32 {
	d := make([]float32, min(len(a), len(b)))
	for i := range d {
		d[i] = a[i] - b[i]
	}
	return d
}

// Norm returns the Euclidean norm of v.
func Norm(v []float32) float64 {
	var s float64
	for _, x := range v {
		s += float64(x) * float64(x)
	}
	return math.Sqrt(s)
}

// Integer is a whole number of the file.
func (g *Golden) Integer(name string) int64 { return tensors.MustCopyFlatData[int64](g.Array(name))[0] }

var programs atomic.Int64

// Unique names a program that a test compiles for itself, also when the test runs twice in a process.
func Unique(name string) string { return fmt.Sprintf("%s #%d", name, programs.Add(1)) }

// Step binds the file's images, noise and lambda (nil for methods that draw none) to a method.
func (g *Golden) Step(m method.Method, params []*Node, x, y, noise, lam *Node, w float64) *method.Step {
	scalars := map[string]*Node{}
	constant := func(v float64) *Node { return ConstAsDType(x.Graph(), dtypes.Float32, v) }
	for _, f := range method.Fields(m) {
		if !f.Switch || f.Value != 0 {
			scalars[f.Name] = constant(f.Value)
		}
	}
	scalars["warm"] = constant(w)
	uniform := func(string) *Node { return DivScalar(lam, 0.5) } // lambda is half of a uniform number
	return method.NewStep(
		m,
		method.Inputs{Arch: g.Arch, Params: params, X: Images(x), Y: Labels(y), Noise: Images(noise),
			Scalars: scalars, Uniform: uniform},
	)
}

// TargetStep binds the file's images, noise and targets to a method that draws the given uniform numbers [m, B], in the
// order of their first use.
func (g *Golden) TargetStep(m method.Method, params []*Node, x, y, noise, targets, uniforms *Node) *method.Step {
	scalars := map[string]*Node{"warm": ConstAsDType(x.Graph(), dtypes.Float32, 1)}
	for _, f := range method.Fields(m) {
		scalars[f.Name] = ConstAsDType(x.Graph(), dtypes.Float32, f.Value)
	}
	drawn := 0
	next := func(string) *Node {
		drawn++
		return Reshape(Slice(uniforms, AxisRange(drawn-1, drawn)), -1)
	}
	return method.NewStep(m, method.Inputs{Arch: g.Arch, Params: params, X: Images(x), Y: Labels(y),
		Noise: Images(noise), Target: targets, Scalars: scalars, Uniform: next})
}

// Labels are the authors' labels as int32.
func Labels(y *Node) *Node { return ConvertDType(y, dtypes.Int32) }
