package dataset

import (
	"fmt"

	"smoothlab/internal/humanize"
	"smoothlab/internal/memory"
)

// share sets the part of the memory that one data set may take: a quarter.
const share = 4

// limit returns the number of bytes that the pixels of one data set may take.
func (o Options) limit() int64 {
	if o.MaxBytes > 0 {
		return o.MaxBytes
	}
	return memory.Total() / share
}

// checkSize returns an error for data that does not fit, before memory is allocated.
func checkSize(need, limit int64) error {
	if need <= limit {
		return nil
	}
	return fmt.Errorf(
		"its images take %s of memory, more than the %s that a data set may take here, a quarter of the memory: take fewer images",
		humanize.Bytes(need),
		humanize.Bytes(limit),
	)
}
