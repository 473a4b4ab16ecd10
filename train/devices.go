package train

import (
	"errors"

	"smoothlab/engine"

	"github.com/gomlx/gomlx/core/tensors"
)

// shares is the number of devices that n images are shared out to, of so many: the most that divide n, so that all
// have equally many. A short last batch may go to fewer devices than others, and nine images to three of four.
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
