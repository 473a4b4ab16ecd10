package baseline

import (
	"cmp"

	"smoothlab/method"
	"smoothlab/smoothmix"

	. "github.com/gomlx/gomlx/core/graph"
)

// SmoothAdvConsistency is Consistency on adversarial images (code/train_consistency.py with --adv-training). Its PGD is
// another one than SmoothAdv's: first the ball, then the box, and 1e-8 beside the gradient's norm.
type SmoothAdvConsistency struct {
	Consistency
	PGD
}

// NewSmoothAdvConsistency has the settings that the authors' MNIST logs name at sigma 0.5.
func NewSmoothAdvConsistency() *SmoothAdvConsistency {
	return &SmoothAdvConsistency{Consistency{Sigma: 0.5, M: 4, Lbd: 1, Eta: 0.5}, AuthorsPGD()}
}

// Name is the name in the list of methods.
func (*SmoothAdvConsistency) Name() string { return "smoothadv+consistency" }

// Traits are the attack's step and the warm-up of eps.
func (s *SmoothAdvConsistency) Traits() method.Traits {
	return method.Traits{Noises: s.M, Splits: s.M, Ramp: s.ramp, Advance: s.advance}
}

// Check says in a sentence what is wrong with the settings, or returns nil.
func (s *SmoothAdvConsistency) Check() error {
	return cmp.Or(s.Consistency.check(s.Name()), s.PGD.check(s.Name()))
}

// Loss is code/train_consistency.py:122-176 with the attack of lines 201-277.
func (*SmoothAdvConsistency) Loss(st *method.Step) method.Terms {
	return consistencyAt(st, st.Search(st.X))
}

// advance is a step of code/train_consistency.py:201-277.
func (s *SmoothAdvConsistency) advance(st *method.Step, z *Node) *Node {
	eps, length := s.reach(st)
	return method.Box(method.Project(smoothmix.Ascend(z, attackGradient(st, z), length), st.X, eps))
}
