package smoothmix

import (
	"errors"

	. "github.com/gomlx/gomlx/core/graph"
)

// SmoothAdvConsistency is Consistency on adversarial images (code/train_consistency.py with --adv-training). Its PGD is
// another one than SmoothAdv's: first the ball, then the box, and 1e-8 beside the gradient's norm.
type SmoothAdvConsistency struct {
	Consistency
	Steps  int     `json:"steps" help:"T, steps of the attack, each of length 2·eps/T"`
	Eps    float64 `json:"eps" help:"largest L2 norm of the perturbation, in pixel units"`
	Warmup float64 `json:"warmup" help:"epochs over which eps, and with it the step, grows to its full size; 0 for none"`
}

// NewSmoothAdvConsistency has the settings that the authors' MNIST logs name at sigma 0.5.
func NewSmoothAdvConsistency() *SmoothAdvConsistency {
	return &SmoothAdvConsistency{Consistency{Sigma: 0.5, M: 4, Lbd: 1, Eta: 0.5}, 10, 255. / 256, 10}
}

func (*SmoothAdvConsistency) Name() string { return "smoothadv+consistency" }

func (s *SmoothAdvConsistency) Check() error {
	return errors.Join(s.check(s.Name()), checkRange(s.Name(), "steps", float64(s.Steps), 1, false),
		checkRange(s.Name(), "eps", s.Eps, 0, true), checkRange(s.Name(), "warmup", s.Warmup, 0, false))
}

// Ramp is the warm-up of eps; lbd and eta have none.
func (s *SmoothAdvConsistency) Ramp(epoch int) float64 { return warmup(epoch, s.Warmup) }

func (s *SmoothAdvConsistency) Stretched(ratio float64) Method {
	c := *s
	c.Warmup *= ratio
	return &c
}

// Loss is code/train_consistency.py:122-176 with the attack of lines 201-277.
func (*SmoothAdvConsistency) Loss(st *Step) Terms {
	eps := st.Warm("eps")
	length := MulScalar(eps, 2/float64(st.Int("steps")))
	z := Detach(st.X)
	for range st.Int("steps") {
		z = Detach(Box(Project(Ascend(z, st.attackGradient(z), length), st.X, eps)))
	}
	return consistencyAt(st, z)
}
