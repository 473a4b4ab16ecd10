package train

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"smoothlab/baseline"
	"smoothlab/classifier"
	"smoothlab/engine"
	"smoothlab/internal/stepgraph"
	"smoothlab/internal/steptest"
	"smoothlab/internal/testengine"
	"smoothlab/method"
	"smoothlab/smoothmix"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// tolShared bounds the difference between updates on several devices and on one: the largest difference of a weight,
// divided by the largest change of a weight. The devices add up sums over the images, of losses and gradients, in
// parts, so that their last bits differ; what is left of it in a weight of some .1 after two updates, which move it by
// up to some .005, is one last bit (1e-8) or two, and a search step multiplies such errors as in the golden tests.
const tolShared = 2e-5

// tolLoss is the same for the mean losses of a short run, relative to them: a float32's last bits.
const tolLoss = 1e-6

// updatesOn takes the first n updates of a job, with the same images, on some devices.
func updatesOn(t *testing.T, job *Job, devices, n int) *classifier.Classifier {
	t.Helper()
	on := *job
	on.Devices = devices
	tr, err := newTrainer(&on, nil, state{})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.free()
	for range n {
		tr.state.At = 0
		if err := tr.step(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := tr.weights.params[0].Devices(); got != devices {
			t.Fatalf("the weights lie on %d devices, want %d", got, devices)
		}
	}
	c, err := tr.Classifier()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Methods take the same updates on several devices as on one, with the linear network, which compiles quickly.
// TestWalkIsATrainingStep has the same methods, so that their programs for one device are compiled once for both tests.
// The default ones together cover all kinds of shared work: a search, several passes, targets. SMOOTHLAB_TEST_ALL=1 has
// every method, also with LeNet.
func TestMethodsOnSeveralDevices(t *testing.T) {
	same := func(t *testing.T, arch string, m method.Method, devices ...int) {
		job := oneBatch(t, arch, m)
		one := updatesOn(t, job, 1, 2)
		for _, n := range devices {
			steptest.CompareWeights(t, job.Start, one, updatesOn(t, job, n, 2), tolShared)
		}
	}
	eachMethod(t, func(t *testing.T, m method.Method) {
		if !slices.Contains([]string{"gaussian", "smoothmix", "macer", "catrs"}, m.Name()) {
			testengine.SkipUnlessAll(t)
		}
		same(t, "linear", m, 4)
		if testengine.All() {
			same(t, "lenet", m, 2, 4)
		}
	})
}

// ResNet-20's pass in training mode on two devices has the authors' logits and running statistics, which are the whole
// batch's; each device alone would have those of its half.
func TestGoldenResNet20OnTwoDevices(t *testing.T) {
	steptest.With(t, "resnet20_forward", func(g *steptest.Golden) {
		p, err := testengine.Open(t).Program(steptest.Unique(t.Name()), func(_ *engine.Program, in []*Node) []*Node {
			after := g.Arch.Weights(in[1:])
			return append(
				[]*Node{g.Arch.Logits(after, steptest.Images(in[0]), classifier.Train)},
				steptest.Statistics(g.Arch, after)...)
		})
		if err != nil {
			t.Fatal(err)
		}
		x, err := engine.Shard(g.Array("x"), 0, 2)
		if err != nil {
			t.Fatal(err)
		}
		args := []any{x}
		for _, w := range g.Params {
			args = append(args, engine.Replicate(w.(*tensors.Tensor)))
		}
		out, err := p.CallAcross(t.Context(), engine.Whole, args...)
		if err != nil {
			t.Fatal(err)
		}
		defer engine.Free(out...)
		values, err := stepgraph.CopyAll(testengine.Open(t), firstShards(out))
		if err != nil {
			t.Fatal(err)
		}
		g.Near("logits", values[0], g.Values("logits_train"), steptest.TolForward)
		g.Statistics(values[1:], "after_train_forward.", steptest.TolForward)
	})
}

// A whole step of ResNet-20, with a separate search, on two devices equals the step on one; only with
// SMOOTHLAB_TEST_ALL=1.
func TestResNet20OnTwoDevices(t *testing.T) {
	testengine.SkipUnlessAll(t)
	job := deepJob(t, deepMix())
	steptest.CompareRectified(t, job.Start, updatesOn(t, job, 1, 1), updatesOn(t, job, 2, 1))
}

// The noise of a step has the same bits however its images are divided; each device draws the noise of its own images.
func TestNoiseOnSeveralDevices(t *testing.T) {
	job := oneBatch(t, "linear", &smoothmix.SmoothMix{Sigma: 0.5, M: 3, Steps: 1, Alpha: 1, Eta: 5})
	var want []float32
	for _, devices := range []int{1, 2, 4} {
		job.Devices = devices
		tr, err := newTrainer(job, nil, state{})
		if err != nil {
			t.Fatal(err)
		}
		defer tr.free()
		images, err := tr.batch(tr.spans[0])
		if err != nil {
			t.Fatal(err)
		}
		noise, err := tr.noise(t.Context(), images[0])
		if err != nil {
			t.Fatal(err)
		}
		got := make([]float32, 0, 3*8*784)
		for k := range 3 {
			for d := range devices {
				part := tensors.MustCopyFlatData[float32](noise.Part(d))
				each := len(part) / 3
				got = append(got, part[k*each:(k+1)*each]...)
			}
		}
		if want == nil {
			want = got
		}
		if len(got) != 3*8*784 || !slices.Equal(got, want) {
			t.Errorf("the noise on %d devices is another one", devices)
		}
		engine.Free(append(images, noise)...)
	}
}

// The number of devices that share images divides the number of images.
func TestShares(t *testing.T) {
	for _, c := range []struct{ devices, images, want int }{
		{1, 64, 1}, {4, 64, 4}, {4, 6, 3}, {4, 7, 1}, {3, 64, 2}, {4, 2, 2}, {8, 20, 5}, {4, 1, 1},
	} {
		if got := shardCount(c.devices, c.images); got != c.want {
			t.Errorf("%d devices: %d share %d images, want %d", c.devices, got, c.images, c.want)
		}
	}
}

// A training step on four devices costs each a fourth of the work: XLA's own text of the programs has matrix products,
// and draws, of a fourth of the noisy copies and none of all of them. If XLA could not express the distribution, it
// would gather everything on every device, and results would still be right. Only a process that was started with
// XLA_FLAGS writes the text.
func TestWorkIsShared(t *testing.T) {
	const copies, each = 16, 4 // 8 images under 2 noises, on 4 devices; LeNet cuts one into 72 strips, then 16
	if os.Getenv("SMOOTHLAB_TEST_CHILD") != "" {
		job := oneBatch(t, "lenet", &smoothmix.SmoothMix{Sigma: 0.5, M: 2, Steps: 2, Alpha: 1, Eta: 5})
		updatesOn(t, job, 4, 1)
		return
	}
	dir := t.TempDir()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestWorkIsShared$")
	child.Env = append(os.Environ(), "SMOOTHLAB_TEST_CHILD=1", "XLA_FLAGS=--xla_dump_hlo_as_text --xla_dump_to="+dir)
	if out, err := child.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, c := range []struct {
		program, shape string
		rows           int // a noisy copy
	}{
		{"noise", `f32\[%d,196\]`, 1},
		{"train", `f32\[%d,500\]\S* dot`, 1},  // first linear layer
		{"train", `f32\[%d,160\]\S* dot`, 72}, // first convolution
		{"train", `f32\[%d,200\]\S* dot`, 16}, // second
		{"train", `f32\[%d,720\]\S* dot`, 16}, // its gradient
	} {
		files, err := filepath.Glob(filepath.Join(dir, "*."+c.program+"_*after_optimizations.txt"))
		if err != nil || len(files) != 1 {
			t.Fatalf("%s: %d texts, %v", c.program, len(files), err)
		}
		text := readFile(t, files[0])
		with := func(n int) int { return len(regexp.MustCompile(fmt.Sprintf(c.shape, n*c.rows)).FindAll(text, -1)) }
		if !bytes.Contains(text, []byte("num_partitions=4")) || with(each) == 0 || with(copies) > 0 {
			t.Errorf(
				"%s, %s: %d results of %d noisy copies and %d of all %d",
				c.program,
				c.shape,
				with(each),
				each,
				with(copies),
				copies,
			)
		}
	}
}

// sharedJob trains the linear network on two devices, which share the 10 images of an epoch's last updates, but not the
// 21 of the others.
func sharedJob(t *testing.T) Job {
	job := smallJob(t, baseline.NewGaussian())
	job.Start = classifier.New(network(t, "linear"), 1)
	job.Devices = 2
	return job
}

// A run on two devices that is stopped repeatedly writes the same bytes as an uninterrupted one. Resumed on one device,
// it records that, and ends with the same weights up to steptest.TolMixed, since most of its searches differ in last
// bits.
func TestResumeOnSeveralDevices(t *testing.T) {
	dir := t.TempDir()
	job := sharedJob(t)
	job.Out = filepath.Join(dir, "straight")
	straight, err := Train(t.Context(), job)
	if err != nil || straight.Devices != 2 {
		t.Fatalf("%+v, %v", straight, err)
	}
	stopping := func(out string, devices []int, stops ...int) (run *Run) {
		job.Out = filepath.Join(dir, out)
		for i, n := range stops {
			var ctx context.Context
			ctx, job.Progress = stopAfter(n)
			job.Devices = devices[min(i, len(devices)-1)]
			if run, err = Train(ctx, job); i < len(stops)-1 && !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
		}
		if err != nil || !run.Finished() {
			t.Fatalf("%+v, %v", run, err)
		}
		return run
	}
	same := stopping("stopped", []int{2}, 4, 4, 3, 100)
	if !bytes.Equal(readFile(t, same.Path), readFile(t, straight.Path)) {
		t.Error("the checkpoint of the stopped run differs from the straight one's")
	}
	moved := stopping("moved", []int{2, 0}, 8, 100) // 0 is one
	if c := moved.Changes; moved.Devices != 1 || len(c) != 1 || c[0].Text != "devices 2 → 1 from update 8 on" {
		t.Errorf("on %d devices in the end, changes %+v", moved.Devices, c)
	}
	for i, e := range moved.History {
		if w := straight.History[i]; !(math.Abs(e.Loss-w.Loss) <= tolLoss*w.Loss) ||
			e.NoisyAccuracy != w.NoisyAccuracy {
			t.Errorf(
				"epoch %d: loss %g, noisy accuracy %g, straight %g and %g",
				i,
				e.Loss,
				e.NoisyAccuracy,
				w.Loss,
				w.NoisyAccuracy,
			)
		}
	}
	job.Devices = 4
	if loaded, err := Train(
		t.Context(),
		job,
	); err != nil || !loaded.Loaded || loaded.Devices != 1 ||
		len(loaded.Changes) != 1 {
		t.Errorf("a finished run on other devices: %+v, %v", loaded, err)
	}
}

// An impossible number of devices is refused before any work.
func TestNumberOfDevices(t *testing.T) {
	job := sharedJob(t)
	have := job.Engine.Devices()
	for _, n := range []int{-1, have + 1} {
		job.Devices = n
		want := fmt.Sprintf("devices must be at least 1 and at most the %d available, got %d", have, n)
		if _, err := Train(t.Context(), job); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// A step on two devices is two calls, as on one, and settings that are inputs change without compiling; earlier tensors
// are freed on both devices.
func TestStepOnSeveralDevices(t *testing.T) {
	m := listedMix()
	job := oneBatch(t, "linear", m)
	job.Devices = 2
	tr, err := newTrainer(job, nil, state{})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.free()
	var compiled, calls int
	for i := range 3 {
		tr.state.At = 0
		m.Eta, m.Sigma, m.Alpha = m.Eta+1, m.Sigma+0.1, m.Alpha+0.1
		if err := tr.Set(m); err != nil {
			t.Fatal(err)
		}
		old := tr.weights.all()
		if err := tr.step(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, s := range old {
			for d := range s.Devices() {
				if s.Part(d).CheckValid() == nil {
					t.Fatalf("update %d left something on device %d", i, d)
				}
			}
		}
		c, n := job.Engine.Counts()
		if i > 0 && (c != compiled || n-calls != 2) {
			t.Errorf("update %d compiled %d programs and made %d calls, want none and 2", i, c-compiled, n-calls)
		}
		compiled, calls = c, n
	}
}

// An interrupt takes effect before the next call, wherever it comes in a step on two devices, and leaves the trainer as
// it was.
func TestStepOnSeveralDevicesIsInterrupted(t *testing.T) {
	job := oneBatch(t, "linear", listedMix())
	job.Start, job.Devices = disguised(job.Start, deepMACs), 2 // its search is made call by call
	tr, err := newTrainer(job, nil, state{})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.free()
	old := tr.weights.all()
	interrupted := 0
	for ; ; interrupted++ {
		ctx := &steptest.Countdown{Context: t.Context(), Looks: interrupted}
		err := tr.step(ctx)
		if err == nil {
			break
		}
		if !errors.Is(err, context.Canceled) || ctx.Looks != -1 {
			t.Fatalf("%v, after %d more looks", err, -1-ctx.Looks)
		}
		if tr.state.Update != 0 || !slices.Equal(tr.weights.all(), old) {
			t.Fatalf("interrupted at look %d, it is at update %d", interrupted, tr.state.Update)
		}
	}
	// noise, images, three steps of the search, the update: each looks before the call and at each device
	if interrupted < 12 {
		t.Errorf("interrupted at %d places", interrupted)
	}
}
