package train

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"

	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/engine"
	"smoothlab/internal/stepgraph"
	"smoothlab/method"
	"smoothlab/noise/draw"
	"smoothlab/smoothing"
)

// ErrNotFinite is the error of a step whose loss or update was NaN or infinite; the step was not taken.
var ErrNotFinite = errors.New("the loss or the update is not a finite number")

// ErrFinished is the error of changing a setting after the last step, which no step would use.
var ErrFinished = errors.New("the training has taken its last step")

// trainer takes the optimizer steps of one run and tracks its position. Its weights are always those after state.Update
// steps: a step reads old tensors and returns new ones, so a failed step changes nothing.
type trainer struct {
	engine *engine.Engine
	start  *classifier.Classifier // with the weights of update 0
	arch   *classifier.Architecture
	data   *dataset.Dataset
	test   *dataset.Dataset // nil means that no accuracy is measured
	method method.Method

	state   state
	weights weights
	rule    stepgraph.Rule
	order   []int    // the images of the current epoch, in their order
	repeats []uint32 // where images are drawn with replacement, how often each came before in the epoch; else nil
	spans   []span
	latest  []float32             // report of the latest step: the loss, then its terms
	augment *dataset.Augmentation // nil means no augmentation
}

// newTrainer starts a run at update 0, or at the position of a checkpoint.
func newTrainer(job *Job, ck *classifier.Checkpoint, st state) (*trainer, error) {
	m := method.Clone(job.Method)
	rule, err := stepgraph.FindRule(job.Settings.Optimizer)
	if err != nil {
		return nil, err
	}
	if ck != nil {
		if m, err = method.Unmarshal(st.Method, job.Method); err != nil {
			return nil, err
		}
	}
	t := &trainer{
		engine: job.Engine,
		start:  job.Start,
		arch:   job.Start.Arch,
		data:   job.Data,
		test:   job.Test,
		method: m,
		state:  st,
		rule:   rule,
	}
	t.state.Settings = job.Settings
	if !t.finished() {
		t.setDevices(max(1, job.Devices), ck != nil)
		t.setTest(Tested(job.Test))
	}
	if name := job.Settings.Augment; name != "" {
		a, err := dataset.FindAugmentation(name)
		if err != nil {
			return nil, err
		}
		t.augment = &a
	}
	t.spans = job.Settings.spans(m, job.Data.Len())
	t.weights = startWeights(job.Start, rule, job.Settings.EMA > 0, ck)
	t.arrange()
	return t, nil
}

// setDevices sets the number of devices. It records a change if the run began with another number.
func (t *trainer) setDevices(devices int, begun bool) {
	if was := t.state.devices(); begun && was != devices {
		t.record("devices", float64(was), float64(devices))
	}
	t.state.Devices = devices
}

// setTest sets the images that measure accuracy. It records a change if the run began with others.
func (t *trainer) setTest(now string) {
	if was := t.state.Test; was != "" && was != now {
		t.state.Changes = append(t.state.Changes, Change{Update: t.state.Update, Name: "test",
			Text: fmt.Sprintf("test images %s → %s from update %d on", was, now, t.state.Update)})
	}
	t.state.Test = now
}

// record records that a setting has another value from the next update on.
func (t *trainer) record(name string, was, is float64) {
	t.state.Changes = append(t.state.Changes, Change{Update: t.state.Update, Name: name,
		Text: fmt.Sprintf("%s %g → %g from update %d on", name, was, is, t.state.Update)})
}

func (t *trainer) free() error { return engine.Free(t.weights.all()...) }

func (t *trainer) finished() bool { return t.state.Epoch >= t.state.Settings.Epochs }

// updates returns the number of optimizer steps of the whole run.
func (t *trainer) updates() int { return t.state.Settings.Epochs * len(t.spans) }

// Set changes settings of the method from the next step on, and records each change.
func (t *trainer) Set(m method.Method) error {
	if t.finished() {
		return ErrFinished
	}
	if err := method.Check(m); err != nil {
		return err
	}
	if reflect.TypeOf(m) != reflect.TypeOf(t.method) || method.CompiledKey(m) != method.CompiledKey(t.method) {
		return fmt.Errorf(
			"a run cannot change from %s to %s: whole-number settings, and whether there is a maxnorm, are fixed during a run",
			method.Describe(t.method),
			method.Describe(m),
		)
	}
	old := method.Fields(t.method)
	for i, f := range method.Fields(m) {
		if f.Value != old[i].Value {
			t.record(f.Name, old[i].Value, f.Value)
		}
	}
	t.method = method.Clone(m)
	return nil
}

// step takes one optimizer step and advances the position.
func (t *trainer) step(ctx context.Context) error {
	m, o := method.InEpoch(t.method, t.state.Epoch), t.optimizer()
	p, err := stepProgram(t.engine, t.arch, m, o)
	if err != nil {
		return err
	}
	images, err := t.batch(t.spans[t.state.At])
	if err != nil {
		return err
	}
	defer engine.Free(images...)
	noise, err := t.noise(ctx, images[0])
	if err != nil {
		return err
	}
	defer engine.Free(noise)
	args := stepgraph.Arguments(
		slices.Concat(t.weights.all(), images),
		noise,
		draw.Key(t.state.Settings.Seed),
		uint32(t.state.Update),
		t.scalars(),
		o.Inputs(),
	)
	if splitSearch(t.arch, m) {
		far, near, err := t.search(ctx, images, noise)
		if err != nil {
			return err
		}
		defer engine.Free(far, near)
		args = append(args, far, near)
	}
	out, err := p.CallAcross(ctx, engine.Whole, args...)
	if err != nil {
		return err
	}
	old := t.weights.all()
	last := len(old)
	report, err := engine.Read[float32](t.engine, out[last].Part(0))
	if err == nil && !stepgraph.Finite(report) {
		err = ErrNotFinite
	}
	if err != nil {
		return errors.Join(err, engine.Free(out...))
	}
	t.weights = t.weights.replaced(out[:last])
	t.advance(report[:len(report)-2], p.Labels())
	return engine.Free(append(old, out[last])...)
}

// noise draws the noise of the next update.
func (t *trainer) noise(ctx context.Context, pixels *engine.Sharded) (*engine.Sharded, error) {
	p, err := stepgraph.NoiseProgram(t.engine, method.Noise(t.method), t.method.Traits().Noises)
	if err != nil {
		return nil, err
	}
	out, err := p.CallAcross(
		ctx,
		1,
		draw.Key(t.state.Settings.Seed),
		uint32(t.state.Update),
		float32(smoothing.Scale(method.Noise(t.method))),
		pixels,
	)
	if err != nil {
		return nil, err
	}
	return out[0], nil
}

// scalars returns the scalar inputs of the next step.
func (t *trainer) scalars() []float32 {
	return stepgraph.ScalarInputs(t.method, t.method.Traits().Warm(t.state.Epoch))
}

// optimizer returns the optimizer of the next step.
func (t *trainer) optimizer() stepgraph.Optimizer {
	return t.state.Settings.step(t.rule, t.rate(t.state.Update), t.state.Update)
}

// rate returns the learning rate of an update.
func (t *trainer) rate(update int) float64 { return t.state.Settings.Rate(update, len(t.spans)) }

// batch gathers the pixels, the labels and, if the method has them, the targets of a mini-batch, split for the devices.
func (t *trainer) batch(sp span) ([]*engine.Sharded, error) {
	image := t.data.Image
	if t.augment != nil {
		position := sp.from
		image = func(k int) []byte {
			position++
			return t.augmented(k, position-1)
		}
	}
	batch := stepgraph.Batch(t.method, t.data, t.arch.Input, t.order[sp.from:sp.to], image)
	return shardAll(t.state.Devices, batch...)
}

// augmented returns the augmented image k at a position of the current epoch. An image that comes again in the epoch is
// augmented anew.
func (t *trainer) augmented(k, position int) []byte {
	d, repeat := t.data, uint32(0)
	if t.repeats != nil {
		repeat = t.repeats[position]
	}
	return t.augment.Append(
		nil,
		d.Image(k),
		d.Height,
		d.Width,
		d.Channels,
		t.augment.Words(t.state.Settings.Seed, t.state.Epoch, d.Indices[k], repeat),
	)
}

// advance adds a step's report to the epoch's sums and advances the position.
func (t *trainer) advance(report []float32, labels []string) {
	st := &t.state
	if st.At == 0 {
		st.Sums, st.Labels = make([]float64, len(report)), labels
	}
	for i, v := range report {
		st.Sums[i] += float64(v)
	}
	t.latest = report
	st.At++
	st.Update++
}

// means returns the epoch's mean loss and terms so far.
func (t *trainer) means() (loss float64, terms []Mean) {
	st := &t.state
	if st.At == 0 {
		return 0, nil
	}
	for i, name := range st.Labels {
		terms = append(terms, Mean{name, st.Sums[i+1] / float64(st.At)})
	}
	return st.Sums[0] / float64(st.At), terms
}

// endEpoch measures the noisy accuracy, adds the epoch to the history and starts the next one.
func (t *trainer) endEpoch(ctx context.Context) error {
	accuracy, xent, err := t.noisyTest(ctx)
	if err != nil {
		return err
	}
	st := &t.state
	loss, terms := t.means()
	if math.IsNaN(xent) || math.IsInf(xent, 0) { // training may recover, and JSON has no such numbers
		xent = -1
	}
	st.History = append(
		st.History,
		Epoch{Epoch: st.Epoch, LR: t.rate(st.Update - 1), Warm: t.method.Traits().Warm(st.Epoch),
			Loss: loss, Terms: terms, NoisyAccuracy: accuracy, NoisyLoss: xent, Kept: t.state.Choice.kept()},
	)
	st.Epoch, st.At, st.Sums = st.Epoch+1, 0, nil
	if !t.finished() {
		t.arrange()
	}
	return nil
}

// snapshot copies weights, buffers and position to the host.
func (t *trainer) snapshot() (*classifier.Checkpoint, error) {
	c, err := stepgraph.Trained(t.engine, t.start, t.data, t.method, firstShards(t.weights.judged()))
	if err != nil {
		return nil, err
	}
	ck := &classifier.Checkpoint{Classifier: c}
	if t.state.Settings.EMA > 0 {
		c.Facts.Weights = t.state.Settings.averageText()
	}
	if err := t.weights.copyTo(t.engine, ck, t.rule); err != nil {
		return nil, err
	}
	st := t.state
	if st.Method, err = method.Marshal(t.method); err != nil {
		return nil, err
	}
	ck.Training, err = json.Marshal(st)
	return ck, err
}
