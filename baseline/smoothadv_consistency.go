package baseline

import (
	"cmp"

	"smoothlab/method"
	"smoothlab/smoothmix"

	. "github.com/gomlx/gomlx/core/graph"
)

// SmoothAdvConsistency is Consistency on adversarial images (code/train_consistency.py with --adv-training). Its PGD
// differs from SmoothAdv's: the ball comes before the box, and 1e-8 is added to the gradient's norm.
type SmoothAdvConsistency struct {
	Consistency
	PGD
}

// NewSmoothAdvConsistency returns the settings that the authors' MNIST logs name at sigma 0.5.
func NewSmoothAdvConsistency() *SmoothAdvConsistency {
	return &SmoothAdvConsistency{Consistency{Sigma: 0.5, M: 4, Lbd: 1, Eta: 0.5}, AuthorsPGD()}
}

// Name returns the name in the list of methods.
func (*SmoothAdvConsistency) Name() string { return "smoothadv+consistency" }

// Traits gives the attack's step and the warm-up of eps.
func (s *SmoothAdvConsistency) Traits() method.Traits {
	return method.Traits{Noises: s.M, Splits: s.M, Ramp: s.ramp, Advance: s.advance}
}

// Check returns an error that describes invalid settings, or nil.
func (s *SmoothAdvConsistency) Check() error {
	return cmp.Or(s.Consistency.check(s.Name()), s.PGD.check(s.Name()))
}

// Loss builds code/train_consistency.py:122-176 with the attack of lines 201-277.
func (*SmoothAdvConsistency) Loss(st *method.Step) method.Terms {
	return consistencyAt(st, st.Search(st.X))
}

// advance takes a step of code/train_consistency.py:201-277.
func (s *SmoothAdvConsistency) advance(st *method.Step, z *Node) *Node {
	eps, length := s.reach(st)
	return method.Box(method.Project(smoothmix.Ascend(z, attackGradient(st, z), length), st.X, eps))
}
