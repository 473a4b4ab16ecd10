package onnx

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
)

// A convolution as a product, and XLA's own, agree with loops in float64.
func TestConvolutionProduct(t *testing.T) {
	const n, c, o = 2, minProductChannels, 3
	random := rand.New(rand.NewPCG(1, 2))
	normal := func(length int) []float32 {
		v := make([]float32, length)
		for i := range v {
			v[i] = float32(random.NormFloat64())
		}
		return v
	}
	one, padded := [2]int{1, 1}, [2]int{1, 1}
	for i, test := range []struct {
		size [2]int
		w    window
	}{
		{one, window{kernel: [2]int{3, 3}, stride: one, dilation: one, lo: padded, hi: padded}},
		{[2]int{2, 2}, window{kernel: [2]int{3, 3}, stride: [2]int{2, 2}, dilation: one, lo: padded, hi: padded}},
		{[2]int{4, 4}, window{kernel: [2]int{3, 3}, stride: one, dilation: one, lo: padded, hi: padded}},
		{[2]int{7, 5}, window{
			kernel: [2]int{2, 3}, stride: [2]int{2, 1}, dilation: [2]int{1, 2}, lo: [2]int{0, 1}, hi: [2]int{1, 0},
		}},
		{[2]int{3, 4}, window{kernel: one, stride: one, dilation: one}},
		{[2]int{2, 2}, window{
			kernel: [2]int{2, 2}, stride: [2]int{3, 3}, dilation: [2]int{3, 3}, lo: [2]int{2, 2}, hi: [2]int{2, 2},
		}},
	} {
		w := test.w
		w.groups = 1
		for a := range 2 {
			w.out[a] = (test.size[a]+w.lo[a]+w.hi[a]-w.extent(a))/w.stride[a] + 1
		}
		if !w.isProduct(c) {
			t.Fatalf("%+v is not a product", w)
		}
		x, k := normal(n*c*test.size[0]*test.size[1]), normal(o*c*w.kernel[0]*w.kernel[1])
		out := computed(t, fmt.Sprintf("convolution product %d", i), []any{x, k}, func(in []*Node) []*Node {
			x := Reshape(in[0], n, c, test.size[0], test.size[1])
			k := Reshape(in[1], o, c, w.kernel[0], w.kernel[1])
			own := stridedConvolution(x, k, w, [][2]int{{w.lo[0], w.hi[0]}, {w.lo[1], w.hi[1]}})
			return []*Node{Reshape(convolutionProduct(x, k, w), -1), Reshape(own, -1)}
		})
		want := convolved(x, k, n, c, o, test.size, w)
		const tolerance = 2e-5 // sums of up to 1,152 products of size 1 in float32
		for form, got := range map[string][]float32{"product": out[0], "XLA": out[1]} {
			for at := range want {
				if d := math.Abs(float64(got[at]) - want[at]); !(d <= tolerance*math.Sqrt(c*9)) {
					t.Errorf("%v, %+v, %s at %d: %g, want %g", test.size, w, form, at, got[at], want[at])
					break
				}
			}
		}
	}
}

// convolved computes a convolution by loops.
func convolved(x, k []float32, n, c, o int, size [2]int, w window) (y []float64) {
	for image := range n {
		for to := range o {
			for r := range w.out[0] {
				for s := range w.out[1] {
					sum := 0.0
					for from := range c {
						for i := range w.kernel[0] {
							for j := range w.kernel[1] {
								v, u := r*w.stride[0]+i*w.dilation[0]-w.lo[0], s*w.stride[1]+j*w.dilation[1]-w.lo[1]
								if v < 0 || u < 0 || v >= size[0] || u >= size[1] {
									continue
								}
								sum += float64(x[((image*c+from)*size[0]+v)*size[1]+u]) *
									float64(k[((to*c+from)*w.kernel[0]+i)*w.kernel[1]+j])
							}
						}
					}
					y = append(y, sum)
				}
			}
		}
	}
	return y
}
