package train

import (
	"math"
	"strings"
	"testing"

	"smoothlab/engine"
	"smoothlab/internal/stepgraph"
	"smoothlab/internal/steptest"
	"smoothlab/internal/testengine"
	"smoothlab/method"
	"smoothlab/noise"
	"smoothlab/noise/draw"
	"smoothlab/smoothing"
	"smoothlab/smoothmix"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// eachMethod runs a contract test over the list of methods.
func eachMethod(t *testing.T, f func(t *testing.T, m method.Method)) {
	for _, e := range Methods() {
		t.Run(e.Name, func(t *testing.T) { f(t, steptest.Quick(t, e.New())) })
	}
}

// Every method has a name, help, a source, valid defaults, and help for its settings, and can be saved and read back.
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
			if _, err := method.With(
				m,
				f.Name,
				-10,
			); err == nil ||
				!strings.HasPrefix(err.Error(), e.Name+": "+f.Name+" must be") {
				t.Errorf("%s with %s = −10: %v", e.Name, f.Name, err)
			}
			if _, err := method.With(m, f.Name, math.NaN()); err == nil {
				t.Errorf("%s with %s = NaN is accepted", e.Name, f.Name)
			}
		}
		if _, other := m.(method.Noised); !other && !seen["sigma"] {
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

// Every noise has a method of its name that trains with it, at the scale of the first setting.
func TestEveryNoiseIsTrainedWith(t *testing.T) {
	for _, name := range smoothing.Names() {
		m, err := NewMethod(name)
		if err != nil {
			t.Error(err)
			continue
		}
		m, err = method.With(m, method.Fields(m)[0].Name, 0.75)
		if err != nil {
			t.Error(err)
			continue
		}
		if s := method.Noise(m); s == nil || s.Name() != name || smoothing.Scale(s) != 0.75 {
			t.Errorf("%s trains with %+v", name, s)
		}
	}
}

// The noise of an update is computed from the same words on the host, scaled, in training as in votes. A float32
// logarithm is good to some 2e-7, relatively, and values are up to 21.5.
func TestTrainingDrawsTheNoise(t *testing.T) {
	const scale, update, m, b, values, seed = 0.75, 3, 2, 3, 28 * 28, 9
	e := testengine.Open(t)
	for _, c := range []struct {
		smoothing.Smoothing
		host func(word uint32) float64
	}{{smoothing.Laplace{Scale: scale}, noise.Laplace}, {smoothing.Uniform{Scale: scale}, noise.Uniform}} {
		p, err := stepgraph.NoiseProgram(e, c.Smoothing, m)
		if err != nil {
			t.Fatal(err)
		}
		pixels := tensors.FromFlatDataAndDimensions(make([]uint8, b*values), b, 28, 28, 1)
		out, err := p.Call(t.Context(), draw.Key(seed), uint32(update), float32(scale), pixels)
		if err != nil {
			t.Fatal(err)
		}
		got, err := engine.Read[float32](e, out[0])
		if err != nil {
			t.Fatal(err)
		}
		for row := range m * b {
			for k := range values {
				at := [4]uint32{uint32(k % (values / 4)), uint32(row), update, uint32(noise.Train)}
				want := scale * c.host(noise.Philox(at, noise.Key(seed))[k/(values/4)])
				if d := math.Abs(float64(got[row*values+k]) - want); !(d < 1e-5) {
					t.Fatalf("%s: row %d value %d is %g, want %g", c.Name(), row, k, got[row*values+k], want)
				}
			}
		}
		if err := engine.Free(append(out, pixels)...); err != nil {
			t.Error(err)
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

// Every method has a finite loss whose terms add up, and a finite gradient that is not zero for every parameter.
func TestMethodsHaveFiniteGradients(t *testing.T) {
	eachMethod(t, func(t *testing.T, m method.Method) {
		for _, sigma := range []float64{1e-6, 0.5} {
			out := steptest.NewLab(t, m, sigma).Run(m, func(st *method.Step, params []*Node) []*Node {
				loss, _, grads := st.LossAndGradients(params)
				return append([]*Node{loss}, grads...)
			})
			for i, v := range out {
				if n := steptest.Norm(v); math.IsNaN(n) || math.IsInf(n, 0) || n == 0 {
					t.Errorf("sigma %g: output %d has norm %g", sigma, i, n)
				}
			}
		}
	})
}
