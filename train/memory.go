package train

import (
	"fmt"
	"math"
	"slices"

	"smoothlab/engine"
	"smoothlab/internal/humanize"
	"smoothlab/internal/stepgraph"
	"smoothlab/method"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
)

// demand is what the memory of a step depends on.
type demand struct {
	method method.Method
	images int // of one optimizer step
}

// similar is the factor within which two settings help as much.
const similar = 1.5

// checkMemory returns an error if a step takes more memory than limit, 0 for none, with a smaller value that fits. It
// compiles nothing.
func (t *trainer) checkMemory(limit float64) error {
	if limit == 0 || len(t.spans) == 0 {
		return nil
	}
	now := demand{t.method, t.spans[0].to - t.spans[0].from}
	need, err := t.need(now)
	if err != nil { // a graph that cannot be built: the step reports it, with the state that is kept
		return nil //nolint:nilerr
	}
	if need <= limit {
		return nil
	}
	advice := "use a smaller network"
	best, from := 0.0, 0
	for _, s := range t.sizes(now) {
		needOf := func(n int) (float64, error) { return t.need(s.with(n)) }
		n, err := largest(s.least, s.value, engine.SpareMemory*limit, needOf)
		if err != nil {
			return err
		}
		kept := float64(n) / float64(s.value)
		if kept > similar*best || kept > best/similar && s.value > from { // of two that help as much, the larger one
			best, from, advice = kept, s.value, fmt.Sprintf("%s=%d fits", s.name, n*s.unit)
		}
	}
	return fmt.Errorf(
		"a step of %s on %d images takes about %s of memory, more than the %s of this machine; %s",
		t.method.Name(), now.images, humanize.Gigabytes(need), humanize.Gigabytes(limit), advice)
}

// size is a number that a user can lower.
type size struct {
	name         string
	least, value int
	unit         int // what 1 is in the user's terms
	with         func(n int) demand
}

// sizes lists the numbers that the memory of a step grows with.
func (t *trainer) sizes(now demand) []size {
	parts := t.state.Settings.Parts(t.method)
	list := []size{{"batch", 1, now.images, parts, func(n int) demand { return demand{now.method, n} }}}
	for _, name := range []string{"m", "steps"} {
		if name == "m" && t.method.Traits().Splits > 1 { // the batch is split into m parts
			continue
		}
		value, _ := method.Setting(t.method, name)
		for least := 1; least < int(value); least++ { // some methods need two
			if _, err := method.With(now.method, name, float64(least)); err != nil {
				continue
			}
			list = append(list, size{name, least, int(value), 1, func(n int) demand {
				m, err := method.With(now.method, name, float64(n))
				if err != nil { // cannot happen: it is between two values that are accepted
					m = now.method
				}
				return demand{m, now.images}
			}})
			break
		}
	}
	return list
}

// largest returns a round number from least to n whose need is within the limit, 0 if there is none. The need grows
// about linearly.
func largest(least, n int, limit float64, need func(n int) (float64, error)) (int, error) {
	low, err := need(least)
	if err != nil || low > limit {
		return 0, err
	}
	high, err := need(n)
	if err != nil {
		return 0, err
	}
	if high > low {
		n = min(n, least+int(float64(n-least)*(limit-low)/(high-low)))
	}
	for n = rounded(n); n > least; n = rounded(n / 2) {
		if bytes, err := need(n); err != nil || bytes <= limit {
			return n, err
		}
	}
	return least, nil
}

// rounded rounds down to two digits.
func rounded(n int) int {
	unit := int(math.Pow10(max(0, len(fmt.Sprint(n))-2)))
	return n / unit * unit
}

// unrolled is the largest number of search steps for which the graph of a training step is built to estimate it. What
// more of them take is extrapolated.
const unrolled = 4

// need estimates the bytes that an optimizer step takes.
func (t *trainer) need(d demand) (float64, error) {
	steps, ok := method.Setting(d.method, "steps")
	if !ok || steps <= 2*unrolled || splitSearch(t.arch, d.method) {
		return t.estimate(d)
	}
	var at [2]float64
	for i := range at {
		m, err := method.With(d.method, "steps", float64((i+1)*unrolled))
		if err != nil {
			return 0, err
		}
		if at[i], err = t.estimate(demand{m, d.images}); err != nil {
			return 0, err
		}
	}
	return at[1] + (steps/unrolled-2)*(at[1]-at[0]), nil
}

// estimate estimates the bytes of the programs of a step from their graphs.
func (t *trainer) estimate(d demand) (float64, error) {
	o := t.optimizer()
	step, err := stepProgram(t.engine, t.arch, d.method, o)
	if err != nil {
		return 0, err
	}
	image := []int{t.arch.Input.Height, t.arch.Input.Width, t.arch.Input.Channels}
	of := func(kind dtypes.DType, leading ...int) shapes.Shape {
		return shapes.Make(kind, slices.Concat(leading, image)...)
	}
	images := []shapes.Shape{of(dtypes.Uint8, d.images), shapes.Make(dtypes.Int32, d.images)}
	traits := d.method.Traits()
	if traits.Targets {
		images = append(images, shapes.Make(dtypes.Float32, d.images, len(t.data.Classes)))
	}
	noise := of(dtypes.Float32, traits.Noises, d.images)
	point := of(dtypes.Float32, d.images)
	if traits.OnNoise {
		point = noise
	}
	images = append(images, noise)
	scalars := shapes.Make(dtypes.Float32, len(stepgraph.ScalarNames(d.method)))
	inputs := slices.Concat(shapesOf(t.weights.all()), images, []shapes.Shape{
		shapes.Make(dtypes.Uint32, 2), shapes.Make(dtypes.Uint32), scalars,
		shapes.Make(dtypes.Float32, len(o.Inputs())),
	})
	if !splitSearch(t.arch, d.method) {
		return step.Memory(inputs...)
	}
	search, err := advanceProgram(t.engine, t.arch, d.method)
	if err != nil {
		return 0, err
	}
	one, err := search.Memory(slices.Concat(shapesOf(t.weights.params), images, []shapes.Shape{scalars, point})...)
	if err != nil {
		return 0, err
	}
	all, err := step.Memory(append(inputs, point, point)...)
	return max(one, all), err
}

// shapesOf returns the shapes of tensors on one device.
func shapesOf(ts []*engine.Sharded) []shapes.Shape {
	var all []shapes.Shape
	for _, t := range ts {
		all = append(all, t.Part(0).Shape())
	}
	return all
}
