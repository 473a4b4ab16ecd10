package train

import (
	"math"
	"strings"
	"testing"

	"smoothlab/internal/steptest"
	"smoothlab/method"
	"smoothlab/smoothmix"

	. "github.com/gomlx/gomlx/core/graph"
)

// eachMethod runs a contract test over the list of methods.
func eachMethod(t *testing.T, f func(t *testing.T, m method.Method)) {
	for _, e := range Methods() {
		t.Run(e.Name, func(t *testing.T) { f(t, steptest.Quick(t, e.New())) })
	}
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
