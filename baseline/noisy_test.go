package baseline

import (
	"strings"
	"testing"

	"smoothlab/internal/steptest"
	"smoothlab/method"

	. "github.com/gomlx/gomlx/core/graph"
)

// On the same noisy images the loss equals that of Gaussian training, which is compared with the authors' code.
func TestNoisyLossIsGaussians(t *testing.T) {
	losses := func(m method.Method) []float32 {
		return steptest.NewLab(t, m, 0.5).Run(m, func(st *method.Step, params []*Node) []*Node {
			loss, _, _ := st.LossAndGradients(params)
			return []*Node{loss}
		})[0]
	}
	want := losses(NewGaussian())
	for _, name := range []string{"laplace", "uniform"} {
		if got := losses(NewNoisy(name)); got[0] != want[0] {
			t.Errorf("%s: loss %g, want %g", name, got, want)
		}
	}
}

func TestNoisyChecks(t *testing.T) {
	for want, m := range map[string]*Noisy{
		"laplace: scale must be greater than 0": {name: "laplace"},
		"is not a noise":                        NewNoisy("cauchy"),
		"needs the parameter sigma":             NewNoisy("gaussian"),
	} {
		if err := m.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", m, err, want)
		}
	}
}
