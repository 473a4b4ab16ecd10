package smoothmix

import (
	"cmp"

	. "github.com/gomlx/gomlx/core/graph"
)

// Consistency is consistency regularization (Jeong and Shin 2020; code/train_consistency.py): the predictions under m
// noises are drawn to their mean, and the mean to confidence. Gradients flow through the mean also where it is the target.
type Consistency struct {
	Sigma float64 `json:"sigma" help:"standard deviation of the noise, in [0,1] pixel units"`
	M     int     `json:"m" help:"noises an image; each batch is cut into m steps"`
	Lbd   float64 `json:"lbd" help:"weight of the divergence from the mean prediction"`
	Eta   float64 `json:"eta" help:"weight of the mean prediction's entropy"`
}

// NewConsistency has the authors' settings for MNIST at sigma 0.5.
func NewConsistency() *Consistency { return &Consistency{Sigma: 0.5, M: 2, Lbd: 5, Eta: 0.5} }

func (*Consistency) Name() string { return "consistency" }

func (c *Consistency) Noises() int { return c.M }

func (c *Consistency) Check() error { return c.check("consistency") }

func (c *Consistency) check(name string) error {
	return cmp.Or(checkRange(name, "sigma", c.Sigma, 0, true), checkRange(name, "m", float64(c.M), 1, false),
		checkRange(name, "lbd", c.Lbd, 0, false), checkRange(name, "eta", c.Eta, 0, false))
}

// Loss is code/train_consistency.py:122-176 with code/third_party/consistency.py:38-70.
func (*Consistency) Loss(st *Step) Terms { return consistencyAt(st, st.X) }

// consistencyAt is the loss with x in the images' place.
func consistencyAt(st *Step, x *Node) Terms {
	logits := st.Logits(x)
	p := st.Smoothed(logits)
	entropy := Neg(ReduceAllMean(ReduceSum(Mul(p, Log(MaxScalar(p, tiny))), -1)))
	return Terms{
		{"cross-entropy", 1, CrossEntropy(logits, st.Y)},
		{"consistency", st.Scalar("lbd"), ReduceAllMean(Divergence(p, logits))},
		{"entropy", st.Scalar("eta"), entropy},
	}
}
