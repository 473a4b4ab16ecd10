package baseline

import (
	"cmp"

	"smoothlab/method"

	. "github.com/gomlx/gomlx/core/graph"
)

// Consistency is consistency regularization (Jeong and Shin 2020; code/train_consistency.py): it pulls the predictions
// under m noise samples to their mean, and the mean to confidence. Gradients also flow through the mean as the target.
type Consistency struct {
	Sigma float64 `json:"sigma" help:"standard deviation of the noise, in [0,1] pixel units"`
	M     int     `json:"m" help:"noise samples per image; each batch is split into m optimizer steps"`
	Lbd   float64 `json:"lbd" help:"weight of the divergence from the mean prediction"`
	Eta   float64 `json:"eta" help:"weight of the mean prediction's entropy"`
}

// NewConsistency returns the authors' settings for MNIST at sigma 0.5.
func NewConsistency() *Consistency { return &Consistency{Sigma: 0.5, M: 2, Lbd: 5, Eta: 0.5} }

// Name returns the name in the list of methods.
func (*Consistency) Name() string { return "consistency" }

// Traits gives m noise samples and m optimizer steps per batch; there is no search.
func (c *Consistency) Traits() method.Traits { return method.Traits{Noises: c.M, Splits: c.M} }

// Check returns an error that describes invalid settings, or nil.
func (c *Consistency) Check() error { return c.check("consistency") }

func (c *Consistency) check(name string) error {
	return cmp.Or(method.Above(name, "sigma", c.Sigma, 0), method.AtLeast(name, "m", float64(c.M), 1),
		method.AtLeast(name, "lbd", c.Lbd, 0), method.AtLeast(name, "eta", c.Eta, 0))
}

// Loss builds code/train_consistency.py:122-176 with code/third_party/consistency.py:38-70.
func (*Consistency) Loss(st *method.Step) method.Terms { return consistencyAt(st, st.X) }

// minProbability is the floor under a probability before its logarithm in the entropy.
const minProbability = 1e-20

// consistencyAt builds the loss with x in place of the images.
func consistencyAt(st *method.Step, x *Node) method.Terms {
	logits := st.Logits(x)
	p := st.Smoothed(logits)
	entropy := Neg(ReduceAllMean(ReduceSum(Mul(p, Log(MaxScalar(p, minProbability))), -1)))
	return method.Terms{
		{Name: "cross-entropy", Weight: 1, Value: method.CrossEntropy(logits, st.Y)},
		{Name: "consistency", Weight: st.Scalar("lbd"), Value: ReduceAllMean(method.Divergence(p, logits))},
		{Name: "entropy", Weight: st.Scalar("eta"), Value: entropy},
	}
}
