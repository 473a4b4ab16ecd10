package smoothmix

import (
	"cmp"

	. "github.com/gomlx/gomlx/core/graph"
)

// PGD are the settings of the attack that SmoothAdv and SmoothAdvConsistency train on.
type PGD struct {
	Steps  int     `json:"steps" help:"T, steps of the attack, each of length 2·eps/T"`
	Eps    float64 `json:"eps" help:"largest L2 norm of the perturbation, in pixel units; the authors divide theirs by 256"`
	Warmup float64 `json:"warmup" help:"epochs over which eps, and with it the step, grows to its full size; 0 for none" unit:"epochs"`
}

// authorsPGD are the authors' settings for MNIST (docs/algorithms.md §10).
func authorsPGD() PGD { return PGD{Steps: 10, Eps: 255. / 256, Warmup: 10} }

func (p *PGD) check(method string) error {
	return cmp.Or(checkRange(method, "steps", float64(p.Steps), 1, false), checkRange(method, "eps", p.Eps, 0, true),
		checkRange(method, "warmup", p.Warmup, 0, false))
}

// Ramp is the warm-up of eps.
func (p *PGD) Ramp(epoch int) float64 { return warmup(epoch, p.Warmup) }

// reach is the attack's radius and the length of its steps.
func (*PGD) reach(st *Step) (eps, length *Node) {
	eps = st.Warm("eps")
	return eps, MulScalar(eps, 2/float64(st.Int("steps")))
}

// SmoothAdv is adversarial training of the smoothed classifier by PGD (Salman et al. 2019; code/train_salman.py with
// code/third_party/smoothadv.py:61-183): cross-entropy of noisy adversarial images under the noises of the attack.
type SmoothAdv struct {
	Sigma float64 `json:"sigma" help:"standard deviation of the noise, in [0,1] pixel units"`
	M     int     `json:"m" help:"noises an image; each batch is cut into m steps"`
	PGD
}

// NewSmoothAdv has the authors' settings for MNIST (docs/algorithms.md §10).
func NewSmoothAdv() *SmoothAdv { return &SmoothAdv{Sigma: 0.5, M: 4, PGD: authorsPGD()} }

func (*SmoothAdv) Name() string { return "smoothadv" }

func (s *SmoothAdv) Noises() int { return s.M }

func (s *SmoothAdv) Check() error {
	return cmp.Or(checkRange("smoothadv", "sigma", s.Sigma, 0, true), checkRange("smoothadv", "m", float64(s.M), 1, false),
		s.check("smoothadv"))
}

// Loss is code/train_salman.py:128-183; the clean image is not trained on.
func (*SmoothAdv) Loss(st *Step) Terms {
	return Terms{{"cross-entropy", 1, CrossEntropy(st.Logits(st.Search(st.X)), st.Y)}}
}

// Advance is a step of code/third_party/smoothadv.py:119-183: ascent on the smoothed loss by 2·eps/T along the normalised
// gradient, first the box, then the ball. Where the authors put a random image in place of a gradient that is exactly
// zero, the point stays: the probability has saturated there, and their random move, which is not normalised, leads
// nowhere in particular.
func (s *SmoothAdv) Advance(st *Step, z *Node) *Node {
	eps, length := s.reach(st)
	return Project(Box(Add(z, Mul(length, unit(st.attackGradient(z))))), st.X, eps)
}

// attackGradient is the gradient to z of the loss that is attacked.
func (st *Step) attackGradient(z *Node) *Node {
	return Gradient(st.attackLoss(st.attackLogits(z)), z)[0]
}

// attackLoss is the loss that is attacked, summed over the images: with a single noise the cross-entropy itself, which has no
// floor. Logits [m·B, K] → scalar.
func (st *Step) attackLoss(logits *Node) *Node {
	if st.m() > 1 {
		return ReduceAllSum(SmoothedLoss(st.Smoothed(logits), st.Y))
	}
	return MulScalar(CrossEntropy(logits, st.Y), st.Y.Shape().Size())
}
