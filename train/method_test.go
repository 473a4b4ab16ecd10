package train

import (
	"context"
	"math"
	"strings"
	"testing"

	"smoothlab/baseline"
	"smoothlab/classifier"
	"smoothlab/engine"
	"smoothlab/internal/stepgraph"
	"smoothlab/internal/testengine"
	"smoothlab/method"
	"smoothlab/noise"
	"smoothlab/smoothmix"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// eachMethod runs a contract test over the list of methods.
func eachMethod(t *testing.T, f func(t *testing.T, m method.Method)) {
	for _, e := range Methods() {
		t.Run(e.Name, func(t *testing.T) { f(t, quick(t, e.New())) })
	}
}

// quick is a method with fewer steps and noises, so that it compiles quickly.
func quick(t *testing.T, m method.Method) method.Method {
	t.Helper()
	for name, most := range map[string]float64{"steps": 3, "m": 2} {
		if v, ok := method.Setting(m, name); ok && v > most {
			var err error
			if m, err = method.With(m, name, most); err != nil {
				t.Fatal(err)
			}
		}
	}
	return m
}

// Every method has a name, help, a source, defaults that pass, settings that are explained, and survives a checkpoint.
func TestMethodsAreDescribed(t *testing.T) {
	for _, e := range Methods() {
		m := e.New()
		if m.Name() != e.Name || e.Help == "" || e.Source == "" {
			t.Errorf("entry %+v makes %q", e, m.Name())
		}
		if err := m.Check(); err != nil {
			t.Errorf("the defaults of %s: %v", e.Name, err)
		}
		seen := map[string]bool{}
		for _, f := range method.Fields(m) {
			if f.Name == "" || f.Help == "" || seen[f.Name] {
				t.Errorf("setting %+v of %s", f, e.Name)
			}
			seen[f.Name] = true
			if _, err := method.With(m, f.Name, -10); err == nil || !strings.HasPrefix(err.Error(), e.Name+": "+f.Name+" must be") {
				t.Errorf("%s with %s = −10: %v", e.Name, f.Name, err)
			}
			if _, err := method.With(m, f.Name, math.NaN()); err == nil {
				t.Errorf("%s with %s = NaN is accepted", e.Name, f.Name)
			}
		}
		if !seen["sigma"] {
			t.Errorf("%s has no sigma", e.Name)
		}
		data, err := method.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := method.Unmarshal(data, e.New()); err != nil || method.Describe(back) != method.Describe(m) {
			t.Errorf("%s comes back as %v, %v", method.Describe(m), back, err)
		}
	}
}

func TestUnknownNamesSuggest(t *testing.T) {
	for _, c := range []struct {
		err  func() error
		want string
	}{
		{func() error { _, err := NewMethod("smothmix"); return err }, `"smoothmix"`},
		{func() error { _, err := method.With(smoothmix.New(), "stesp", 2); return err }, `"steps"`},
		{func() error { _, err := method.With(smoothmix.New(), "steps", 2.5); return err }, "whole number"},
	} {
		if err := c.err(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("want a sentence with %s, got %v", c.want, err)
		}
	}
}

func TestSmoothMixCheck(t *testing.T) {
	m := smoothmix.New()
	m.MixStep = 4
	if err := m.Check(); err == nil || !strings.Contains(err.Error(), "mix_step must be smaller than steps (4)") {
		t.Error(err)
	}
	m.Sigma, m.MixStep = 0, 0
	if err := m.Check(); err == nil || err.Error() != "smoothmix: sigma must be greater than 0, got 0" {
		t.Error(err)
	}
}

// lab runs a graph function of a step on real digits, random weights and drawn noise.
type lab struct {
	t    *testing.T
	arch *classifier.Architecture
	args []any
	b    int
}

func newLab(t *testing.T, m method.Method, sigma float64) *lab {
	job := smallJob(t, m)
	l := &lab{t: t, arch: job.Start.Arch, b: 12}
	for i, p := range l.arch.Params {
		l.args = append(l.args, tensors.FromFlatDataAndDimensions(job.Start.Params[i], p.Dims...))
	}
	y := make([]int32, l.b)
	for i := range y {
		y[i] = int32(job.Data.Labels[i])
	}
	d := make([]float32, m.Noises()*l.b*784)
	s := noise.NewStream(3, noise.Test, 0)
	for i := range d { // a sum of 12 uniform numbers is near enough to normal here
		var z float64
		for range 12 {
			z += s.Uniform()
		}
		d[i] = float32(sigma * (z - 6))
	}
	l.args = append(l.args, tensors.FromFlatDataAndDimensions(job.Data.Pixels[:l.b*784], l.b, 28, 28, 1), y,
		tensors.FromFlatDataAndDimensions(d, m.Noises(), l.b, 28, 28, 1))
	return l
}

func (l *lab) run(m method.Method, build func(st *method.Step, params []*Node) []*Node) [][]float32 {
	l.t.Helper()
	n := len(l.arch.Params)
	p, err := testengine.Open(l.t).Program(unique(l.t.Name()), func(_ *engine.Program, in []*Node) []*Node {
		x := stepgraph.ToUnit(in[n])
		scalars := map[string]*Node{"warm": ConstAsDType(x.Graph(), dtypes.Float32, 1)}
		for _, f := range method.Fields(m) {
			if f.Name != "maxnorm" || f.Value > 0 {
				scalars[f.Name] = ConstAsDType(x.Graph(), dtypes.Float32, f.Value)
			}
		}
		half := func(string) *Node { return MulScalar(OnesLike(ConvertDType(in[n+1], dtypes.Float32)), 0.5) }
		return build(newStep(l.arch, m, in[:n], x, in[n+1], in[n+2], scalars, half), in[:n])
	})
	if err != nil {
		l.t.Fatal(err)
	}
	out, err := p.Call(context.Background(), l.args...)
	if err != nil {
		l.t.Fatal(err)
	}
	defer engine.Free(out...)
	var values [][]float32
	for _, o := range out {
		values = append(values, tensors.MustCopyFlatData[float32](o))
	}
	return values
}

// Every method has a finite loss whose terms add up, and a finite gradient that is not zero for every parameter.
func TestMethodsHaveFiniteGradients(t *testing.T) {
	eachMethod(t, func(t *testing.T, m method.Method) {
		for _, sigma := range []float64{1e-6, 0.5} {
			out := newLab(t, m, sigma).run(m, func(st *method.Step, params []*Node) []*Node {
				loss, _, grads := lossAndGradients(st, m, params)
				return append([]*Node{loss}, grads...)
			})
			for i, v := range out {
				if n := norm(v); math.IsNaN(n) || math.IsInf(n, 0) || n == 0 {
					t.Errorf("sigma %g: output %d has norm %g", sigma, i, n)
				}
			}
		}
	})
}

// As sigma goes to 0 the noisy loss becomes the clean one: Gaussian training's is the plain cross-entropy.
func TestGaussianWithoutNoiseIsCrossEntropy(t *testing.T) {
	m := &baseline.Gaussian{Sigma: 1}
	out := newLab(t, m, 0).run(m, func(st *method.Step, params []*Node) []*Node {
		loss, _, _ := lossAndGradients(st, m, params)
		return []*Node{loss, method.CrossEntropy(st.arch.Logits(st.weights, st.X, classifier.Forward), st.Y)}
	})
	if d := math.Abs(float64(out[0][0] - out[1][0])); d > 1e-6 { // the same numbers in another order
		t.Errorf("loss %g, cross-entropy %g", out[0][0], out[1][0])
	}
}

// The search moves at every step, raises the smoothed loss, and stays in the box and, with maxnorm, in the ball.
func TestSearch(t *testing.T) {
	for _, maxnorm := range []float64{0, 1.2} {
		m := &smoothmix.SmoothMix{Sigma: 0.5, M: 2, Steps: 4, Alpha: 0.8, Eta: 1, MaxNorm: maxnorm}
		out := newLab(t, m, 0.5).run(m, func(st *method.Step, _ []*Node) []*Node {
			path := st.path(st.X)
			var losses, moves, away []*Node
			for i, z := range path {
				losses = append(losses, ReduceAllMean(st.SmoothedLoss(z)))
				away = append(away, ReduceAllMax(norms(Sub(z, st.X))))
				if i > 0 {
					moves = append(moves, Neg(ReduceAllMax(Neg(norms(Sub(z, path[i-1]))))))
				}
			}
			all := Stack(path, 0)
			return []*Node{Stack(losses, 0), Stack(moves, 0), Stack(away, 0), Stack([]*Node{Neg(ReduceAllMax(Neg(all))), ReduceAllMax(all)}, 0)}
		})
		losses, moves, away, box := out[0], out[1], out[2], out[3]
		for i := 1; i < len(losses); i++ {
			if !(losses[i] > losses[i-1]) {
				t.Errorf("maxnorm %g: smoothed loss %v does not rise at step %d", maxnorm, losses, i)
			}
			if limit := 0.8 * float64(i); float64(away[i]) > limit+1e-5 {
				t.Errorf("after %d steps an image is %g away, the reach is %g", i, away[i], limit)
			}
		}
		if maxnorm > 0 && float64(away[4]) > maxnorm+1e-5 {
			t.Errorf("an image is %g away, maxnorm is %g", away[4], maxnorm)
		}
		// Without Detach's Identity the second and later steps stay where they are.
		for i, v := range moves {
			if maxnorm == 0 && v < 0.1 {
				t.Errorf("step %d moves some image by only %g", i+1, v)
			}
		}
		if box[0] < 0 || box[1] > 1 {
			t.Errorf("the path leaves [0,1]: %v", box)
		}
	}
}

// Project against its definition, inside, outside, at the centre and with radius 0.
func TestProject(t *testing.T) {
	p, err := testengine.Open(t).Program(unique(t.Name()), func(_ *engine.Program, in []*Node) []*Node {
		return []*Node{Project(in[0], in[1], in[2])}
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		radius float32
		want   [][]float32
	}{
		{5, [][]float32{{3, 4}, {1, 1}, {3, 4}}},
		{1, [][]float32{{0.6, 0.8}, {1, 1}, {1.8, 2.4}}}, // the third starts from (1.2, 1.6)
		{0, [][]float32{{0, 0}, {1, 1}, {1.2, 1.6}}},
	} {
		out, err := p.Call(t.Context(), [][]float32{{3, 4}, {1, 1}, {3, 4}}, [][]float32{{0, 0}, {1, 1}, {1.2, 1.6}}, c.radius)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range tensors.MustCopyFlatData[float32](out[0]) {
			if d := math.Abs(float64(v - c.want[i/2][i%2])); d > 1e-6 { // the 1e-7 of renorm
				t.Errorf("radius %g: value %d is %g, want %g", c.radius, i, v, c.want[i/2][i%2])
			}
		}
	}
}

// A saturated prediction gives finite losses, and no gradient below the floor.
func TestSmoothedLossSaturates(t *testing.T) {
	p, err := testengine.Open(t).Program(unique(t.Name()), func(_ *engine.Program, in []*Node) []*Node {
		l := SmoothedLoss(Smoothed(in[0], 1), in[1])
		return []*Node{l, Gradient(ReduceAllSum(l), in[0])[0]}
	})
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.Call(t.Context(), [][]float32{{0, 200}, {200, 0}, {0, 0}}, []int32{0, 0, 0})
	if err != nil {
		t.Fatal(err)
	}
	want := []float64{-math.Log(1e-20), 0, math.Ln2}
	for i, v := range tensors.MustCopyFlatData[float32](out[0]) {
		if d := math.Abs(float64(v) - want[i]); !(d < 1e-5) {
			t.Errorf("loss %d = %g, want %g", i, v, want[i])
		}
	}
	g := tensors.MustCopyFlatData[float32](out[1])
	for i, want := range []float64{0, 0, 0, 0, -0.5, 0.5} { // softmax − one-hot; nothing where p < 1e-20
		if d := math.Abs(float64(g[i]) - want); !(d < 1e-6) {
			t.Errorf("gradient %d = %g, want %g", i, g[i], want)
		}
	}
}

// Searching by hand, one compiled step called again and again, ends where the search inside the trained step ends.
func TestSearchByHand(t *testing.T) {
	m := &smoothmix.SmoothMix{Sigma: 0.5, M: 2, Steps: 3, Alpha: 0.8, Eta: 1}
	l := newLab(t, m, 0.5)
	whole := l.run(m, func(st *method.Step, _ []*Node) []*Node { return []*Node{st.Search(st.X)} })[0]
	n := len(l.arch.Params)
	p, err := testengine.Open(t).Program(unique(t.Name()), func(_ *engine.Program, in []*Node) []*Node {
		scalars := map[string]*Node{"alpha": in[n+4]}
		return []*Node{newStep(l.arch, m, in[:n], stepgraph.ToUnit(in[n]), in[n+1], in[n+2], scalars, nil).SearchStep(in[n+3])}
	})
	if err != nil {
		t.Fatal(err)
	}
	start := make([]float32, 0, l.b*784)
	for _, v := range tensors.MustCopyFlatData[uint8](l.args[n].(*tensors.Tensor)) {
		start = append(start, float32(v)/255)
	}
	z := tensors.FromFlatDataAndDimensions(start, l.b, 28, 28, 1)
	for range m.Steps {
		out, err := p.Call(t.Context(), append(append([]any{}, l.args...), z, float32(m.Alpha))...)
		if err != nil {
			t.Fatal(err)
		}
		z = out[0]
	}
	worst := 0.
	for i, v := range tensors.MustCopyFlatData[float32](z) {
		worst = max(worst, math.Abs(float64(v-whole[i])))
	}
	if !(worst <= tolPath) {
		t.Errorf("the points differ by up to %g", worst)
	}
}
