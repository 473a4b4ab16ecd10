package baseline

import (
	"cmp"

	"smoothlab/method"
	"smoothlab/smoothmix"

	. "github.com/gomlx/gomlx/core/graph"
)

// PGD holds the settings of the attack that SmoothAdv and SmoothAdvConsistency train on.
type PGD struct {
	Steps  int     `json:"steps" help:"T, steps of the attack, each of length 2·eps/T"`
	Eps    float64 `json:"eps" help:"largest L2 norm of the perturbation, in pixel units; the authors divide theirs by 256"`
	Warmup float64 `json:"warmup" help:"epochs over which eps, and with it the step, grows to its full size; 0 means no warm-up" unit:"epochs"`
}

// AuthorsPGD returns the authors' settings for MNIST (docs/algorithms.md §10).
func AuthorsPGD() PGD { return PGD{Steps: 10, Eps: 255. / 256, Warmup: 10} }

func (p *PGD) check(name string) error {
	return cmp.Or(method.AtLeast(name, "steps", float64(p.Steps), 1), method.Above(name, "eps", p.Eps, 0),
		method.AtLeast(name, "warmup", p.Warmup, 0))
}

// ramp returns the warm-up factor of eps.
func (p *PGD) ramp(epoch int) float64 { return method.Warmup(epoch, p.Warmup) }

// reach returns the attack's radius and the length of its steps.
func (*PGD) reach(st *method.Step) (eps, length *Node) {
	eps = st.Warm("eps")
	return eps, MulScalar(eps, 2/float64(st.Int("steps")))
}

// SmoothAdv is adversarial training of the smoothed classifier by PGD (Salman et al. 2019; code/train_salman.py with
// code/third_party/smoothadv.py:61-183): cross-entropy of noisy adversarial images under the noise samples of the
// attack.
type SmoothAdv struct {
	Sigma float64 `json:"sigma" help:"standard deviation of the noise, in [0,1] pixel units"`
	M     int     `json:"m" help:"noise samples per image; each batch is split into m optimizer steps"`
	PGD
}

// NewSmoothAdv returns the authors' settings for MNIST (docs/algorithms.md §10).
func NewSmoothAdv() *SmoothAdv { return &SmoothAdv{Sigma: 0.5, M: 4, PGD: AuthorsPGD()} }

// Name returns the name in the list of methods.
func (*SmoothAdv) Name() string { return "smoothadv" }

// Traits gives the attack's step and the warm-up of eps.
func (s *SmoothAdv) Traits() method.Traits {
	return method.Traits{Noises: s.M, Splits: s.M, Ramp: s.ramp, Advance: s.advance}
}

// Check returns an error that describes invalid settings, or nil.
func (s *SmoothAdv) Check() error {
	return cmp.Or(method.Above("smoothadv", "sigma", s.Sigma, 0), method.AtLeast("smoothadv", "m", float64(s.M), 1),
		s.check("smoothadv"))
}

// Loss builds code/train_salman.py:128-183; the clean image is not trained on.
func (*SmoothAdv) Loss(st *method.Step) method.Terms {
	return method.Terms{
		{Name: "cross-entropy", Weight: 1, Value: method.CrossEntropy(st.Logits(st.Search(st.X)), st.Y)},
	}
}

// advance takes a step of code/third_party/smoothadv.py:119-183: ascent on the smoothed loss by 2·eps/T along the
// normalised gradient, then the box, then the ball. If a gradient is exactly zero the point stays. The authors add a
// random image instead, which has no fixed length and no meaningful direction, because the probability has saturated
// there.
func (s *SmoothAdv) advance(st *method.Step, z *Node) *Node {
	eps, length := s.reach(st)
	return method.Project(method.Box(Add(z, Mul(length, method.Normalize(attackGradient(st, z))))), st.X, eps)
}

// attackGradient returns the gradient of the attacked loss with respect to z.
func attackGradient(st *method.Step, z *Node) *Node {
	return Gradient(attackLoss(st, st.AttackLogits(z)), z)[0]
}

// attackLoss returns the attacked loss, summed over the images. With a single noise sample it is the plain
// cross-entropy, which has no floor. Logits [m·B, K] → scalar.
func attackLoss(st *method.Step, logits *Node) *Node {
	if st.M() > 1 {
		return ReduceAllSum(smoothmix.SmoothedLoss(st.Smoothed(logits), st.Y))
	}
	return MulScalar(method.CrossEntropy(logits, st.Y), st.Y.Shape().Size())
}
