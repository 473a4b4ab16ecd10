package draw

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
)

// Sampler draws n independent values of standard noise for each sample: samples [R] uint32 → [R, n] float32.
type Sampler func(src Source, samples *Node, n int) *Node

// Standard returns the sampler of the noise with a name of package smoothing, at scale 1.
func Standard(name string) (Sampler, error) {
	switch name {
	case "gaussian":
		return Normal, nil
	case "laplace":
		return Laplace, nil
	case "uniform":
		return Symmetric, nil
	}
	return nil, fmt.Errorf("%s noise cannot be drawn: package noise/draw has no sampler for it", name)
}

// eachWord draws values of one word each: block k of the words gives values k, n/4+k, n/2+k and 3n/4+k.
func eachWord(src Source, samples *Node, n int, value func(word *Node) *Node) *Node {
	blocks := (n + 3) / 4
	w := src.words(samples, blocks)
	x := value(Concatenate(w[:], 1))
	if 4*blocks != n {
		x = Slice(x, AxisRange(), AxisRange(0, n))
	}
	x.AssertDims(samples.Shape().Dimensions[0], n)
	return x
}
