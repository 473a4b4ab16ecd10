package classifier

import . "github.com/gomlx/gomlx/core/graph"

// PyTorch's defaults (torch.nn.BatchNorm2d).
const (
	normEpsilon  = 1e-5
	normMomentum = 0.1
)

// batchNormParams returns the parameters of torch.nn.BatchNorm2d, in the order of its state_dict.
func batchNormParams(name string, channels int) []Param {
	return []Param{
		{Name: name + ".weight", Dims: []int{channels}, Init: Init{Value: 1}},
		{Name: name + ".bias", Dims: []int{channels}},
		{Name: name + ".running_mean", Dims: []int{channels}, Role: Statistic},
		{Name: name + ".running_var", Dims: []int{channels}, Init: Init{Value: 1}, Role: Statistic},
		{Name: name + ".num_batches_tracked", Role: Counter},
	}
}

// batchNorm is torch.nn.BatchNorm2d: x [N, H, W, C] → the same. In the Train pass it uses the batch's own mean and
// variance, with gradients through both, and moves the running statistics in w towards them, using the unbiased
// variance. In the other passes it uses the running statistics. GoMLX's own has no gradient to the input in evaluation
// mode and wrong ones in training mode (v0.28.2).
func batchNorm(w Weights, name string, x *Node, pass Pass) *Node {
	channels := x.Shape().Dimensions[3]
	wide := func(v *Node) *Node { return Reshape(v, 1, 1, 1, channels) }
	mean, variance := w[name+".running_mean"], w[name+".running_var"]
	if pass == Train {
		mean = ReduceMean(x, 0, 1, 2)
	}
	centre := StopGradient(mean)
	centred := Sub(x, wide(centre))
	if pass == Train {
		variance = ReduceMean(Square(centred), 0, 1, 2) // its derivative with respect to the mean is 0
		n := float64(x.Shape().Size() / channels)
		w[name+".running_mean"] = towards(w[name+".running_mean"], mean)
		w[name+".running_var"] = towards(w[name+".running_var"], MulScalar(variance, n/(n-1)))
		w[name+".num_batches_tracked"] = AddScalar(w[name+".num_batches_tracked"], 1)
	}
	scale := Div(w[name+".weight"], Sqrt(AddScalar(variance, normEpsilon))) // Rsqrt has no gradient in GoMLX
	// The mean's gradient goes through the bias, with which it shares a sum over the batch: in value this adds 0.
	shift := Sub(w[name+".bias"], Mul(Sub(mean, centre), scale))
	return Add(Mul(centred, wide(scale)), wide(shift))
}

// towards returns a running value after it has moved towards a batch's value.
func towards(running, batch *Node) *Node {
	return Add(MulScalar(running, 1-normMomentum), MulScalar(StopGradient(batch), normMomentum))
}
