package smoothmix

import (
	"smoothlab/method"

	. "github.com/gomlx/gomlx/core/graph"
)

// minProbability is the floor under a probability before its logarithm (code/train.py:262). It is a normal float32.
const minProbability = 1e-20

// SmoothedLoss returns −log max(p_y, 1e-20): p [B, K], y [B] → [B]. Below the floor it is constant and has no gradient.
func SmoothedLoss(p, y *Node) *Node { return Neg(Log(MaxScalar(method.Pick(p, y), minProbability))) }

// LossAt returns the loss of the smoothed prediction at z, in evaluation mode, under the step's noise samples: [B, …] →
// [B].
func LossAt(st *method.Step, z *Node) *Node {
	return SmoothedLoss(st.Smoothed(st.AttackLogits(z)), st.Y)
}

// Ascend moves each image by alpha along its gradient's direction: z + alpha·g/(‖g‖ + 1e-8), all [B, …]; alpha is a
// scalar node in pixel units (code/train.py:265-267). The 1e-8 shortens the step of very confident images.
func Ascend(z, g, alpha *Node) *Node {
	return Add(z, Mul(alpha, Div(g, AddScalar(method.Norms(g), 1e-8))))
}

// SearchStep takes one step of the adversarial search from z: ascent on the smoothed loss by the scalar "alpha", then,
// if the method has a "maxnorm", projection around X, then the box: [B, …] → [B, …]. The result is detached.
func SearchStep(st *method.Step, z *Node) *Node {
	z = method.Detach(z)
	g := Gradient(ReduceAllSum(LossAt(st, z)), z)[0]
	z = Ascend(z, g, st.Scalar("alpha"))
	if radius := st.OptionalScalar("maxnorm"); radius != nil {
		z = method.Project(z, st.X, radius)
	}
	return method.Detach(method.Box(z))
}

// NearPoint returns the near end of the mixture: the image, or with the setting "mix_step" = k > 0 the point of the
// search from x after k steps, pulled back to within warm-up·alpha·k of the image (code/train.py:83-90, 255-271).
func NearPoint(st *method.Step, x *Node) *Node {
	k := st.Int("mix_step")
	if k == 0 {
		return st.X
	}
	point := st.NearSearch(x)
	return method.Detach(method.Box(method.Project(point, st.X, MulScalar(st.Warm("alpha"), k))))
}
