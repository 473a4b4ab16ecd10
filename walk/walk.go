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

// Job describes the start of a walk.
type Job struct {
	Engine *engine.Engine
	Start  *classifier.Classifier // weights for every verb; not changed
	Data   *dataset.Dataset       // the batch: all images of the data set
	Seed   uint64                 // seed of noise and lambda, until Noise draws with another one
	Epoch  int                    // epoch for the warm-up, from 0; −1 means full strength
}

// Walk is one training step, taken verb by verb: noise, loss, search, mix, update; or noise, votes, attack, select,
// update, if the method's search moves the noise. Each verb takes the method, whose settings may have changed since the
// last verb. A verb runs the verbs that it needs and that were not run. A repeated verb discards what followed it. A
// verb that fails, or whose ctx ends, leaves the walk unchanged. Ctx is checked between calls into XLA. A walk serves
// one goroutine at a time and must be closed.
type Walk struct {
	job    Job
	method method.Method // with the settings at the beginning; verbs take the same method with any settings
	length float64       // L2 norm of the trained parameters

	params []*tensors.Tensor // nil once closed
	images []*tensors.Tensor // pixels, labels and, if the method has them, targets

	at position
}

// position holds what the verbs so far have computed.
type position struct {
	seed   uint64
	under  smoothing.Smoothing // what the noise was drawn from
	noise  *tensors.Tensor     // [m, B, H, W, C]; nil before Noise
	look   *Look               // the loss at the images under this noise; nil until needed, like images
	images [][]float32
	path   []Point // points of the search, starting with the images; nil before the search

	attack   []NoisePoint // points of a search that is OnNoise, starting with the drawn noise; nil before it
	attacked []float32    // noise at the last of them, [m, B, H, W, C]

	looked, voted, mixed, selected, updated bool // the verbs that are in effect, for Done
}

// New begins a walk of a listed or custom method.
func New(job Job, m method.Method) (*Walk, error) {
	if err := method.Check(m); err != nil {
		return nil, err
	}
	if err := stepgraph.CheckImages(job.Data, job.Start.Fits); err != nil {
		return nil, err
	}
	if err := train.CheckTargets(m, job.Data); err != nil {
		return nil, err
	}
	switch {
	case job.Data.Len() == 0:
		return nil, errors.New("the walk needs at least one image")
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
	w.images = stepgraph.Batch(m, job.Data, job.Start.Arch.Input, everyImage(job.Data), job.Data.Image)
	return w, nil
}

// everyImage returns the positions of all images, in order.
func everyImage(d *dataset.Dataset) []int {
	positions := make([]int, d.Len())
	for i := range positions {
		positions[i] = i
	}
	return positions
}

// Close frees the walk's tensors.
func (w *Walk) Close() error {
	err := errors.Join(engine.Free(w.params...), engine.Free(w.images...), engine.Free(w.at.noise))
	w.params, w.images, w.at = nil, nil, position{seed: w.at.seed}
	return err
}

// Path returns the search so far, starting with the images; nil before it has begun. The caller must not change it.
func (w *Walk) Path() []Point { return slices.Clip(w.at.path) }

// Seed returns the seed of the noise and of lambda.
func (w *Walk) Seed() uint64 { return w.at.seed }

// Done names the verbs that are in effect, in order, such as "noise", "loss", "search 4", "mix".
func (w *Walk) Done() []string {
	var done []string
	add := func(yes bool, verb string) {
		if yes {
			done = append(done, verb)
		}
	}
	add(w.at.noise != nil, "noise")
	add(w.at.looked, "loss")
	add(w.at.voted, "votes")
	add(len(w.at.path) > 0, fmt.Sprintf("search %d", len(w.at.path)-1))
	add(len(w.at.attack) > 0, fmt.Sprintf("search %d", len(w.at.attack)-1))
	add(w.at.mixed, "mix")
	add(w.at.selected, "select")
	add(w.at.updated, "update")
	return done
}

// Noise draws the noise of update 0 of a training with this seed and batch, and returns to the images.
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

// Loss computes the smoothed loss at the images, and returns to them.
func (w *Walk) Loss(ctx context.Context, m method.Method) (result *Look, err error) {
	err = w.verb(m, func(at *position) error {
		at.backToNoise()
		if err := w.lookAtImages(ctx, m, at); err != nil {
			return err
		}
		at.looked, result = true, at.look
		return nil
	})
	return result, err
}

// Search takes n more steps of the method's search with the current settings of m, and returns the n points.
func (w *Walk) Search(ctx context.Context, m method.Method, n int) (result []Point, err error) {
	err = w.verb(m, func(at *position) error {
		switch {
		case m.Traits().WholeSearch:
			return fmt.Errorf(
				"%s takes all steps of its attack at once: call update() next",
				m.Name(),
			)
		case !method.Searches(m):
			return fmt.Errorf("%s has no search: call update() next", m.Name())
		case m.Traits().OnNoise:
			return fmt.Errorf("the search of %s moves the noise and not the images: call Attack", m.Name())
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

// Mix mixes the ends of the search with the lambda of update 0. If nothing was searched it first takes the method's
// number of steps.
func (w *Walk) Mix(ctx context.Context, m method.Method) (result *Mixture, err error) {
	err = w.verb(m, func(at *position) error {
		at.updated = false
		if m.Traits().OnNoise {
			return fmt.Errorf("%s mixes nothing: call select() or update() next", m.Name())
		}
		if err := w.ensureSearched(ctx, m, at); err != nil {
			return err
		}
		result, err = w.mix(ctx, m, at)
		at.mixed = true
		return err
	})
	return result, err
}

// Update takes the training step from the initial weights, with the lr, optimizer and clip of s. If nothing was
// searched it first takes the method's number of steps. A loss or update that is not finite gives the error
// [train.ErrNotFinite].
func (w *Walk) Update(ctx context.Context, m method.Method, s train.Settings) (result *Update, err error) {
	err = w.verb(m, func(at *position) error {
		if err := s.CheckOptimizer(); err != nil {
			return err
		}
		m := w.phase(m)
		if err := w.ensureSearched(ctx, m, at); err != nil {
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

// phase returns the method that trains in the walk's epoch, which may be a phase of m; at full strength it is m.
func (w *Walk) phase(m method.Method) method.Method {
	if w.job.Epoch < 0 {
		return m
	}
	return method.InEpoch(m, w.job.Epoch)
}

// verb runs a function on a copy of the walk's position, and keeps the copy if it succeeds.
func (w *Walk) verb(m method.Method, do func(at *position) error) error {
	if err := w.check(m); err != nil {
		return err
	}
	at := w.at
	if err := do(&at); err != nil {
		if at.noise != w.at.noise {
			err = errors.Join(err, engine.Free(at.noise))
		}
		return w.inMemory(m, err)
	}
	old := w.at.noise
	w.at = at
	if old != at.noise {
		return engine.Free(old)
	}
	return nil
}

// check returns an error if a verb cannot run: the walk is closed, or m is invalid or another method.
func (w *Walk) check(m method.Method) error {
	if w.params == nil {
		return errors.New("the walk is closed: start another one")
	}
	if err := method.Check(m); err != nil {
		return err
	}
	if reflect.TypeOf(m) != reflect.TypeOf(w.method) || m.Name() != w.method.Name() {
		return fmt.Errorf("this walk uses %s: start another one for %s", w.method.Name(), m.Name())
	}
	return nil
}

// ensureNoise draws the noise if it is missing, and returns an error if it does not fit the method's settings.
func (w *Walk) ensureNoise(ctx context.Context, m method.Method, at *position) error {
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
			"%d noise samples per image were drawn, and m is %d now: noise() draws them again",
			drawn,
			m.Traits().Noises,
		)
	}
	return nil
}

// ensureSearched runs the search from the images if it is needed and missing.
func (w *Walk) ensureSearched(ctx context.Context, m method.Method, at *position) error {
	if err := w.ensureNoise(ctx, m, at); err != nil {
		return err
	}
	if !method.Searches(m) {
		return nil
	}
	if m.Traits().OnNoise {
		return w.ensureAttacked(ctx, m, at)
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
