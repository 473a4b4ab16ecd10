package votes_test

import (
	"math"
	"testing"

	"smoothlab/certify/votes"
	"smoothlab/classifier"
	"smoothlab/internal/testengine"
	"smoothlab/noise"
	"smoothlab/smoothing"
)

// hostNetwork is the authors' LeNet in their order (convolution, bias, ReLU, pooling), in float64, without an engine.
type hostNetwork map[string][]float64

func newHostNetwork(c *classifier.Classifier) hostNetwork {
	h := hostNetwork{}
	for i, p := range c.Arch.Params {
		for _, v := range c.Params[i] {
			h[p.Name] = append(h[p.Name], float64(v))
		}
	}
	return h
}

// logits of an image of 28×28 values.
func (h hostNetwork) logits(x []float64) []float64 {
	x = h.convPool("conv1", x, 1, 28, 20)
	x = h.convPool("conv2", x, 20, 12, 50)
	x = h.linear("fc1", x, 500)
	for i := range x {
		x[i] = max(x[i], 0)
	}
	return h.linear("fc2", x, 10)
}

// convPool maps c channels of side² values, one channel after another, to o channels of ((side−4)/2)².
func (h hostNetwork) convPool(name string, x []float64, c, side, o int) []float64 {
	w, b, out := h[name+".weight"], h[name+".bias"], side-4
	y := make([]float64, o*out/2*(out/2)) // zeros, so that the maximum below is over rectified values
	for k := range o {
		for r := range out {
			for s := range out {
				v := b[k]
				for ch := range c {
					for i := range 5 {
						for j, xv := range x[(ch*side+r+i)*side+s:][:5] {
							v += xv * w[((k*c+ch)*5+i)*5+j]
						}
					}
				}
				at := (k*out/2+r/2)*out/2 + s/2
				y[at] = max(y[at], v)
			}
		}
	}
	return y
}

func (h hostNetwork) linear(name string, x []float64, o int) []float64 {
	w, y := h[name+".weight"], make([]float64, o)
	for k := range o {
		y[k] = h[name+".bias"][k]
		for i, v := range x {
			y[k] += v * w[k*len(x)+i]
		}
	}
	return y
}

// hostNoise is noisy copy number sample of an image: Philox and Box–Muller in float64 (Box and Muller 1958), laid out
// as package draw documents: value k comes from block k mod 196, half k/196.
func hostNoise(pixels []byte, index int, p noise.Purpose, sample int) []float64 {
	blocks := len(pixels) / 4
	x := make([]float64, len(pixels))
	for k := range x {
		w := noise.Philox([4]uint32{uint32(k % blocks), uint32(sample), uint32(index), uint32(p)}, noise.Key(seed))
		half := k / blocks
		a, b := w[half/2*2], w[half/2*2+1]
		r := math.Sqrt(-2 * math.Log((float64(a)+1)/(1<<32)))
		sin, cos := math.Sincos(2 * math.Pi * float64(b>>8) / (1 << 24))
		x[k] = float64(pixels[k])/255 + sigma*r*[]float64{cos, sin}[half%2]
	}
	return x
}

// hostGrid is the same on the pixel grid: value k comes from block k mod 392, half k/392, of Philox, by the table.
func hostGrid(g *noise.Grid, pixels []byte, index int, p noise.Purpose, sample int) []float64 {
	blocks := len(pixels) / 2
	x := make([]float64, len(pixels))
	for k := range x {
		w := noise.Philox([4]uint32{uint32(k % blocks), uint32(sample), uint32(index), uint32(p)}, noise.Key(seed))
		half := k / blocks * 2
		x[k] = float64(int(pixels[k])+g.At(uint64(w[half+1])<<32|uint64(w[half]))) / 255
	}
	return x
}

// Votes under noise on the grid, one by one, as in TestVotesAreTheHosts below. The distance of this noise from the
// ideal is known and tiny; that of the other noise is unknown.
func TestSoundVotesAreTheHosts(t *testing.T) {
	const samples, nearTie = 24, 1e-4
	d, h := digits(t), newHostNetwork(trained(t))
	g, err := noise.NewGrid(sigma)
	if err != nil {
		t.Fatal(err)
	}
	v, err := votes.NewSound(testengine.Open(t), trained(t), d, smoothing.Gaussian{Sigma: sigma}, seed, 40)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	spread := map[int]bool{}
	for i := range samples {
		class, gap := top(h.logits(hostGrid(g, d.Image(undecided), d.Indices[undecided], noise.Bound, i)))
		spread[class] = true
		if got := count(t, v, undecided, noise.Bound, i, 1); gap > nearTie && got[class] != 1 {
			t.Errorf("copy %d: votes %v, want class %d by %g", i, got, class, gap)
		}
	}
	if len(spread) < 2 {
		t.Errorf("all %d votes are for one class, which tells draws not apart", samples)
	}
	// 784 values of less than 2363 probabilities, each off by less than a unit of 2⁻⁶⁴, half of which counts.
	if s := v.Slack(); !(s > 0 && s < 784*2363*0x1p-65) {
		t.Errorf("slack %g", s)
	}
	if s := newVoter(t, d, seed, 40).Slack(); s != 0 {
		t.Errorf("slack %g of noise in float32, which is unknown", s)
	}
	if _, err := v.At(make([][]float32, d.Len())); err == nil {
		t.Error("points beside the grid under noise on it")
	}
	if _, err := votes.NewSound(
		testengine.Open(t),
		trained(t),
		d,
		smoothing.Gaussian{Sigma: 14},
		seed,
		40,
	); err == nil {
		t.Error("a table for sigma 14")
	}
}

// Votes one by one against a computation that shares nothing with the graph but Philox, which has its own known
// answers. Logits in float32 are off by some 1e-5, so classes nearer to each other than nearTie may swap; there are few
// of them.
func TestVotesAreTheHosts(t *testing.T) {
	const samples, nearTie = 25, 1e-4
	d, h := digits(t), newHostNetwork(trained(t))
	v := newVoter(t, d, seed, samples)
	ties, spread := 0, map[int]bool{}
	for _, pos := range []int{undecided, 0, 499} {
		for _, p := range []noise.Purpose{noise.Select, noise.Bound} {
			for i := range samples {
				sample := 3*samples + i // not the first chunk
				class, gap := top(h.logits(hostNoise(d.Image(pos), d.Indices[pos], p, sample)))
				spread[class] = true
				if gap < nearTie {
					ties++
					continue
				}
				if got := count(t, v, pos, p, sample, 1); got[class] != 1 {
					t.Errorf(
						"image %d, %v, copy %d: votes %v, want class %d by %g",
						d.Indices[pos],
						p,
						sample,
						got,
						class,
						gap,
					)
				}
			}
		}
	}
	// Gaps are spread over some units, so that one of 150 is rarely below 1e-4.
	if ties > 1 || len(spread) < 4 {
		t.Errorf("%d near ties, %d classes: expected 1 at most and 4 at least", ties, len(spread))
	}
}

// top is the class with the largest logit and its lead over the second.
func top(logits []float64) (class int, gap float64) {
	second := math.Inf(-1)
	for k, v := range logits {
		switch {
		case k == 0:
		case v > logits[class]:
			class, second = k, logits[class]
		default:
			second = max(second, v)
		}
	}
	return class, logits[class] - second
}
