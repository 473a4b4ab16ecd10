package smoothmix

import (
	"cmp"

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
	return &SmoothAdvConsistency{Consistency{Sigma: 0.5, M: 4, Lbd: 1, Eta: 0.5}, authorsPGD()}
}

func (*SmoothAdvConsistency) Name() string { return "smoothadv+consistency" }

func (s *SmoothAdvConsistency) Check() error {
	return cmp.Or(s.Consistency.check(s.Name()), s.PGD.check(s.Name()))
}

// Loss is code/train_consistency.py:122-176 with the attack of lines 201-277.
func (*SmoothAdvConsistency) Loss(st *Step) Terms { return consistencyAt(st, st.Search(st.X)) }

// Advance is a step of code/train_consistency.py:201-277.
func (s *SmoothAdvConsistency) Advance(st *Step, z *Node) *Node {
	eps, length := s.reach(st)
	return Box(Project(Ascend(z, st.attackGradient(z), length), st.X, eps))
}
