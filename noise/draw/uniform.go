package draw

import (
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
)

// Symmetric draws n independent values in (-1, 1) for each sample, those of noise.Uniform: samples [R] uint32 → [R, n]
// float32.
func Symmetric(src Source, samples *Node, n int) *Node {
	return eachWord(src, samples, n, symmetric)
}

// symmetric is noise.Uniform of words. The numerator is odd and below 2²⁴, so that float32 holds it exactly.
func symmetric(w *Node) *Node {
	k := ConvertDType(BitwiseShiftRightLogicalScalar(w, uint32(8)), dtypes.Int32)
	return MulScalar(ConvertDType(AddScalar(MulScalar(k, 2), 1-1<<24), dtypes.Float32), 0x1p-24)
}
