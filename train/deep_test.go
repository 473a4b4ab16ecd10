package train

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/engine"
	"smoothlab/internal/steptest"
	"smoothlab/internal/testengine"
	"smoothlab/method"
	"smoothlab/noise"
	"smoothlab/smoothmix"
)

// colours returns n images of 32×32×3 in ten classes: a colour and a stripe for each class, and noise.
func colours(n int) *dataset.Dataset {
	d := &dataset.Dataset{Name: "colours", Split: "train", Height: 32, Width: 32, Channels: 3}
	for k := range 10 {
		d.Classes = append(d.Classes, fmt.Sprint("colour ", k))
	}
	grain := noise.NewStream(1, noise.Test, 0)
	for i := range n {
		k := i % 10
		d.Labels, d.Indices = append(d.Labels, uint16(k)), append(d.Indices, i)
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

// deepJob trains the authors' ResNet-20 further, on eight of their CIFAR-10 images in two updates an epoch. Random
// weights would not do: in evaluation mode before any training, a large number of rectifiers are near 0, and last bits
// change the path of the search.
func deepJob(t *testing.T, m method.Method) *Job {
	t.Helper()
	var job *Job
	steptest.With(t, "resnet20_forward", func(g *steptest.Golden) {
		s := DefaultSettings()
		s.Batch, s.Split, s.Seed, s.Epochs = 4, 1, 5, 2
		d := g.Dataset()
		job = &Job{Engine: testengine.Open(t), Start: g.Classifier(), Data: d, Test: d, Method: m, Settings: s}
	})
	return job
}

func network(t testing.TB, name string) *classifier.Architecture {
	t.Helper()
	a, err := classifier.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// deepMix is the method of the tests with ResNet-20, so that its programs are compiled once for all of them.
func deepMix() *smoothmix.SmoothMix {
	return &smoothmix.SmoothMix{Sigma: 0.25, M: 2, Steps: 2, Alpha: 0.5, Eta: 5, MixStep: 1, Warmup: 10}
}

// disguised returns a network that is searched like deep networks, or like small ones.
func disguised(c *classifier.Classifier, macs int) *classifier.Classifier {
	a, d := *c.Arch, *c
	a.Name, a.MACs = fmt.Sprintf("%s, %d", a.Name, macs), macs
	d.Arch = &a
	return &d
}

// elsewhere is a custom method whose search does not start at the images.
type elsewhere struct{ smoothmix.SmoothMix }

func (*elsewhere) Name() string { return "elsewhere" }

func (*elsewhere) Loss(st *method.Step) method.Terms {
	return method.Terms{
		{
			Name:   "cross-entropy",
			Weight: 1,
			Value: method.CrossEntropy(
				st.Logits(st.Search(method.Detach(method.Box(method.Noisy(st.X, st.Noise))))),
				st.Y,
			),
		},
	}
}

// A step with a separate search equals the step with the search built in, for all kinds of search steps and near ends.
// If a method searches from another point, the search stays built in. SMOOTHLAB_TEST_ALL=1 compiles a ResNet-20 with
// its search built in, too.
func TestApartIsTheSameStep(t *testing.T) {
	all := variants(t)
	all["elsewhere"] = &elsewhere{smoothmix.SmoothMix{Sigma: 0.5, M: 1, Steps: 2, Alpha: 1, Eta: 5}}
	for _, name := range []string{"smoothmix two-step, maxnorm", "smoothadv", "elsewhere"} {
		t.Run(name, func(t *testing.T) {
			job := oneBatch(t, "linear", all[name])
			within, _, _ := trainedStep(t, job)
			start := job.Start
			job.Start = disguised(start, deepMACs)
			outside, _, _ := trainedStep(t, job)
			steptest.CompareSteps(t, start, within, outside)
		})
	}
	t.Run("resnet20", func(t *testing.T) {
		testengine.SkipUnlessAll(t)
		job := deepJob(t, deepMix())
		outside, loss, _ := trainedStep(t, job)
		start := job.Start
		job.Start = disguised(start, deepMACs-1)
		within, want, _ := trainedStep(t, job)
		steptest.CompareRectified(t, start, within, outside)
		if !(math.Abs(loss-want) <= steptest.TolMixed*want) {
			t.Errorf("loss %g, want %g", loss, want)
		}
	})
}

// A run of a network with running statistics that is stopped after every update writes the same bytes as an
// uninterrupted one.
func TestResumeOfResNet20(t *testing.T) {
	job := *deepJob(t, deepMix())
	dir := t.TempDir()
	job.Out = filepath.Join(dir, "straight")
	straight, err := Train(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	job.Out = filepath.Join(dir, "stopped")
	for range 8 {
		var ctx context.Context
		ctx, job.Progress = stopAfter(1)
		if _, err = Train(ctx, job); err == nil {
			break
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	if err != nil || !bytes.Equal(readFile(t, job.Out+".safetensors"), readFile(t, straight.Path)) {
		t.Errorf("the checkpoint of the stopped run differs from the straight one's (%v)", err)
	}
	if h := straight.History[1]; h.NoisyAccuracy < 0 || h.NoisyLoss < 0 {
		t.Errorf("history %+v", h)
	}
}

// An interrupt takes effect before the next call into XLA, wherever it comes in a step, and leaves the trainer as it
// was; a completed step frees the tensors before it.
func TestDeepStepIsInterrupted(t *testing.T) {
	tr, err := newTrainer(deepJob(t, deepMix()), nil, state{})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.free()
	old := tr.weights.all()
	interrupted := 0
	for looks := 0; ; looks++ {
		ctx := &steptest.Countdown{Context: t.Context(), Looks: looks}
		err := tr.step(ctx)
		if err == nil {
			break
		}
		interrupted++
		if !errors.Is(err, context.Canceled) || ctx.Looks != -1 {
			t.Fatalf("%v, after %d more looks", err, -1-ctx.Looks)
		}
		if tr.state.Update != 0 || !slices.Equal(tr.weights.all(), old) {
			t.Fatalf("interrupted at look %d, it is at update %d", looks, tr.state.Update)
		}
	}
	if interrupted < 5 { // noise, images, two steps of the search, the update: each call checks the context
		t.Errorf("interrupted at %d places", interrupted)
	}
	for _, w := range old {
		if w.CheckValid() == nil {
			t.Fatal("the weights before the step are still there")
		}
	}
}

// BenchmarkDeep is a whole training step of a ResNet on 32×32×3 images: first with its compilations, then by itself,
// and the process' largest memory so far.
func BenchmarkDeep(b *testing.B) {
	for _, name := range []string{"resnet20", "resnet110"} {
		for _, batch := range []int{16, 128} {
			b.Run(fmt.Sprintf("%s-m2-T4-%d", name, batch), func(b *testing.B) {
				a, m, s := network(
					b,
					name,
				), &smoothmix.SmoothMix{
					Sigma:  0.5,
					M:      2,
					Steps:  4,
					Alpha:  1,
					Eta:    5,
					Warmup: 10,
				}, DefaultSettings()
				s.Batch, s.Split = batch, 1
				t, err := newTrainer(
					&Job{
						Engine:   testengine.Open(b),
						Start:    classifier.New(a, 1),
						Data:     colours(batch),
						Method:   m,
						Settings: s,
					},
					nil,
					state{},
				)
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
				searching, err := searchTime(b, t)
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(searching.Seconds()/4, "s-searchstep")
				b.ReportMetric((each - searching).Seconds(), "s-update")
				b.ReportMetric((first - each).Seconds(), "s-compiling")
				b.ReportMetric(2*float64(a.MACs)*float64(2*batch)*(4*2+2*3)/each.Seconds()/1e9, "GFLOP/s")
				b.ReportMetric(peakMemory(), "MB-peak")
			})
		}
	}
}

// searchTime returns the time of a step's search.
func searchTime(b *testing.B, t *trainer) (time.Duration, error) {
	images, err := t.batch(t.spans[0])
	if err != nil {
		return 0, err
	}
	noise, err := t.noise(b.Context(), images[0])
	if err != nil {
		return 0, err
	}
	begun := time.Now()
	far, near, err := t.search(b.Context(), images, noise)
	took := time.Since(begun)
	return took, errors.Join(err, engine.Free(images...), engine.Free(noise, far, near))
}

// peakMemory returns the largest resident size of this process, in MB; 0 if the system does not report it.
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
