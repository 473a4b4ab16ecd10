package steptest

import (
	"context"
	"testing"

	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/engine"
	"smoothlab/internal/stepgraph"
	"smoothlab/internal/testengine"
	"smoothlab/method"
	"smoothlab/noise"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// Lab runs a graph function of a step on real digits, random weights and drawn noise.
type Lab struct {
	t    *testing.T
	Arch *classifier.Architecture
	Args []any // parameters, then the images of a step (stepgraph.Images)
	B    int
}

// NewLab begins with 12 digits, LeNet with random weights, and noise of a standard deviation.
func NewLab(t *testing.T, m method.Method, sigma float64) *Lab {
	t.Helper()
	digits, err := dataset.Open(t.Context(), "mnist-mini", "train", dataset.Options{})
	if err != nil {
		t.Fatal(err)
	}
	a, err := classifier.Lookup("lenet")
	if err != nil {
		t.Fatal(err)
	}
	weights := classifier.New(a, 1).Params
	l := &Lab{t: t, Arch: a, B: 12}
	for i, p := range l.Arch.Params {
		l.Args = append(l.Args, tensors.FromFlatDataAndDimensions(weights[i], p.Dims...))
	}
	positions := make([]int, l.B)
	for i := range positions {
		positions[i] = i
	}
	d := make([]float32, m.Traits().Noises*l.B*784)
	s := noise.NewStream(3, noise.Test, 0)
	for i := range d { // a sum of 12 uniform numbers is near enough to normal here
		var z float64
		for range 12 {
			z += s.Uniform()
		}
		d[i] = float32(sigma * (z - 6))
	}
	for _, x := range stepgraph.Batch(m, Fit(t, m, digits), a.Input, positions, digits.Image) {
		l.Args = append(l.Args, x)
	}
	l.Args = append(l.Args, tensors.FromFlatDataAndDimensions(d, m.Traits().Noises, l.B, 28, 28, 1))
	return l
}

// Run compiles and calls a graph function of a step whose method has its settings, warm-up 1 and draws of 0.5.
func (l *Lab) Run(m method.Method, build func(st *method.Step, params []*Node) []*Node) [][]float32 {
	l.t.Helper()
	n := len(l.Arch.Params)
	p, err := testengine.Open(l.t).Program(Unique(l.t.Name()), func(_ *engine.Program, in []*Node) []*Node {
		images, _ := stepgraph.CutImages(m, in[n:])
		x := stepgraph.ToUnit(images.Pixels)
		scalars := map[string]*Node{"warm": ConstAsDType(x.Graph(), dtypes.Float32, 1)}
		for _, f := range method.Fields(m) {
			if !f.Switch || f.Value != 0 {
				scalars[f.Name] = ConstAsDType(x.Graph(), dtypes.Float32, f.Value)
			}
		}
		half := func(string) *Node { return MulScalar(OnesLike(ConvertDType(images.Labels, dtypes.Float32)), 0.5) }
		st := method.NewStep(m, method.Inputs{Arch: l.Arch, Params: in[:n], X: x, Y: images.Labels,
			Target: images.Targets, Noise: images.Noise, Scalars: scalars, Uniform: half})
		return build(st, in[:n])
	})
	if err != nil {
		l.t.Fatal(err)
	}
	out, err := p.Call(context.Background(), l.Args...)
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
