package softlabel

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"smoothlab/certify"
)

// Merge joins the shards of one call. Each must be given once, finished, and made with the same settings. Where their
// provenance differs, as for shards from several machines, the merged labels name all values.
func Merge(shards ...*Labels) (*Labels, error) {
	if len(shards) == 0 {
		return nil, errors.New("there is nothing to merge; give the shards of soft labels")
	}
	first := shards[0]
	seen := make([]bool, first.Shard.Of+1)
	merged := &Labels{Settings: first.Settings}
	merged.Shard = certify.Shard{}
	var provenance []map[string]string
	for _, l := range shards {
		name := "shard " + l.Shard.String()
		switch {
		case l.Shard.Of == 0 || l.Shard.Of != first.Shard.Of:
			return nil, fmt.Errorf("the %v and the %v are not shards of the same soft labels", first, l)
		case seen[l.Shard.Number]:
			return nil, fmt.Errorf("%s is given twice", name)
		case !l.Finished():
			return nil, fmt.Errorf("%s has %d of its %d images: finish it first", name, len(l.Rows), l.Planned())
		}
		for i, was := range first.list() {
			if now := l.list()[i]; was != now {
				return nil, fmt.Errorf("%s has %s %s, and the first shard %s: they are not of the same soft labels",
					name, was.name, now.value, was.value)
			}
		}
		seen[l.Shard.Number] = true
		merged.Rows = append(merged.Rows, l.Rows...)
		provenance = append(provenance, l.Provenance)
	}
	for i := range first.Shard.Of {
		if !seen[i+1] {
			missing := certify.Shard{Number: i + 1, Of: first.Shard.Of}
			return nil, fmt.Errorf("shard %v is missing: give all %d shards", missing, first.Shard.Of)
		}
	}
	merged.Provenance = certify.MergeProvenance(provenance)
	slices.SortFunc(merged.Rows, func(a, b Row) int { return cmp.Compare(a.Index, b.Index) })
	for i := 1; i < len(merged.Rows); i++ {
		if merged.Rows[i-1].Index == merged.Rows[i].Index {
			return nil, fmt.Errorf("image %d is in two shards: they are not of the same soft labels",
				merged.Rows[i].Index)
		}
	}
	return merged, nil
}
