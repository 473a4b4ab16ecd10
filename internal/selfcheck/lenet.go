package selfcheck

import (
	"math"
	"runtime"
	"sync"

	"smoothlab/classifier"
	"smoothlab/dataset"
)

// LeNet's sizes (package classifier): 5×5 convolutions, 2×2 max pooling, 10 classes.
const (
	side0, maps1 = 28, 20 // the image's side, and the maps of the first convolution
	side1, maps2 = 12, 50 // the side after the first pooling, and the maps of the second convolution
	taps         = 5
)

// lenet computes LeNet's mean cross-entropy gradient in float64 with plain loops. It shares no code with the graphs, so
// it is an independent reference for a training step.
type lenet struct {
	w1, b1, w2, b2, w3, b3, w4, b4 []float64 // PyTorch's layouts: [out, in, 5, 5], [out], …, [out, in], [out]
}

// arrays returns the parameters in the order of the classifier's.
func (l *lenet) arrays() [][]float64 {
	return [][]float64{l.w1, l.b1, l.w2, l.b2, l.w3, l.b3, l.w4, l.b4}
}

// newLenet copies parameters, or makes zeros of the same lengths.
func newLenet(params [][]float32, zero bool) *lenet {
	made := make([][]float64, len(params))
	for i, p := range params {
		made[i] = make([]float64, len(p))
		for k, v := range p {
			if !zero {
				made[i][k] = float64(v)
			}
		}
	}
	return &lenet{made[0], made[1], made[2], made[3], made[4], made[5], made[6], made[7]}
}

// firstUpdate returns the change of each parameter in the first SGD step with the whole of d as its batch:
// −rate·(gradient + decay·weight). Momentum starts at zero.
func firstUpdate(c *classifier.Classifier, d *dataset.Dataset, rate, decay float64) [][]float32 {
	weights := newLenet(c.Params, false)
	workers := runtime.NumCPU()
	sums := make([]*lenet, workers)
	var group sync.WaitGroup
	for w := range workers {
		sums[w] = newLenet(c.Params, true)
		group.Go(func() {
			for i := w; i < d.Len(); i += workers {
				weights.backward(d.Image(i), int(d.Labels[i]), 1/float64(d.Len()), sums[w])
			}
		})
	}
	group.Wait()
	changes := make([][]float32, len(c.Params))
	for p, values := range weights.arrays() {
		changes[p] = make([]float32, len(values))
		for k, value := range values {
			gradient := decay * value
			for _, s := range sums {
				gradient += s.arrays()[p][k]
			}
			changes[p][k] = float32(-rate * gradient)
		}
	}
	return changes
}

// backward adds the gradient of scale·cross-entropy of one image to g.
func (l *lenet) backward(image []byte, label int, scale float64, g *lenet) {
	x := make([]float64, len(image))
	for i, p := range image {
		x[i] = float64(p) / 255
	}
	h1, from1 := convolvePool(x, l.w1, l.b1, 1, side0, maps1)
	h2, from2 := convolvePool(h1, l.w2, l.b2, maps1, side1, maps2)
	h3 := affine(h2, l.w3, l.b3)
	for i := range h3 {
		h3[i] = max(h3[i], 0)
	}
	d4 := affine(h3, l.w4, l.b4)
	softmaxMinusLabel(d4, label, scale)
	d3 := affineBackward(h3, l.w4, d4, g.w4, g.b4)
	for i := range d3 {
		if h3[i] <= 0 {
			d3[i] = 0
		}
	}
	d2 := affineBackward(h2, l.w3, d3, g.w3, g.b3)
	d1 := convolvePoolBackward(h1, l.w2, d2, from2, maps1, side1, maps2, g.w2, g.b2)
	convolvePoolBackward(x, l.w1, d1, from1, 1, side0, maps1, g.w1, g.b1)
}

// rectified is the position of a result that the rectifier sets to zero; it passes no gradient.
const rectified = -1

// convolvePool is a 5×5 convolution of x [in, side, side], 2×2 max pooling and a rectifier: [out, (side−4)/2,
// (side−4)/2]. from holds for each result the position y·side+x of the window with the largest value, or rectified.
func convolvePool(x, w, b []float64, in, side, out int) (pooled []float64, from []int) {
	wide, half := side-taps+1, (side-taps+1)/2
	pooled, from = make([]float64, out*half*half), make([]int, out*half*half)
	plane := make([]float64, wide*wide)
	for o := range out {
		for i := range plane {
			plane[i] = b[o]
		}
		for i := range in {
			for tap := range taps * taps {
				weight, shift := w[(o*in+i)*taps*taps+tap], i*side*side+tap/taps*side+tap%taps
				for y := range wide {
					row, base := plane[y*wide:(y+1)*wide], x[shift+y*side:]
					for k := range row {
						row[k] += weight * base[k]
					}
				}
			}
		}
		for p := range half * half {
			y, k, best := 2*(p/half), 2*(p%half), math.Inf(-1)
			for q := range 4 {
				if v := plane[(y+q/2)*wide+k+q%2]; v > best {
					best, from[o*half*half+p] = v, (y+q/2)*side+k+q%2
				}
			}
			if best <= 0 {
				best, from[o*half*half+p] = 0, rectified
			}
			pooled[o*half*half+p] = best
		}
	}
	return pooled, from
}

// convolvePoolBackward adds the gradients of w and b, and returns that of x, for the gradient d of the pooled maps.
func convolvePoolBackward(x, w, d []float64, from []int, in, side, out int, gw, gb []float64) []float64 {
	dx, each := make([]float64, len(x)), len(d)/out
	for o := range out {
		for p := o * each; p < (o+1)*each; p++ {
			if from[p] == rectified {
				continue
			}
			gb[o] += d[p]
			for i := range in {
				for tap := range taps * taps {
					at, k := i*side*side+from[p]+tap/taps*side+tap%taps, (o*in+i)*taps*taps+tap
					gw[k] += d[p] * x[at]
					dx[at] += d[p] * w[k]
				}
			}
		}
	}
	return dx
}

// affine is w·x + b: w [out, in].
func affine(x, w, b []float64) []float64 {
	y := make([]float64, len(b))
	for o := range y {
		y[o] = b[o]
		for i, v := range w[o*len(x) : (o+1)*len(x)] {
			y[o] += v * x[i]
		}
	}
	return y
}

// affineBackward adds the gradients of w and b, and returns that of x.
func affineBackward(x, w, d, gw, gb []float64) []float64 {
	dx := make([]float64, len(x))
	for o, v := range d {
		gb[o] += v
		for i := range x {
			gw[o*len(x)+i] += v * x[i]
			dx[i] += v * w[o*len(x)+i]
		}
	}
	return dx
}

// softmaxMinusLabel turns logits into scale times the gradient of their cross-entropy.
func softmaxMinusLabel(z []float64, label int, scale float64) {
	largest, sum := math.Inf(-1), 0.0
	for _, v := range z {
		largest = max(largest, v)
	}
	for i := range z {
		z[i] = math.Exp(z[i] - largest)
		sum += z[i]
	}
	for i := range z {
		z[i] *= scale / sum
	}
	z[label] -= scale
}
