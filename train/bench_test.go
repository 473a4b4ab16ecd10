package train

import (
	"context"
	"testing"

	"smoothlab/baseline"
	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/engine"
	"smoothlab/internal/stepgraph"
	"smoothlab/internal/testengine"
	"smoothlab/method"
	"smoothlab/noise"
	"smoothlab/smoothmix"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// Twice the multiply-adds of LeNet per image: docs/algorithms.md §14.
const (
	flopAttack = 9.17e6  // forward and gradient to the input
	flopTrain  = 13.18e6 // forward and gradients to the parameters
)

// BenchmarkStep is a whole optimizer step, data pipeline included. A CPU's devices share its cores, so a step on
// several of them cannot be faster there; the additional time is the cost of dividing and adding up.
func BenchmarkStep(b *testing.B) {
	oneSearch := smoothmix.New()
	oneSearch.Steps, oneSearch.Alpha = 1, 4
	for _, c := range []struct {
		name    string
		method  method.Method
		devices int
		flop    float64
	}{
		{"gaussian-256", baseline.NewGaussian(), 1, 256 * flopTrain},
		{"smoothmix-T1", oneSearch, 1, 256 * (flopAttack + 2*flopTrain)},
		{"smoothmix-T4", smoothmix.New(), 1, 256 * (4*flopAttack + 2*flopTrain)},
		{"smoothmix-T4-devices2", smoothmix.New(), 2, 256 * (4*flopAttack + 2*flopTrain)},
		{"smoothmix-T4-devices4", smoothmix.New(), 4, 256 * (4*flopAttack + 2*flopTrain)},
	} {
		b.Run(c.name, func(b *testing.B) {
			t := benchTrainer(b, c.method, c.devices)
			if err := t.step(b.Context()); err != nil { // compiles
				b.Fatal(err)
			}
			for b.Loop() {
				t.state.At = 0
				if err := t.step(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(c.flop*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}

// BenchmarkBatch is the data pipeline alone: what a step spends before it calls XLA.
func BenchmarkBatch(b *testing.B) {
	t := benchTrainer(b, smoothmix.New(), 1)
	for b.Loop() {
		images, err := t.batch(t.spans[0])
		if err != nil {
			b.Fatal(err)
		}
		engine.Free(images...)
	}
}

// BenchmarkSearchStep is one step of the search as it is called by hand: 64 images, 4 noises.
func BenchmarkSearchStep(b *testing.B) {
	m := smoothmix.New()
	t := benchTrainer(b, m, 1)
	p, err := t.engine.Program("bench search", func(_ *engine.Program, in []*Node) []*Node {
		n := len(t.arch.Params)
		scalars := stepgraph.SplitScalars(in[n+3], stepgraph.ScalarNames(m))
		st := method.NewStep(
			m,
			method.Inputs{Arch: t.arch, Params: in[:n], X: in[n], Y: in[n+1], Noise: in[n+2], Scalars: scalars},
		)
		return []*Node{smoothmix.SearchStep(st, in[n])}
	})
	if err != nil {
		b.Fatal(err)
	}
	args := stepgraph.Arguments(firstShards(t.weights.params))
	x, d := tensors.FromFlatDataAndDimensions(make([]float32, 64*784), 64, 28, 28, 1), make([]float32, 4*64*784)
	s := noise.NewStream(1, noise.Test, 0)
	for i := range d {
		d[i] = float32(s.Uniform() - 0.5)
	}
	args = append(args, x, make([]int32, 64), tensors.FromFlatDataAndDimensions(d, 4, 64, 28, 28, 1), t.scalars())
	call := func() {
		out, err := p.Call(context.Background(), args...)
		if err != nil {
			b.Fatal(err)
		}
		engine.Free(out...)
	}
	call() // compiles
	for b.Loop() {
		call()
	}
	b.ReportMetric(256*flopAttack*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}

func benchTrainer(b *testing.B, m method.Method, devices int) *trainer {
	b.Helper()
	d, err := dataset.Open(b.Context(), "mnist-mini", "train", dataset.Options{})
	if err != nil {
		b.Fatal(err)
	}
	a, err := classifier.Lookup("lenet")
	if err != nil {
		b.Fatal(err)
	}
	t, err := newTrainer(
		&Job{
			Engine:   testengine.Open(b),
			Start:    classifier.New(a, 1),
			Data:     d,
			Method:   m,
			Settings: DefaultSettings(),
			Devices:  devices,
		},
		nil,
		state{},
	)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { t.free() })
	return t
}
