package baseline

import (
	"math"
	"smoothlab/internal/steptest"
	"smoothlab/method"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
)

// As sigma goes to 0 the noisy loss becomes the clean one: that of Gaussian training becomes the plain cross-entropy.
func TestGaussianWithoutNoiseIsCrossEntropy(t *testing.T) {
	m := &Gaussian{Sigma: 1}
	out := steptest.NewLab(t, m, 0).Run(m, func(st *method.Step, params []*Node) []*Node {
		loss, _, _ := st.LossAndGradients(params)
		return []*Node{loss, method.CrossEntropy(st.Clean(st.X), st.Y)}
	})
	if d := math.Abs(float64(out[0][0] - out[1][0])); d > 1e-6 { // the same numbers in another order
		t.Errorf("loss %g, cross-entropy %g", out[0][0], out[1][0])
	}
}
