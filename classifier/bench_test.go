package classifier

import (
	"math"
	"math/rand/v2"
	"syscall"
	"testing"

	"smoothlab/engine"
	"smoothlab/internal/testengine"

	timage "github.com/gomlx/gomlx/core/tensors/images"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// convolutionLeNet is LeNet with XLA's own convolution and max pooling, in the fastest order for them. The banded form
// has to be faster. (The authors' order, ReLU before pooling, is slower.)
func convolutionLeNet(w Weights, x *Node, _ Pass) *Node {
	layer := func(x, w, b *Node) *Node {
		y := Convolve(x, TransposeAllDims(w, 2, 3, 1, 0)).ChannelsAxis(timage.ChannelsLast).NoPadding().Done()
		y = MaxPool(y).ChannelsAxis(timage.ChannelsLast).Window(2).Done()
		return relu(Add(y, Reshape(b, 1, 1, 1, -1)))
	}
	h := layer(x, w["conv1.weight"], w["conv1.bias"])
	h = layer(h, w["conv2.weight"], w["conv2.bias"])
	h = Reshape(TransposeAllDims(h, 0, 3, 1, 2), x.Shape().Dimensions[0], 800)
	return linear(relu(linear(h, w["fc1.weight"], w["fc1.bias"])), w["fc2.weight"], w["fc2.bias"])
}

type form struct {
	name   string
	logits func(w Weights, x *Node, pass Pass) *Node
}

func forms() []form { return []form{{"banded", leNet(10).Logits}, {"convolution", convolutionLeNet}} }

// passes lists the three uses of a network, with the operations per image: twice the multiply-adds of
// docs/algorithms.md §14.
func passes() []lenetPass {
	return []lenetPass{
		{"forward", Forward, 1000, 4.586e6, func(loss, logits *Node, _ []*Node) []*Node { return []*Node{logits} }},
		{
			"input-gradient",
			Attack,
			256,
			9.17e6,
			func(loss, _ *Node, in []*Node) []*Node { return Gradient(loss, in[len(in)-1]) },
		},
		{
			"weight-gradient",
			Train,
			256,
			13.18e6,
			func(loss, _ *Node, in []*Node) []*Node { return Gradient(loss, in[:len(in)-1]...) },
		},
	}
}

type lenetPass struct {
	name    string
	pass    Pass
	images  int
	flop    float64
	outputs func(loss, logits *Node, in []*Node) []*Node
}

// program is a pass over one form of LeNet; inputs: its parameters, then images.
func (p lenetPass) program(t testing.TB, f form) *engine.Program {
	t.Helper()
	a := lookup(t, "lenet")
	prog, err := testengine.Open(t).Program("lenet "+f.name+" "+p.name, func(_ *engine.Program, in []*Node) []*Node {
		y := f.logits(a.Weights(in[:len(a.Params)]), in[len(a.Params)], p.pass)
		return p.outputs(ReduceAllSum(Square(y)), y, in)
	})
	if err != nil {
		t.Fatal(err)
	}
	return prog
}

// arguments returns LeNet's parameters and n images that look like noise.
func arguments(t testing.TB, n int) []any {
	c := New(lookup(t, "lenet"), 1)
	var args []any
	for i, p := range c.Arch.Params {
		args = append(args, tensors.FromFlatDataAndDimensions(c.Params[i], p.Dims...))
	}
	r, x := rand.New(rand.NewPCG(1, 2)), make([]float32, n*784)
	for i := range x {
		x[i] = r.Float32() + float32(r.NormFloat64())/2
	}
	return append(args, tensors.FromFlatDataAndDimensions(x, n, 28, 28, 1))
}

// Both forms are the same function with the same gradients, and the form for votes is the same function. They add up to
// 12,800 products in other orders: values agree to some 1e-6 of the largest.
func TestBandedIsConvolution(t *testing.T) {
	compareForms(t, lenetPass{name: "all", pass: Train, outputs: func(loss, logits *Node, in []*Node) []*Node {
		return append([]*Node{logits}, Gradient(loss, in...)...)
	}})
	for _, p := range passes() {
		compareForms(t, p)
	}
}

func compareForms(t *testing.T, p lenetPass) {
	t.Helper()
	args := arguments(t, 4)
	var results [2][]*tensors.Tensor
	for i, f := range forms() {
		out, err := p.program(t, f).Call(t.Context(), args...)
		if err != nil {
			t.Fatal(err)
		}
		defer engine.Free(out...)
		results[i] = out
	}
	for k := range results[0] {
		got, want := tensors.MustCopyFlatData[float32](results[0][k]), tensors.MustCopyFlatData[float32](results[1][k])
		worst, largest := furthest(got, want)
		if !(worst <= 1e-5*largest) || largest == 0 {
			t.Errorf("%s: output %d: largest difference %g of values up to %g", p.name, k, worst, largest)
		}
	}
}

// furthest is the largest difference of two lists, and the largest value of the second.
func furthest(got, want []float32) (difference, value float64) {
	for i := range want {
		difference = max(difference, math.Abs(float64(got[i]-want[i])))
		value = max(value, math.Abs(float64(want[i])))
	}
	return difference, value
}

// BenchmarkLeNet compares the banded form with XLA's convolution, as evidence for the choice between them.
func BenchmarkLeNet(b *testing.B) {
	for _, p := range passes() {
		for _, f := range forms() {
			b.Run(p.name+"/"+f.name, func(b *testing.B) { p.measure(b, f) })
		}
	}
}

func (p lenetPass) measure(b *testing.B, f form) {
	prog, args := p.program(b, f), arguments(b, p.images)
	call := func() {
		out, err := prog.Call(b.Context(), args...)
		if err != nil {
			b.Fatal(err)
		}
		engine.Free(out...)
	}
	call() // compiles
	before := processorTime(b)
	for b.Loop() {
		call()
	}
	b.ReportMetric(float64(processorTime(b)-before)/1e6/float64(b.N), "processor-ms/op")
	b.ReportMetric(p.flop*float64(p.images)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}

// processorTime returns the processor time of all threads of the process, in nanoseconds. Unlike wall time, it hardly
// depends on other work on the machine.
func processorTime(b *testing.B) int64 {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return used.Utime.Nano() + used.Stime.Nano()
}
