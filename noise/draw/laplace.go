package draw

import (
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
)

// Laplace draws n independent standard Laplace values for each sample, those of noise.Laplace: samples [R] uint32 →
// [R, n] float32.
func Laplace(src Source, samples *Node, n int) *Node {
	return eachWord(src, samples, n, laplace)
}

// laplace is noise.Laplace of words, in float32.
func laplace(w *Node) *Node {
	rank := ConvertDType(BitwiseShiftRightLogicalScalar(w, uint32(1)), dtypes.Float32)
	x := Neg(Log(MulScalar(AddScalar(rank, 1), 0x1p-31)))
	odd := NotEqual(BitwiseAnd(w, Const(w.Graph(), uint32(1))), ZerosLike(w))
	return Where(odd, Neg(x), x)
}
