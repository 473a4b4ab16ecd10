package baseline

import (
	"cmp"
	"fmt"
	"math"

	"smoothlab/method"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
)

// SmoothAdvDDN is SmoothAdv with another attack, decoupled direction and norm (Rony et al. 2019; code/train_salman.py
// with --attack DDN, its default, and code/third_party/smoothadv.py:253-510). The attack looks for the smallest
// perturbation that changes the majority of the noisy copies. It leaves an image unchanged if it finds none.
type SmoothAdvDDN struct {
	Sigma  float64 `json:"sigma" help:"standard deviation of the noise, in [0,1] pixel units"`
	M      int     `json:"m" help:"noise samples per image; each batch is split into m optimizer steps"`
	Steps  int     `json:"steps" help:"T, steps of the attack, the first of length 1, the last of 0.01"`
	Eps    float64 `json:"eps" help:"first and largest L2 norm of the perturbation, in pixel units; the authors divide theirs by 256"`
	Gamma  float64 `json:"gamma" help:"fraction by which the norm grows while the majority is right, and shrinks once it is wrong"`
	Warmup float64 `json:"warmup" help:"epochs over which eps grows to its full size; 0 means no warm-up" unit:"epochs"`
}

// NewSmoothAdvDDN returns the defaults of the authors' flags for the attack, and their other settings for MNIST. None
// of their commands uses it.
func NewSmoothAdvDDN() *SmoothAdvDDN {
	return &SmoothAdvDDN{Sigma: 0.5, M: 4, Steps: 10, Eps: 64. / 256, Gamma: 0.05, Warmup: 1}
}

// Name returns the name in the list of methods.
func (*SmoothAdvDDN) Name() string { return "smoothadv+ddn" }

// Traits gives the warm-up of eps. WholeSearch is true, because the loss contains the whole attack.
func (s *SmoothAdvDDN) Traits() method.Traits {
	return method.Traits{Noises: s.M, Splits: s.M, WholeSearch: true,
		Ramp: func(epoch int) float64 { return method.Warmup(epoch, s.Warmup) }}
}

// Check returns an error that describes invalid settings, or nil.
func (s *SmoothAdvDDN) Check() error {
	name := s.Name()
	err := cmp.Or(method.Above(name, "sigma", s.Sigma, 0), method.AtLeast(name, "m", float64(s.M), 1),
		method.AtLeast(name, "steps", float64(s.Steps), 1), method.Above(name, "eps", s.Eps, 0),
		method.AtLeast(name, "gamma", s.Gamma, 0), method.AtLeast(name, "warmup", s.Warmup, 0))
	if err == nil && s.Gamma >= 1 {
		err = fmt.Errorf("%s: gamma must be below 1, got %g", name, s.Gamma)
	}
	return err
}

// Loss builds code/train_salman.py:128-183.
func (s *SmoothAdvDDN) Loss(st *method.Step) method.Terms {
	return method.Terms{{Name: "cross-entropy", Weight: 1, Value: method.CrossEntropy(st.Logits(s.attack(st)), st.Y)}}
}

// ddn is the state of the attack for each image.
type ddn struct {
	delta    *Node // [B, …] the perturbation
	rho      *Node // [B, 1, …] the norm to which it is scaled
	best     *Node // [B, …] the smallest that turned the majority, 0 if none did
	bestNorm *Node // [B, 1, …]
}

// attack returns the adversarial images, without gradient: [B, …].
func (s *SmoothAdvDDN) attack(st *method.Step) *Node {
	x := st.X
	eps := st.Warm("eps")
	worst := method.Norms(Max(x, OneMinus(x)))
	at := ddn{delta: ZerosLike(x), rho: Mul(OnesLike(worst), eps), best: ZerosLike(x), bestNorm: worst}
	for i := range s.Steps {
		// the cosine is stepped before its first use
		length := 0.01 + 0.99*(1+math.Cos(math.Pi*float64(i+1)/float64(s.Steps)))/2
		at = s.step(st, at, length, worst)
	}
	// The perturbation is rounded here, not the image, and it is not clipped. The image has 8 bits, so the sum has them
	// too.
	return method.Detach(Add(x, quantized(method.Project(at.best, ZerosLike(x), eps))))
}

// step takes one round of smoothadv.py's loop. Where a gradient is zero the point stays, as in SmoothAdv.
func (s *SmoothAdvDDN) step(st *method.Step, at ddn, length float64, worst *Node) ddn {
	z := method.Detach(Add(st.X, at.delta))
	logits := st.AttackLogits(z)
	turned := turned(st, logits)
	norm := method.Norms(at.delta)
	better := LogicalAnd(turned, LessThan(norm, at.bestNorm))
	at.best = Where(BroadcastToShape(better, at.delta.Shape()), at.delta, at.best)
	at.bestNorm = Where(better, norm, at.bestNorm)
	direction := method.Normalize(Gradient(attackLoss(st, logits), z)[0])
	gamma := st.Scalar("gamma")
	factor := Where(
		turned,
		BroadcastToShape(OneMinus(gamma), norm.Shape()),
		BroadcastToShape(AddScalar(gamma, 1), norm.Shape()),
	)
	at.rho = Min(Mul(at.rho, factor), worst)
	moved := Mul(method.Normalize(Add(at.delta, MulScalar(direction, length))), at.rho)
	at.delta = StopGradient(Sub(method.Box(quantized(Add(st.X, moved))), st.X))
	return at
}

// turned reports whether the class of most noisy copies, the lowest on ties, differs from the label: logits [m·B, K] →
// [B, 1, …] bool.
func turned(st *method.Step, logits *Node) *Node {
	m, b, k := st.M(), st.Y.Shape().Size(), logits.Shape().Dimensions[1]
	votes := ReduceSum(Reshape(OneHot(ArgMax(logits, -1), k, dtypes.Float32), m, b, k), 0)
	return method.PerImage(NotEqual(ArgMax(votes, -1, dtypes.Int32), st.Y), st.X)
}

// quantized rounds to multiples of 1/255, halves to even.
func quantized(x *Node) *Node { return DivScalar(Round(MulScalar(x, 255)), 255) }
