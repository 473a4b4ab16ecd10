package baseline

import (
	"cmp"
	"fmt"

	"smoothlab/method"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
)

// CATRS is confidence-aware training of randomized smoothing (Jeong, Kim, Shin, AAAI 2023; alinlab/smoothing-catrs,
// commit d4bc576, code/train_catrs.py): of the m noisy copies of an image, cross-entropy on as many of the easiest as
// the image's confidence allows; where that is all of them, the divergence of the worst copy under attacked noise from
// the image's target, a smoothed prediction made before (package softlabel).
//
// Sizes in comments: B images, m noise samples, K classes.
type CATRS struct {
	Sigma      float64 `json:"sigma" help:"standard deviation of the noise, in [0,1] pixel units"`
	M          int     `json:"m" help:"noise samples per image; each batch is split into m optimizer steps"`
	Steps      int     `json:"steps" help:"T, steps of the attack on the noise, each of length 2·eps/T"`
	Eps        float64 `json:"eps" help:"largest L2 norm of the change of a noise sample, in pixel units; the authors divide theirs by 256"`
	Lbd        float64 `json:"lbd" help:"weight of the divergence under attacked noise"`
	Confidence int     `json:"confidence" kind:"flag" help:"take the confidence from the target's probability of the label, not from the share of correct noisy copies"`
}

// maxCopies is the largest m: draws of the number of copies have sample numbers of their own, 2²⁴ apart.
const maxCopies = 255

// NewCATRS returns the authors' settings, with lbd as on MNIST at sigma 0.25 (docs/algorithms.md §15).
func NewCATRS() *CATRS { return &CATRS{Sigma: 0.5, M: 4, Steps: 4, Eps: 1, Lbd: 1} }

// Name returns the name in the list of methods.
func (*CATRS) Name() string { return "catrs" }

// Traits gives the attack's step, which moves the noise, and the need of targets.
func (c *CATRS) Traits() method.Traits {
	return method.Traits{Noises: c.M, Splits: c.M, Advance: c.advance, OnNoise: true, Targets: true}
}

// Check returns an error that describes invalid settings, or nil.
func (c *CATRS) Check() error {
	err := cmp.Or(method.Above("catrs", "sigma", c.Sigma, 0), method.AtLeast("catrs", "m", float64(c.M), 1),
		method.AtLeast("catrs", "steps", float64(c.Steps), 1), method.Above("catrs", "eps", c.Eps, 0),
		method.AtLeast("catrs", "lbd", c.Lbd, 0))
	switch {
	case err != nil:
		return err
	case c.M > maxCopies:
		return fmt.Errorf("catrs: m must be at most %d, got %d", maxCopies, c.M)
	case c.Confidence != 0 && c.Confidence != 1:
		return fmt.Errorf("catrs: confidence must be 0 or 1, for off and on, got %d", c.Confidence)
	}
	return nil
}

// Loss builds code/train_catrs.py:146-196: a pass, the attack on its noise in evaluation mode, a pass under the noise
// that the attack found.
func (c *CATRS) Loss(st *method.Step) method.Terms {
	logits := st.Logits(st.X)
	classes, losses := copyClasses(st, logits), copyLosses(st, logits)
	share := correctShare(classes, st.Y)
	confidence := share
	if c.Confidence == 1 {
		confidence = method.Pick(st.Target, st.Y)
	}
	accepted := acceptedCopies(acceptanceDraws(st), confidence)
	mask := allAccepted(accepted, st.M())
	low := lowLoss(losses, accepted)
	high := highLoss(st.Target, st.LogitsUnder(st.Search(st.Noise)))
	st.ShowSelection(method.Selection{Classes: classes, Share: share, Confidence: confidence, Losses: losses,
		Accepted: accepted, Mask: mask, Low: low, High: high})
	return method.Terms{
		{Name: "low", Weight: 1, Value: ReduceAllMean(low)},
		{Name: "high", Weight: st.Scalar("lbd"), Value: ReduceAllMean(Mul(mask, high))},
	}
}

// copyClasses returns the class of each noisy copy, the lowest on ties, without gradient: logits [m·B, K] → [m, B]
// int32.
func copyClasses(st *method.Step, logits *Node) *Node {
	return StopGradient(Reshape(ArgMax(logits, -1, dtypes.Int32), st.M(), st.Y.Shape().Size()))
}

// copyLosses returns the cross-entropy of each noisy copy with its image's label (train_catrs.py:178): logits [m·B, K]
// → [m, B].
func copyLosses(st *method.Step, logits *Node) *Node {
	m, b := st.M(), st.Y.Shape().Size()
	labels := Reshape(BroadcastToDims(InsertAxes(st.Y, 0), m, b), m*b)
	return Reshape(Neg(method.Pick(LogSoftmax(logits), labels)), m, b)
}

// correctShare returns the share of the copies that are classified as the label, in 0, 1/m, …, 1
// (train_catrs.py:164-166, 184): classes [m, B], y [B] → [B].
func correctShare(classes, y *Node) *Node {
	return ReduceMean(ConvertDType(Equal(classes, InsertAxes(y, 0)), dtypes.Float32), 0)
}

// acceptanceDraws draws the uniform numbers of [acceptedCopies]: [m, B].
func acceptanceDraws(st *method.Step) *Node {
	draws := make([]*Node, st.M())
	for j := range draws {
		draws[j] = st.Uniform(fmt.Sprintf("accept %d", j+1))
	}
	return Stack(draws, 0)
}

// acceptedCopies returns the number of copies to train on, without gradient: binomial in the confidence, as the number
// of the m uniform numbers below it, and at least 1 (train_catrs.py:185-186). draws [m, B], confidence [B] → [B].
func acceptedCopies(draws, confidence *Node) *Node {
	draws.AssertDims(-1, confidence.Shape().Dimensions[0])
	below := ConvertDType(LessThan(draws, InsertAxes(confidence, 0)), dtypes.Float32)
	return StopGradient(MaxScalar(ReduceSum(below, 0), 1))
}

// allAccepted returns 1 where all m copies are accepted, else 0 (train_catrs.py:187): [B] → [B].
func allAccepted(accepted *Node, m int) *Node {
	return ConvertDType(GreaterOrEqual(accepted, MulScalar(OnesLike(accepted), m)), dtypes.Float32)
}

// lowLoss adds up the accepted number of each image's smallest losses and divides the sum by m, not by that number
// (train_catrs.py:139, 189). A copy's rank is the number of copies with a smaller loss, or an equal one and a smaller
// number, so that nothing needs to be sorted. losses [m, B], accepted [B] → [B].
func lowLoss(losses, accepted *Node) *Node {
	m := losses.Shape().Dimensions[0]
	value := StopGradient(losses)
	mine, others := InsertAxes(value, 1), InsertAxes(value, 0) // copy i along axis 0, copy j along axis 1
	rows, columns := Iota(losses.Graph(), mine.Shape(), 0), Iota(losses.Graph(), others.Shape(), 1)
	earlier := LogicalAnd(Equal(others, mine), LessThan(columns, rows))
	rank := ReduceSum(ConvertDType(LogicalOr(LessThan(others, mine), earlier), dtypes.Float32), 1)
	chosen := ConvertDType(LessThan(rank, InsertAxes(accepted, 0)), dtypes.Float32)
	return DivScalar(ReduceSum(Mul(losses, chosen), 0), float64(m))
}

// highLoss returns the largest divergence KL(target ‖ softmax) among each image's copies, with the gradient of the
// first that has it (train_catrs.py:191-194): target [B, K], logits [m·B, K] → [B].
func highLoss(target, logits *Node) *Node {
	d := method.Divergence(target, logits)
	worst := OneHot(ArgMax(StopGradient(d), 0, dtypes.Int32), d.Shape().Dimensions[0], d.DType()) // [B, m]
	return ReduceSum(Mul(d, TransposeAllDims(worst, 1, 0)), 0)
}

// advance takes a step of the attack on each noise sample n by itself (train_catrs.py:286-321): ascent on its
// divergence from the target by 2·eps/T along the normalised gradient, then the ball around the noise, then the mean
// and the root mean square of the noise. [m, B, …] → [m, B, …].
func (c *CATRS) advance(st *method.Step, n *Node) *Node {
	if st.Passes() == 0 { // a step compiled by itself; the attack sees the running statistics after the first pass
		st.Logits(st.X)
	}
	eps := st.Scalar("eps")
	divergence := DivScalar(ReduceAllSum(method.Divergence(st.Target, st.AttackLogitsUnder(n))), float64(c.M))
	n = Add(n, Mul(MulScalar(eps, 2/float64(c.Steps)), unitLength(Gradient(divergence, n)[0])))
	return restandardized(inBall(n, st.Noise, eps), st.Noise)
}

// eachCopy reduces over the pixels of each noise sample and keeps the axes: [m, B, …] → [m, B, 1, …].
func eachCopy(x *Node, reduce func(*Node, ...int) *Node) *Node {
	axes := make([]int, x.Rank()-2)
	for i := range axes {
		axes[i] = i + 2
	}
	return ReduceAndKeep(x, reduce, axes...)
}

// copyNorms returns the L2 norm of each noise sample: [m, B, …] → [m, B, 1, …].
func copyNorms(x *Node) *Node { return Sqrt(eachCopy(Square(x), ReduceSum)) }

// unitLength divides the gradient of each noise sample by its norm and 1e-8 (train_catrs.py:304-306).
func unitLength(g *Node) *Node { return Div(g, AddScalar(copyNorms(g), 1e-8)) }

// inBall returns noise whose distance from the drawn noise is at most eps, as torch.renorm makes it
// (train_catrs.py:309-313): n, drawn [m, B, …], eps [] → [m, B, …].
func inBall(n, drawn, eps *Node) *Node {
	e := Sub(n, drawn)
	norm := copyNorms(e)
	bound := BroadcastToShape(eps, norm.Shape())
	scale := Where(GreaterThan(norm, bound), Div(bound, AddScalar(norm, 1e-7)), OnesLike(norm))
	return Add(drawn, Mul(e, scale))
}

// restandardized returns noise with the mean of the drawn noise, and nearly its root mean square, which the authors
// call its standard deviation (train_catrs.py:294, 315-319): n, drawn [m, B, …] → [m, B, …].
func restandardized(n, drawn *Node) *Node {
	rms := func(x *Node) *Node { return Sqrt(eachCopy(Square(x), ReduceMean)) }
	centred := Sub(n, eachCopy(n, ReduceMean))
	return Add(eachCopy(drawn, ReduceMean), Div(Mul(rms(drawn), centred), rms(n)))
}
