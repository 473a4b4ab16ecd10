package walk

import (
	"context"
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
	"smoothlab/smoothing"
	"smoothlab/train"

	"github.com/gomlx/gomlx/core/tensors"
)

// Job is what a walk begins with.
type Job struct {
	Engine *engine.Engine
	Start  *classifier.Classifier // the weights of every verb; they are not changed
	Data   *dataset.Dataset       // the batch: all of its images
	Seed   uint64                 // of noise and lambda, until Noise draws with another one
	Epoch  int                    // whose warm-up is used, from 0; −1 for full strength
}

// Walk is one training step, taken verb by verb: noise, loss, search, mix, update. Each verb is given the method, whose
// settings may have changed since the last one. A verb that comes too early has the missing ones done first; a verb
// that is done again discards what followed it; one that fails, or whose ctx ends, leaves the walk as it was. Ctx is
// looked at between calls into XLA. A walk serves one goroutine at a time and has to be closed.
type Walk struct {
	job    Job
	method method.Method // as the walk began: verbs take the same one with any settings
	length float64

	params         []*tensors.Tensor // nil once closed
	pixels, labels *tensors.Tensor

	at position
}

// position is how far a walk has gone.
type position struct {
	seed   uint64
	under  smoothing.Smoothing
	noise  *tensors.Tensor // [m, B, H, W, C]; nil before Noise
	look   *Look           // at the images under this noise; nil before it was needed, like images
	images [][]float32
	path   []Point // of the search, the images first; nil before it began

	looked, mixed, updated bool
}

// New begins a walk of a method of the list, or of a caller's own.
func New(job Job, m method.Method) (*Walk, error) {
	if err := method.Check(m); err != nil {
		return nil, err
	}
	if err := stepgraph.CheckImages(job.Data, job.Start.Fits); err != nil {
		return nil, err
	}
	switch {
	case job.Data.Len() == 0:
		return nil, errors.New("there are no images to walk with")
	case job.Epoch < -1:
		return nil, fmt.Errorf("epoch must be at least 0, or −1 for a warm-up at full strength, got %d", job.Epoch)
	}
	w := &Walk{job: job, method: method.Clone(m), at: position{seed: job.Seed}}
	for i, p := range job.Start.Arch.Params {
		w.params = append(w.params, tensors.FromFlatDataAndDimensions(job.Start.Params[i], p.Dims...))
	}
	for _, i := range job.Start.Arch.Trained() {
		for _, v := range job.Start.Params[i] {
			w.length += float64(v) * float64(v)
		}
	}
	w.length = math.Sqrt(w.length)
	w.pixels, w.labels = stepgraph.Batch(job.Data, job.Start.Arch.Input, everyImage(job.Data), job.Data.Image)
	return w, nil
}

// everyImage is the positions of all images, in order.
func everyImage(d *dataset.Dataset) []int {
	positions := make([]int, d.Len())
	for i := range positions {
		positions[i] = i
	}
	return positions
}

// Close frees the walk's tensors.
func (w *Walk) Close() error {
	err := errors.Join(engine.Free(w.params...), engine.Free(w.pixels, w.labels, w.at.noise))
	w.params, w.pixels, w.labels, w.at = nil, nil, nil, position{seed: w.at.seed}
	return err
}

// Path is the search so far, the images themselves first; nil before it has begun. It is not to be changed.
func (w *Walk) Path() []Point { return slices.Clip(w.at.path) }

// Seed is that of the noise and of lambda.
func (w *Walk) Seed() uint64 { return w.at.seed }

// Done names the verbs that count, in their order, such as "noise", "loss", "search 4", "mix".
func (w *Walk) Done() []string {
	var done []string
	add := func(yes bool, verb string) {
		if yes {
			done = append(done, verb)
		}
	}
	add(w.at.noise != nil, "noise")
	add(w.at.looked, "loss")
	add(len(w.at.path) > 0, fmt.Sprintf("search %d", len(w.at.path)-1))
	add(w.at.mixed, "mix")
	add(w.at.updated, "update")
	return done
}

// Noise draws the noise of update 0 of a training with this seed and batch, and goes back to the images.
func (w *Walk) Noise(ctx context.Context, m method.Method, seed uint64) (result *Noise, err error) {
	err = w.verb(m, func(at *position) error {
		*at = position{seed: seed}
		if err := w.draw(ctx, m, at); err != nil {
			return err
		}
		result, err = w.noisy(at)
		return err
	})
	return result, err
}

// Loss looks at the smoothed loss at the images, where it goes back to.
func (w *Walk) Loss(ctx context.Context, m method.Method) (result *Look, err error) {
	err = w.verb(m, func(at *position) error {
		at.path, at.mixed, at.updated = nil, false, false
		if err := w.lookAtImages(ctx, m, at); err != nil {
			return err
		}
		at.looked, result = true, at.look
		return nil
	})
	return result, err
}

// Search takes n more steps of the method's search, with the settings that m has now, and returns their n points.
func (w *Walk) Search(ctx context.Context, m method.Method, n int) (result []Point, err error) {
	err = w.verb(m, func(at *position) error {
		switch {
		case m.Traits().WholeSearch:
			return fmt.Errorf(
				"%s takes all steps of its attack at once: the verb that comes next is update()",
				m.Name(),
			)
		case !method.Searches(m):
			return fmt.Errorf("%s searches for nothing: the verb that comes next is update()", m.Name())
		case n < 1:
			return fmt.Errorf("search takes at least 1 step, got %d", n)
		}
		at.mixed, at.updated = false, false
		if err := w.search(ctx, m, at, n); err != nil {
			return err
		}
		result = at.path[len(at.path)-n:]
		return nil
	})
	return result, err
}

// Mix mixes the ends of the search with the lambda of update 0. Where nothing was searched for it takes the method's
// own number of steps first.
func (w *Walk) Mix(ctx context.Context, m method.Method) (result *Mixture, err error) {
	err = w.verb(m, func(at *position) error {
		at.updated = false
		if err := w.arrive(ctx, m, at); err != nil {
			return err
		}
		result, err = w.mix(ctx, m, at)
		at.mixed = true
		return err
	})
	return result, err
}

// Update takes the training step from the initial weights, with the lr, momentum and weight_decay of s. Where nothing
// was searched for it takes the method's own number of steps first. A loss or update that is not finite is
// [train.ErrNotFinite].
func (w *Walk) Update(ctx context.Context, m method.Method, s train.Settings) (result *Update, err error) {
	err = w.verb(m, func(at *position) error {
		if err := s.CheckOptimizer(); err != nil {
			return err
		}
		if err := w.arrive(ctx, m, at); err != nil {
			return err
		}
		if err := w.lookAtImages(ctx, m, at); err != nil {
			return err
		}
		result, err = w.update(ctx, m, at, s)
		at.updated = true
		return err
	})
	return result, err
}

// verb does something with a copy of the walk's position, which it adopts if that went well.
func (w *Walk) verb(m method.Method, do func(at *position) error) error {
	if err := w.check(m); err != nil {
		return err
	}
	at := w.at
	if err := do(&at); err != nil {
		if at.noise != w.at.noise {
			err = errors.Join(err, engine.Free(at.noise))
		}
		return err
	}
	old := w.at.noise
	w.at = at
	if old != at.noise {
		return engine.Free(old)
	}
	return nil
}

func (w *Walk) check(m method.Method) error {
	if w.params == nil {
		return errors.New("the walk is closed: begin another one")
	}
	if err := method.Check(m); err != nil {
		return err
	}
	if reflect.TypeOf(m) != reflect.TypeOf(w.method) || m.Name() != w.method.Name() {
		return fmt.Errorf("this is a walk with %s: begin another one for %s", w.method.Name(), m.Name())
	}
	return nil
}

// standing has the noise drawn if it is not, or says that it no longer belongs to the method's settings.
func (w *Walk) standing(ctx context.Context, m method.Method, at *position) error {
	if at.noise == nil {
		return w.draw(ctx, m, at)
	}
	drawn := at.noise.Shape().Dimensions[0]
	switch under := method.Noise(m); {
	case under != at.under:
		return fmt.Errorf(
			"the noise was drawn at %s, and %s is %g now: noise() draws it again",
			smoothing.Describe(at.under),
			under.Parameters()[0].Name,
			smoothing.Scale(under),
		)
	case m.Traits().Noises != drawn:
		return fmt.Errorf(
			"%d noises an image were drawn, and m is %d now: noise() draws them again",
			drawn,
			m.Traits().Noises,
		)
	}
	return nil
}

// arrive has the images searched from if that was to be done and is not.
func (w *Walk) arrive(ctx context.Context, m method.Method, at *position) error {
	if err := w.standing(ctx, m, at); err != nil {
		return err
	}
	if !method.Searches(m) {
		return nil
	}
	if at.path == nil {
		steps, _ := method.Setting(m, "steps")
		if err := w.search(ctx, m, at, int(steps)); err != nil {
			return err
		}
	}
	if k, taken := method.MixStep(m), len(at.path)-1; k > taken {
		return fmt.Errorf(
			"mix_step is %d, and the search has taken %d of its steps: search(%d) comes first",
			k,
			taken,
			k-taken,
		)
	}
	return nil
}
