package baseline

import (
	"cmp"
	"fmt"
	"math"

	"smoothlab/method"

	. "github.com/gomlx/gomlx/core/graph"
)

// MACER maximises the certified radius (Zhai et al. 2020; code/third_party/macer.py:16-78): cross-entropy of the mean
// softmax, and a hinge on the radius of a sharpened one. All m noise samples of a batch go through in one step.
type MACER struct {
	Sigma  float64 `json:"sigma" help:"standard deviation of the noise, in [0,1] pixel units"`
	M      int     `json:"m" help:"noise samples per image, all in one step of m times the batch"`
	Lbd    float64 `json:"lbd" help:"weight of the radius"`
	Beta   float64 `json:"beta" help:"factor of the logits in the radius' softmax"`
	Margin float64 `json:"margin" help:"images with a larger radius, in units of sigma/2, are ignored (gamma in the paper)"`
	Defer  float64 `json:"defer" help:"lbd is 0 up to and including this epoch; −1 uses lbd from the start" unit:"epochs"`
}

// NewMACER returns the authors' settings for MNIST at sigma 0.5, deferred as in their logs.
func NewMACER() *MACER { return &MACER{Sigma: 0.5, M: 16, Lbd: 16, Beta: 16, Margin: 8, Defer: 30} }

// Name returns the name in the list of methods.
func (*MACER) Name() string { return "macer" }

// Traits gives all noise samples in one step. The weight of the radius is 0 while the first learning rate lasts
// (code/train_macer.py:104-106).
func (m *MACER) Traits() method.Traits {
	return method.Traits{Noises: m.M, Splits: 1, Ramp: m.ramp}
}

// Check returns an error that describes invalid settings, or nil.
func (m *MACER) Check() error {
	err := cmp.Or(method.Above("macer", "sigma", m.Sigma, 0), method.AtLeast("macer", "m", float64(m.M), 1),
		method.AtLeast("macer", "lbd", m.Lbd, 0), method.Above("macer", "beta", m.Beta, 0),
		method.Above("macer", "margin", m.Margin, 0), method.AtLeast("macer", "defer", m.Defer, -1))
	if err == nil && m.M == 1 {
		err = fmt.Errorf("macer: m must be at least 2, got 1: a single noise sample cannot estimate a radius")
	}
	return err
}

// ramp returns 0 up to and including epoch defer, then 1.
func (m *MACER) ramp(epoch int) float64 {
	if float64(epoch) <= m.Defer {
		return 0
	}
	return 1
}

// Loss builds (Lc + lbd·Lr)/B of code/third_party/macer.py.
func (m *MACER) Loss(st *method.Step) method.Terms {
	classification, robustness, _ := macerSums(st)
	b := float64(st.Y.Shape().Size())
	return method.Terms{
		{Name: "classification", Weight: 1, Value: DivScalar(classification, b)},
		{Name: "robustness", Weight: st.Warm("lbd"), Value: DivScalar(robustness, b)},
	}
}

// macerSums returns Lc, Lr and the number of images in the hinge. It leaves out an image whose sharpened probability
// saturates in float32, or that is misclassified, or beyond the margin: constants replace its probabilities before the
// quantile, so that no gradient is NaN.
func macerSums(st *method.Step) (classification, robustness, inMargin *Node) {
	logits := st.Logits(st.X)
	classification = Neg(ReduceAllSum(Log(AddScalar(method.Pick(st.Smoothed(logits), st.Y), 1e-10))))
	q := st.Smoothed(Mul(logits, st.Scalar("beta")))
	k := q.Shape().Dimensions[1]
	first := OneHot(ArgMax(q, -1), k, q.DType())
	second := OneHot(ArgMax(Sub(q, MulScalar(first, 2)), -1), k, q.DType())
	top, next := ReduceSum(Mul(q, first), -1), ReduceSum(Mul(q, second), -1)
	u, v := StopGradient(doubled(top)), StopGradient(doubled(next))
	finite := LogicalAnd(LessThan(u, OnesLike(u)), GreaterThan(v, Neg(OnesLike(v))))
	gap := func(inside *Node) *Node { // Φ⁻¹(next) − Φ⁻¹(top), constants outside
		a := Where(inside, top, MulScalar(OnesLike(top), 0.75))
		b := Where(inside, next, MulScalar(OnesLike(next), 0.25))
		return Sub(quantile(b), quantile(a))
	}
	correct := GreaterThan(method.Correct(q, st.Y), ZerosLike(top))
	margin := st.Scalar("margin")
	inside := LogicalAnd(LogicalAnd(correct, finite), LessOrEqual(Abs(StopGradient(gap(finite))), margin))
	hinge := Where(inside, Add(gap(inside), margin), ZerosLike(top))
	robustness = Mul(MulScalar(st.Scalar("sigma"), 0.5), ReduceAllSum(hinge))
	return classification, robustness, ReduceAllSum(ConvertDType(inside, top.DType()))
}

// doubled returns 2p − 1 in float32, where PyTorch's quantile saturates too.
func doubled(p *Node) *Node { return AddScalar(MulScalar(p, 2), -1) }

// quantile returns Φ⁻¹(p) for p in (0, 1): √2·erfinv(2p−1) by Giles's single-precision polynomials ("Approximating the
// erfinv function", GPU Computing Gems 2, 2011), with a relative error of 3e-7. Its gradient is exact at the returned
// value: 1/φ.
func quantile(p *Node) *Node {
	u := StopGradient(doubled(p))
	w := Neg(Log(Mul(OneMinus(u), AddScalar(u, 1))))
	central := polynomial(
		AddScalar(w, -2.5),
		2.81022636e-08,
		3.43273939e-07,
		-3.5233877e-06,
		-4.39150654e-06,
		0.00021858087,
		-0.00125372503,
		-0.00417768164,
		0.246640727,
		1.50140941,
	)
	tail := polynomial(
		AddScalar(Sqrt(w), -3),
		-0.000200214257,
		0.000100950558,
		0.00134934322,
		-0.00367342844,
		0.00573950773,
		-0.0076224613,
		0.00943887047,
		1.00167406,
		2.83297682,
	)
	z := MulScalar(Mul(Where(LessThan(w, MulScalar(OnesLike(w), 5)), central, tail), u), math.Sqrt2)
	density := MulScalar(Exp(MulScalar(Square(z), -0.5)), 1/math.Sqrt(2*math.Pi))
	return Add(z, Div(Sub(p, StopGradient(p)), density))
}

// polynomial evaluates by Horner's rule, highest coefficient first.
func polynomial(x *Node, coefficients ...float64) *Node {
	y := MulScalar(OnesLike(x), coefficients[0])
	for _, c := range coefficients[1:] {
		y = AddScalar(Mul(y, x), c)
	}
	return y
}
