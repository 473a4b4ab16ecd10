package votes_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"smoothlab/certify/votes"
	"smoothlab/classifier"
	"smoothlab/classifier/onnx"
	"smoothlab/internal/testengine"
	"smoothlab/noise"
	"smoothlab/smoothing"
)

// BenchmarkEngines draws votes with XLA and with ONNX Runtime in turns, noise included, and reports the median speed-up
// by ONNX Runtime: in wall time, and in processor time of all threads, which other work on the machine disturbs less.
// Run it with -benchtime 9x.
func BenchmarkEngines(b *testing.B) {
	nets := []*classifier.Classifier{
		imported(b, filepath.Join("..", "..", "notebooks", "thin_resnet.onnx")),
		imported(b, smallCNN(b)),
	}
	for _, name := range []string{"lenet", "resnet20", "resnet110"} {
		a, err := classifier.Lookup(name)
		if err != nil {
			b.Fatal(err)
		}
		nets = append(nets, classifier.New(a, 1))
	}
	for _, c := range nets {
		c.Facts.Classes = nil // those of any images
		b.Run(c.Arch.Name+c.Facts.Source, func(b *testing.B) {
			e, d, under := testengine.Open(b), blank(c.Arch, 1), smoothing.Gaussian{Sigma: 0.5}
			here, err := votes.New(e, c, d, under, 1, 0)
			if err != nil {
				b.Fatal(err)
			}
			defer here.Close()
			there, err := votes.NewRemote(e, inONNXRuntime(b, c), d, under, 1, 0)
			if err != nil {
				b.Fatal(err)
			}
			defer there.Close()
			n := votes.DefaultChunk * max(1, min(10, 20_000_000/c.Arch.MACs))
			draw := func(v *votes.Voter) (clock, processors time.Duration) {
				began, used := time.Now(), processorTime(b)
				if err := v.Vote(b.Context(), 0, noise.Bound, 0, n, newCounts(c.Arch)); err != nil {
					b.Fatal(err)
				}
				return time.Since(began), processorTime(b) - used
			}
			draw(here) // compiles
			draw(there)
			var clocks, processors, rate, otherRate []float64
			for b.Loop() {
				clock, processor := draw(here)
				otherClock, otherProcessor := draw(there)
				clocks = append(clocks, clock.Seconds()/otherClock.Seconds())
				processors = append(processors, processor.Seconds()/otherProcessor.Seconds())
				rate = append(rate, float64(n)/clock.Seconds())
				otherRate = append(otherRate, float64(n)/otherClock.Seconds())
			}
			for unit, values := range map[string][]float64{"times-by-clock": clocks, "times-by-processors": processors,
				"xla-votes/s": rate, "onnxruntime-votes/s": otherRate} {
				slices.Sort(values)
				b.ReportMetric(values[len(values)/2], unit)
			}
			b.Logf("by the clock %.2f, by processors %.2f", clocks, processors)
		})
	}
}

// processorTime returns the processor time of all threads of the process.
func processorTime(b *testing.B) time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// smallCNN writes the imported network of bench/torch/bench.py, with other weights:
// three convolutions of 3×3, each with a pooling, and a linear layer; 8 million multiply-adds.
func smallCNN(b *testing.B) (path string) {
	f, x, in := onnx.NewFile(onnx.Shape{Height: 32, Width: 32, Channels: 3}), onnx.FileInput, 3
	weight := func(name string, dims ...int) string {
		values, stream := make([]float32, 1), noise.NewStream(1, noise.Test, uint32(len(name)))
		for _, d := range dims {
			values = slices.Repeat(values, d)
		}
		for i := range values {
			values[i] = 0.1 * float32(stream.Uniform()-0.5)
		}
		f.Weight(name, dims, values)
		return name
	}
	for i, out := range []int{32, 64, 64} {
		name := strings.Repeat("conv", i+1)
		kernel, bias := weight(name+".weight", out, in, 3, 3), weight(name+".bias", out)
		x = f.MaxPool(f.Relu(f.Conv(x, kernel, bias, 1, 1)), 2, 2, 0)
		in = out
	}
	x = f.Linear(f.Flatten(x), weight("fc.weight", 10, 1024), weight("fc.bias", 10))
	path = filepath.Join(b.TempDir(), "cnn.onnx")
	if err := os.WriteFile(path, f.Bytes(x, 10), 0o644); err != nil {
		b.Fatal(err)
	}
	return path
}
