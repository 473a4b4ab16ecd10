package classifier

import (
	"math"
	"testing"

	"smoothlab/engine"
	"smoothlab/internal/testengine"
	"smoothlab/noise"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// Every network of the list gives finite logits, in all passes the same when it has no batch statistics; one pass in
// training mode increases the counters by one and changes every running statistic. The deep ones take minutes:
// SMOOTHLAB_TEST_ALL=1.
func TestLogits(t *testing.T) {
	for _, a := range Architectures() {
		t.Run(a.Name, func(t *testing.T) {
			if a.MACs > 100e6 {
				testengine.SkipUnlessAll(t)
			}
			const n = 3
			c := New(a, 1)
			out := evaluate(t, "logits "+a.Name, c.values(images(n, a.Input)), func(in []*Node) []*Node {
				params, x := in[:len(a.Params)], in[len(a.Params)]
				all := []*Node{a.Logits(a.Weights(params), x, Forward), a.Logits(a.Weights(params), x, Attack)}
				w := a.Weights(params)
				all = append(all, a.Logits(w, x, Train))
				for _, p := range a.Params {
					all = append(all, w[p.Name])
				}
				return all
			})
			for pass, logits := range out[:3] {
				if len(logits) != n*a.Classes {
					t.Fatalf("pass %d: %d logits", pass, len(logits))
				}
				for _, v := range logits {
					if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
						t.Fatalf("pass %d: a logit is %g", pass, v)
					}
				}
			}
			for i, p := range a.Params {
				after, changed := out[3+i], false
				for k, v := range after {
					changed = changed || v != c.Params[i][k]
				}
				if changed != (p.Role != Trained) || p.Role == Counter && after[0] != 1 {
					t.Errorf("%s: changed %t, to %g", p.Name, changed, after[0])
				}
			}
		})
	}
}

// small is a network with those parts of ResNet-50 that the authors' tensors do not cover: the 7×7 convolution with
// stride 2, the padded maximum, and bottlenecks, with and without stride.
func small() *resNet {
	return &resNet{
		input:   Shape{20, 20, 3},
		classes: 4,
		scaling: imageNetScaling(),
		stem:    convNorm{"conv1", "bn1", 3, 8, 7, 2},
		pool:    true,
		blocks: []residual{
			bottleneck("layer1.0.", 8, 2, 1),
			bottleneck("layer1.1.", 8, 2, 1),
			bottleneck("layer2.0.", 8, 3, 2),
		},
	}
}

// Logits of the small network in evaluation mode against the definitions of torch.nn's layers, summed here in float64,
// and the gradient with respect to the images along a direction against the quotient of differences.
func TestBottlenecks(t *testing.T) {
	const n, h = 2, 1e-5
	a := listed(func(int) *Architecture { return small().architecture("small", "for a test") }, 4)
	c := New(a, 3)
	stream := noise.NewStream(5, noise.Test, 0)
	for i, p := range a.Params { // running statistics and scales that are not 0 and 1
		for k := range c.Params[i] {
			if len(p.Dims) == 1 {
				c.Params[i][k] += float32(0.5 * stream.Uniform())
			}
		}
	}
	x := images(n, a.Input)
	out := evaluate(t, "small", c.values(x), func(in []*Node) []*Node {
		x := in[len(a.Params)]
		logits := a.Logits(a.Weights(in[:len(a.Params)]), x, Attack)
		return []*Node{logits, Gradient(ReduceAllSum(Square(logits)), x)[0]}
	})
	direction, along := make([]float64, len(x)), 0.
	for i := range direction {
		direction[i] = 2*stream.Uniform() - 1
		along += direction[i] * float64(out[1][i])
	}
	squares := func(step float64) (sum float64, logits []float64) {
		for i := range n {
			image := make([]float64, a.Input.Size())
			for k := range image {
				image[k] = float64(x[i*len(image)+k]) + step*direction[i*len(image)+k]
			}
			logits = append(logits, small().host(c, image)...)
		}
		for _, v := range logits {
			sum += v * v
		}
		return sum, logits
	}
	_, want := squares(0)
	for i, v := range out[0] {
		if d := math.Abs(
			float64(v) - want[i],
		); !(d <= 1e-5*math.Max(1, math.Abs(want[i]))) { // float32 sums of up to 147 terms
			t.Errorf("logit %d is %g, want %g", i, v, want[i])
		}
	}
	up, _ := squares(h)
	down, _ := squares(-h)
	if slope := (up - down) / (2 * h); !(math.Abs(along-slope) <= 1e-3*math.Abs(slope)) { // kinks within h
		t.Errorf("the gradient's product with a direction is %g, the slope %g", along, slope)
	}
}

// host computes the logits of one image of rows, columns and channels.
func (r *resNet) host(c *Classifier, image []float64) []float64 {
	param := map[string][]float32{}
	for i, p := range c.Arch.Params {
		param[p.Name] = c.Params[i]
	}
	x := newMap(r.input.Height, r.input.Width, r.input.Channels)
	for i := range image {
		ch := i % 3
		x.v[i] = (image[i] - r.scaling.Mean[ch]) / r.scaling.SD[ch]
	}
	x = x.convNorm(r.stem, param).relu()
	pooled := newMap((x.h+1)/2, (x.w+1)/2, x.c)
	pooled.each(func(i, j, ch int) float64 {
		most := math.Inf(-1)
		for di := -1; di <= 1; di++ {
			for dj := -1; dj <= 1; dj++ {
				if x.inside(2*i+di, 2*j+dj) {
					most = max(most, x.at(2*i+di, 2*j+dj, ch))
				}
			}
		}
		return most
	})
	x = pooled
	for _, b := range r.blocks {
		y := x
		for k, layer := range b.layers {
			if k > 0 {
				y = y.relu()
			}
			y = y.convNorm(layer, param)
		}
		if b.shortcut != nil {
			x = x.convNorm(*b.shortcut, param)
		}
		for i := range y.v {
			y.v[i] += x.v[i]
		}
		x = y.relu()
	}
	logits := make([]float64, r.classes)
	for k := range logits {
		logits[k] = float64(param["fc.bias"][k])
		for i, v := range x.v {
			logits[k] += v / float64(x.h*x.w) * float64(param["fc.weight"][k*x.c+i%x.c])
		}
	}
	return logits
}

// hostMap are features [h, w, c].
type hostMap struct {
	h, w, c int
	v       []float64
}

func newMap(h, w, c int) hostMap { return hostMap{h, w, c, make([]float64, h*w*c)} }

func (m hostMap) at(i, j, ch int) float64 { return m.v[(i*m.w+j)*m.c+ch] }

func (m hostMap) inside(i, j int) bool { return i >= 0 && i < m.h && j >= 0 && j < m.w }

func (m hostMap) each(f func(i, j, ch int) float64) {
	for k := range m.v {
		m.v[k] = f(k/m.c/m.w, k/m.c%m.w, k%m.c)
	}
}

func (m hostMap) relu() hostMap {
	y := newMap(m.h, m.w, m.c)
	for i, v := range m.v {
		y.v[i] = max(v, 0)
	}
	return y
}

// convNorm is Conv2d without bias, zeros around, then BatchNorm2d in evaluation mode.
func (m hostMap) convNorm(c convNorm, param map[string][]float32) hostMap {
	weight, pad := param[c.conv+".weight"], c.k/2
	y := newMap((m.h+2*pad-c.k)/c.stride+1, (m.w+2*pad-c.k)/c.stride+1, c.out)
	of := func(name string, ch int) float64 { return float64(param[c.norm+name][ch]) }
	y.each(func(i, j, o int) float64 {
		sum := 0.
		for ch := range c.in {
			for di := range c.k {
				for dj := range c.k {
					if a, b := i*c.stride+di-pad, j*c.stride+dj-pad; m.inside(a, b) {
						sum += m.at(a, b, ch) * float64(weight[((o*c.in+ch)*c.k+di)*c.k+dj])
					}
				}
			}
		}
		return (sum-of(".running_mean", o))/math.Sqrt(of(".running_var", o)+1e-5)*of(".weight", o) + of(".bias", o)
	})
	return y
}

// images returns n images of uniform noise in [0, 1).
func images(n int, s Shape) []float32 {
	x, stream := make([]float32, n*s.Size()), noise.NewStream(9, noise.Test, 0)
	for i := range x {
		x[i] = float32(stream.Uniform())
	}
	return x
}

// values returns a program's arguments: parameters, then images.
func (c *Classifier) values(x []float32) []any {
	var args []any
	for i, p := range c.Arch.Params {
		args = append(args, tensors.FromFlatDataAndDimensions(c.Params[i], p.Dims...))
	}
	in := c.Arch.Input
	return append(args, tensors.FromFlatDataAndDimensions(x, len(x)/in.Size(), in.Height, in.Width, in.Channels))
}

// evaluate compiles and calls a program of float32 outputs.
func evaluate(t *testing.T, name string, args []any, build func(in []*Node) []*Node) [][]float32 {
	t.Helper()
	p, err := testengine.Open(t).
		Program("evaluate "+name, func(_ *engine.Program, in []*Node) []*Node { return build(in) })
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.Call(t.Context(), args...)
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Free(out...)
	var all [][]float32
	for _, o := range out {
		all = append(all, tensors.MustCopyFlatData[float32](o))
	}
	return all
}
