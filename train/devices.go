package smoothmix

import (
	"errors"

	"smoothlab/classifier"
	"smoothlab/engine"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// shares is the number of devices that n images are shared out to, of so many: the most that divide n, so that all have equally many.
// A short last batch may go to fewer devices than others, and nine images to three of four.
func shares(devices, n int) int {
	for k := min(devices, n); k > 1; k-- {
		if n%k == 0 {
			return k
		}
	}
	return 1
}

// shared cuts tensors of one number of images, along their first axis, for the devices that share them.
func shared(devices int, ts ...*tensors.Tensor) ([]*engine.Sharded, error) {
	var all []*engine.Sharded
	for i, t := range ts {
		s, err := engine.Shard(t, 0, shares(devices, t.Shape().Dimensions[0]))
		if err != nil {
			return nil, errors.Join(err, engine.Free(all...), engine.Free(ts[i:]...))
		}
		all = append(all, s)
	}
	return all, nil
}

// firsts are the parts on the first device, the whole tensors of what is whole on each.
func firsts(all []*engine.Sharded) []*tensors.Tensor {
	var ts []*tensors.Tensor
	for _, s := range all {
		ts = append(ts, s.Part(0))
	}
	return ts
}

// Where images are shared out to devices, their noisy copies are put image by image, [B·m, …], while they are drawn and while they
// go through the network: then a device has those of its own images. Noise by noise, [m·B, …], it would have rows from all
// over the axis, which XLA has no words for: it would gather everything on every device and let each of them do all the work.
// Results are noise-major all the same.
func byImage(g *Graph) bool { return g.NumDevices() > 1 }

// noiseRows are the numbers of the noisy copies in the order that they are drawn in: [m·B] uint32. Noise k of image i is k·B + i.
func noiseRows(g *Graph, m, b int) *Node {
	if !byImage(g) {
		return Iota(g, shapes.Make(dtypes.Uint32, m*b), 0)
	}
	of := shapes.Make(dtypes.Uint32, b, m)
	return Reshape(Add(MulScalar(Iota(g, of, 1), b), Iota(g, of, 0)), m*b)
}

// noiseMajor puts what was made of noisy copies in the order of the noises: x [m·B, …] → [m, B, …].
func noiseMajor(x *Node, m int, dims ...int) *Node {
	if !byImage(x.Graph()) {
		return Reshape(x, append([]int{m}, dims...)...)
	}
	return Transpose(Reshape(x, append([]int{dims[0], m}, dims[1:]...)...), 0, 1)
}

// noisyLogits are the network's logits at x under the step's own noises: x [B, …] → [m·B, K], noise-major.
func (st *Step) noisyLogits(w classifier.Weights, x *Node, pass classifier.Pass) *Node {
	switch {
	case byImage(x.Graph()):
	case pass == classifier.Attack:
		return st.arch.AttackLogits(w, Noisy(x, st.Noise), x)
	default:
		return st.arch.Logits(w, Noisy(x, st.Noise), pass)
	}
	b, m, k := x.Shape().Dimensions[0], st.m(), st.arch.Classes
	copies := Transpose(Add(InsertAxes(x, 0), st.Noise), 0, 1)
	logits := st.arch.Logits(w, Reshape(copies, append([]int{b * m}, x.Shape().Dimensions[1:]...)...), pass)
	return Reshape(noiseMajor(logits, m, b, k), m*b, k)
}
