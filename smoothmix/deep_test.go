package smoothmix

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/internal/testengine"
	"smoothlab/noise"
)

// colours are n images of 32×32×3 in ten classes: a colour and a stripe for each class, and grain.
func colours(n int) *dataset.Dataset {
	d := &dataset.Dataset{Name: "colours", Split: "train", Height: 32, Width: 32, Channels: 3}
	for k := range 10 {
		d.Classes = append(d.Classes, fmt.Sprint("colour ", k))
	}
	grain := noise.NewStream(1, noise.Test, 0)
	for i := range n {
		k := i % 10
		d.Labels, d.Indices = append(d.Labels, uint8(k)), append(d.Indices, i)
		for at := range 32 * 32 * 3 {
			v := 60 + 60*((k>>(at%3))&1) + int(60*grain.Uniform())
			if at/96/3 == k {
				v += 60
			}
			d.Pixels = append(d.Pixels, uint8(v))
		}
	}
	return d
}

// BenchmarkDeep is a whole training step of a ResNet on 32×32×3 images: first with its compilations, then by itself, and the
// process' largest memory so far.
func BenchmarkDeep(b *testing.B) {
	for _, name := range []string{"resnet20", "resnet110"} {
		for _, batch := range []int{16, 128} {
			b.Run(fmt.Sprintf("%s-m2-T4-%d", name, batch), func(b *testing.B) {
				a, err := classifier.Lookup(name)
				if err != nil {
					b.Fatal(err)
				}
				m, s := &SmoothMix{Sigma: 0.5, M: 2, Steps: 4, Alpha: 1, Eta: 5, Warmup: 10}, DefaultSettings()
				s.Batch, s.Split = batch, 1
				t, err := newTrainer(&Job{Engine: testengine.Open(b), Start: classifier.New(a, 1), Data: colours(batch), Method: m, Settings: s}, nil, state{})
				if err != nil {
					b.Fatal(err)
				}
				defer t.free()
				begun := time.Now()
				step := func() {
					t.state.At = 0
					if err := t.step(b.Context()); err != nil {
						b.Fatal(err)
					}
				}
				step()
				first := time.Since(begun)
				for b.Loop() {
					step()
				}
				each := b.Elapsed() / time.Duration(b.N)
				b.ReportMetric((first - each).Seconds(), "s-compiling")
				b.ReportMetric(2*float64(a.MACs)*float64(2*batch)*(4*2+2*3)/each.Seconds()/1e9, "GFLOP/s")
				b.ReportMetric(peakMemory(), "MB-peak")
			})
		}
	}
}

// peakMemory is the largest resident size of this process, in MB; 0 where the system does not say.
func peakMemory() float64 {
	status, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(status)) {
		var kb float64
		if n, _ := fmt.Sscanf(line, "VmHWM: %f kB", &kb); n == 1 {
			return kb / 1e3
		}
	}
	return 0
}
