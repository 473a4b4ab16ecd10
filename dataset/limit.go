package dataset

import (
	"fmt"

	"smoothlab/internal/memory"
)

// share is the part of the memory that one data set may take.
const share = 4

// limit is how many bytes the pixels of one data set may take.
func (o Options) limit() int64 {
	if o.MaxBytes > 0 {
		return o.MaxBytes
	}
	return memory.Total() / share
}

// checkSize refuses what does not fit, before any memory is taken.
func checkSize(need, limit int64) error {
	if need <= limit {
		return nil
	}
	return fmt.Errorf(
		"its images take %s of memory, more than the %s that a data set may take here, a quarter of the memory: take fewer images",
		gigabytes(need),
		gigabytes(limit),
	)
}

// gigabytes writes a number of bytes.
func gigabytes(n int64) string {
	if n < 1e8 {
		return fmt.Sprintf("%.3g MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.3g GB", float64(n)/1e9)
}
