package train

import (
	"errors"

	"smoothlab/engine"

	"github.com/gomlx/gomlx/core/tensors"
)

// shardCount returns the number of devices that share n images: the largest number up to devices that divides n, so
// that all get equally many. A short last batch may go to fewer devices than others, and nine images to three of four.
func shardCount(devices, n int) int {
	for k := min(devices, n); k > 1; k-- {
		if n%k == 0 {
			return k
		}
	}
	return 1
}

// shardAll cuts tensors with the same number of images along their first axis, one part per device.
func shardAll(devices int, ts ...*tensors.Tensor) ([]*engine.Sharded, error) {
	var all []*engine.Sharded
	for i, t := range ts {
		s, err := engine.Shard(t, 0, shardCount(devices, t.Shape().Dimensions[0]))
		if err != nil {
			return nil, errors.Join(err, engine.Free(all...), engine.Free(ts[i:]...))
		}
		all = append(all, s)
	}
	return all, nil
}

// firstShards returns the parts on the first device. For replicated tensors that is the whole tensor.
func firstShards(all []*engine.Sharded) []*tensors.Tensor {
	var ts []*tensors.Tensor
	for _, s := range all {
		ts = append(ts, s.Part(0))
	}
	return ts
}
