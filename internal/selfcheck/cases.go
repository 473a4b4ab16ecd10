package selfcheck

import (
	"context"
	"fmt"

	"smoothlab/baseline"
	"smoothlab/certify/votes"
	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/engine"
	"smoothlab/method"
	"smoothlab/noise"
	"smoothlab/robust"
	"smoothlab/smoothing"
	"smoothlab/smoothmix"
	"smoothlab/train"
	"smoothlab/walk"
)

// Variants is the number of different inputs that a case has.
const Variants = 2

// Case is a computation that can be repeated.
type Case struct {
	Name string
	// Repeat is the number of times that each variant is computed per round; a rare fault needs many tries.
	Repeat int
	// run computes one variant, from 0. Its result is a list of arrays of fixed lengths.
	run func(ctx context.Context, e *engine.Engine, variant int) ([][]float32, error)
	// reference computes the same without the engine; nil where the first run of the engine has to serve.
	reference func(ctx context.Context, variant int) ([][]float32, error)
}

// Sizes of the cases. Large is the size at which the fault was found.
const (
	large = 256
	small = 32
	sigma = 0.5
	rate  = 0.03 // of training
)

// Quick returns the cases of a check of one minute: default training steps, and the votes of certification.
func Quick(ctx context.Context) ([]Case, error) {
	digits, err := digits(ctx)
	if err != nil {
		return nil, err
	}
	gaussian, smooth := baseline.NewGaussian(), smoothmix.New()
	return []Case{
		firstStep(digits),
		training("Gaussian, batches of 256", "lenet", digits, gaussian, 2*large, large, 3),
		training("SmoothMix, batches of 256", "lenet", digits, smooth, large, large, 1),
		opinions(digits),
	}, nil
}

// All returns the cases of Quick, every method, the search, the walk, an attack, and ResNet-20.
func All(ctx context.Context) ([]Case, error) {
	cases, err := Quick(ctx)
	if err != nil {
		return nil, err
	}
	digits, err := digits(ctx)
	if err != nil {
		return nil, err
	}
	for _, m := range train.Methods() {
		cases = append(cases, training(m.Name, "lenet", digits, m.New(), small, small, 2))
	}
	resnet := training("Gaussian, ResNet-20", "resnet20", colored(), baseline.NewGaussian(), small, small, 1)
	return append(cases, follow(digits), attack(digits), resnet), nil
}

func digits(ctx context.Context) (*dataset.Dataset, error) {
	return dataset.Open(ctx, "mnist-mini", "train", dataset.Options{})
}

// colored returns random images of CIFAR's shape.
func colored() *dataset.Dataset {
	d := &dataset.Dataset{Name: "selfcheck", Split: "train", Height: 32, Width: 32, Channels: 3, Total: 2 * small}
	for class := range 10 {
		d.Classes = append(d.Classes, fmt.Sprint(class))
	}
	state := uint32(1)
	for i := range d.Total {
		d.Labels = append(d.Labels, uint16(i%10))
		d.Indices = append(d.Indices, i)
		for range d.Height * d.Width * d.Channels {
			state = state*1664525 + 1013904223 // Numerical Recipes' generator
			d.Pixels = append(d.Pixels, byte(state>>24))
		}
	}
	return d
}

// part returns images of d that belong to a variant.
func part(d *dataset.Dataset, variant, images int) (*dataset.Dataset, error) {
	return d.Slice(variant*images, (variant+1)*images, 1)
}

// start returns the initial weights of a variant.
func start(arch string, variant int) (*classifier.Classifier, error) {
	a, err := classifier.Lookup(arch)
	if err != nil {
		return nil, err
	}
	return classifier.New(a, uint64(variant+1)), nil
}

// training runs an epoch of a method; the result is the change of each parameter.
func training(name, arch string, d *dataset.Dataset, m method.Method, images, batch, repeat int) Case {
	run := func(ctx context.Context, e *engine.Engine, variant int) ([][]float32, error) {
		c, err := start(arch, variant)
		if err != nil {
			return nil, err
		}
		data, err := part(d, variant, images)
		if err != nil {
			return nil, err
		}
		if m.Traits().Targets {
			if data, err = data.WithSmoothedLabels(0.1); err != nil {
				return nil, err
			}
		}
		s := train.DefaultSettings()
		s.Epochs, s.Batch, s.LR, s.Seed = 1, batch, rate, uint64(variant+1)
		r, err := train.Train(ctx, train.Job{Engine: e, Start: c, Data: data, Method: m, Settings: s})
		if err != nil {
			return nil, err
		}
		added := make([][]float32, len(c.Params))
		for i, after := range r.Classifier.Params {
			added[i] = make([]float32, len(after))
			for k := range after {
				added[i][k] = after[k] - c.Params[i][k]
			}
		}
		return added, nil
	}
	return Case{Name: "training, " + name, Repeat: repeat, run: run}
}

// firstStep runs one update with nearly no noise; its reference is computed in float64 by plain loops.
func firstStep(d *dataset.Dataset) Case {
	s, m := train.DefaultSettings(), baseline.NewGaussian()
	m.Sigma = 1e-7 // moves a gradient by less than a rounding of float32
	c := training("one step, gradients of another program", "lenet", d, m, large, large, 3)
	c.reference = func(_ context.Context, variant int) ([][]float32, error) {
		start, err := start("lenet", variant)
		if err != nil {
			return nil, err
		}
		data, err := part(d, variant, large)
		if err != nil {
			return nil, err
		}
		return firstUpdate(start, data, rate, s.WeightDecay), nil
	}
	return c
}

// opinions computes the mean softmax and the votes of ten images under noise.
func opinions(d *dataset.Dataset) Case {
	return Case{
		Name:   "votes",
		Repeat: 1,
		run: func(ctx context.Context, e *engine.Engine, variant int) ([][]float32, error) {
			c, err := start("lenet", variant)
			if err != nil {
				return nil, err
			}
			v, err := votes.New(e, c, d, smoothing.Gaussian{Sigma: sigma}, uint64(variant+1), 0)
			if err != nil {
				return nil, err
			}
			defer v.Close()
			found, err := v.Predictions(ctx, noise.Bound, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, 0, 200)
			if err != nil {
				return nil, err
			}
			var counts, mean []float32
			for _, o := range found {
				for class, n := range o.Counts {
					counts = append(counts, float32(n))
					mean = append(mean, float32(o.Mean[class]))
				}
			}
			return [][]float32{counts, mean}, nil
		},
	}
}

// follow runs SmoothMix's search and update, verb by verb.
func follow(d *dataset.Dataset) Case {
	return Case{
		Name:   "walk and search",
		Repeat: 2,
		run: func(ctx context.Context, e *engine.Engine, variant int) ([][]float32, error) {
			c, err := start("lenet", variant)
			if err != nil {
				return nil, err
			}
			data, err := part(d, variant, small)
			if err != nil {
				return nil, err
			}
			m := smoothmix.New()
			w, err := walk.New(walk.Job{Engine: e, Start: c, Data: data, Seed: uint64(variant + 1), Epoch: -1}, m)
			if err != nil {
				return nil, err
			}
			defer w.Close()
			points, err := w.Search(ctx, m, 3)
			if err != nil {
				return nil, err
			}
			var moved []float32
			last := points[len(points)-1]
			for i, pixels := range last.Pixels {
				for k, p := range pixels {
					moved = append(moved, p-float32(data.Image(i)[k])/255)
				}
			}
			u, err := w.Update(ctx, m, train.DefaultSettings())
			if err != nil {
				return nil, err
			}
			return [][]float32{moved, {float32(u.Loss), float32(u.Change)}}, nil
		},
	}
}

// attack runs the ascent of package robust from four images; the result is its distance and the classifier's confidence
// there.
func attack(d *dataset.Dataset) Case {
	return Case{
		Name:   "attack",
		Repeat: 1,
		run: func(ctx context.Context, e *engine.Engine, variant int) ([][]float32, error) {
			c, err := start("lenet", variant)
			if err != nil {
				return nil, err
			}
			data, err := part(d, variant, 4)
			if err != nil {
				return nil, err
			}
			j := robust.Job{Engine: e, Classifier: c, Data: data, Sigma: sigma, Seed: uint64(variant + 1)}
			ascent := robust.Ascent{Steps: 3, Step: 0.5, Eps: 1, Draws: 16}
			found, err := robust.Calibrate(ctx, j, robust.CalibrateSettings{Votes: 64, Ascent: ascent, Path: 4})
			if err != nil {
				return nil, err
			}
			var softmax, moved []float32
			for _, path := range found.Path {
				for _, look := range path {
					softmax = append(softmax, float32(look.Softmax.Label))
					moved = append(moved, float32(look.Moved))
				}
			}
			return [][]float32{softmax, moved}, nil
		},
	}
}
