package baseline

import (
	"cmp"

	"smoothlab/method"

	. "github.com/gomlx/gomlx/core/graph"
)

// Consistency is consistency regularization (Jeong and Shin 2020; code/train_consistency.py): the predictions under m
// noises are drawn to their mean, and the mean to confidence. Gradients flow through the mean also where it is the
// target.
type Consistency struct {
	Sigma float64 `json:"sigma" help:"standard deviation of the noise, in [0,1] pixel units"`
	M     int     `json:"m" help:"noises an image; each batch is cut into m steps"`
	Lbd   float64 `json:"lbd" help:"weight of the divergence from the mean prediction"`
	Eta   float64 `json:"eta" help:"weight of the mean prediction's entropy"`
}

// NewConsistency has the authors' settings for MNIST at sigma 0.5.
func NewConsistency() *Consistency { return &Consistency{Sigma: 0.5, M: 2, Lbd: 5, Eta: 0.5} }

// Name is the name in the list of methods.
func (*Consistency) Name() string { return "consistency" }

// Traits are those of a method without search.
func (c *Consistency) Traits() method.Traits { return method.Traits{Noises: c.M, Splits: c.M} }

// Check says in a sentence what is wrong with the settings, or returns nil.
func (c *Consistency) Check() error { return c.check("consistency") }

func (c *Consistency) check(name string) error {
	return cmp.Or(method.Above(name, "sigma", c.Sigma, 0), method.AtLeast(name, "m", float64(c.M), 1),
		method.AtLeast(name, "lbd", c.Lbd, 0), method.AtLeast(name, "eta", c.Eta, 0))
}

// Loss is code/train_consistency.py:122-176 with code/third_party/consistency.py:38-70.
func (*Consistency) Loss(st *method.Step) method.Terms { return consistencyAt(st, st.X) }

// minProbability is the floor under a probability before its logarithm in the entropy.
const minProbability = 1e-20

// consistencyAt is the loss with x in the images' place.
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
