package walk

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"smoothlab/engine"
	"smoothlab/internal/stepgraph"
	"smoothlab/method"
	"smoothlab/noise/draw"
	"smoothlab/smoothing"
	"smoothlab/train"

	"github.com/gomlx/gomlx/core/tensors"
)

// draw draws the noise of update 0.
func (w *Walk) draw(ctx context.Context, m method.Method, at *position) error {
	under := method.Noise(m)
	p, err := stepgraph.NoiseProgram(w.job.Engine, under, m.Traits().Noises)
	if err != nil {
		return err
	}
	out, err := p.Call(ctx, draw.Key(at.seed), uint32(0), float32(smoothing.Scale(under)), w.images[0])
	if err != nil {
		return err
	}
	at.noise, at.under = out[0], under
	return nil
}

// noisy copies the noise to the host and adds it to the images.
func (w *Walk) noisy(at *position) (*Noise, error) {
	d, err := engine.Read[float32](w.job.Engine, at.noise)
	if err != nil {
		return nil, err
	}
	b, n := w.job.Data.Len(), w.job.Start.Arch.Input.Size()
	result := &Noise{Smoothing: at.under, Seed: at.seed}
	for rows := split(d, b*n); len(rows) > 0; rows = rows[1:] {
		var norms []float64
		images := split(rows[0], n)
		for i, image := range images {
			sum := 0.
			for k, pixel := range w.job.Data.Image(i) {
				sum += float64(image[k]) * float64(image[k])
				image[k] += float32(pixel) / 255
			}
			norms = append(norms, math.Sqrt(sum))
		}
		result.Noisy, result.Norm = append(result.Noisy, images), append(result.Norm, norms)
	}
	return result, nil
}

// lookAtImages computes the loss at the images if it is missing, and the noise if that is.
func (w *Walk) lookAtImages(ctx context.Context, m method.Method, at *position) error {
	err := w.ensureNoise(ctx, m, at)
	if err == nil && at.look == nil {
		at.look, at.images, err = w.look(ctx, at, w.params)
	}
	return err
}

// look returns the smoothed loss of the given weights at the images, and the images as floats.
func (w *Walk) look(ctx context.Context, at *position, params []*tensors.Tensor) (*Look, [][]float32, error) {
	p, err := lookProgram(w.job.Engine, w.job.Start.Arch)
	if err != nil {
		return nil, nil, err
	}
	out, err := stepgraph.Call(ctx, w.job.Engine, p, params, w.images[0], w.images[1], at.noise)
	if err != nil {
		return nil, nil, err
	}
	return &Look{w.prediction(out[0], out[1]), toFloat64(out[2])}, split(out[3], w.job.Start.Arch.Input.Size()), nil
}

// prediction returns a Prediction made of p [B, K] and loss [B].
func (w *Walk) prediction(p, loss []float32) Prediction {
	result := Prediction{P: table(p, w.job.Start.Arch.Classes), Loss: toFloat64(loss)}
	for i, y := range w.job.Data.Labels {
		result.PLabel = append(result.PLabel, result.P[i][y])
	}
	return result
}

// search appends n steps to the path. The steps are calls of one compiled program, so that any n is possible.
func (w *Walk) search(ctx context.Context, m method.Method, at *position, n int) error {
	if err := w.lookAtImages(ctx, m, at); err != nil {
		return err
	}
	if at.path == nil {
		at.path = []Point{
			{Prediction: at.look.Prediction, Distance: make([]float64, w.job.Data.Len()), Pixels: at.images},
		}
	}
	p, err := searchProgram(w.job.Engine, w.job.Start.Arch, m)
	if err != nil {
		return err
	}
	scalars := stepgraph.ScalarInputs(m, w.warm(m))
	for range n {
		last := at.path[len(at.path)-1]
		z := w.upload(last.Pixels)
		out, err := stepgraph.Call(ctx, w.job.Engine, p, w.inputs(), at.noise, scalars, z)
		if err := errors.Join(err, engine.Free(z)); err != nil {
			return err
		}
		if !stepgraph.Finite(out[1]) {
			return fmt.Errorf("search step %d: %w", last.Step+1, train.ErrNotFinite)
		}
		at.path = append(
			at.path,
			Point{Step: last.Step + 1, Prediction: w.prediction(out[2], out[3]), Distance: toFloat64(out[1]),
				Pixels: split(out[0], w.job.Start.Arch.Input.Size())},
		)
	}
	return nil
}

// mix computes what the method mixes. The search must have been run.
func (w *Walk) mix(ctx context.Context, m method.Method, at *position) (*Mixture, error) {
	p, err := mixProgram(w.job.Engine, w.job.Start.Arch, m)
	if err != nil {
		return nil, err
	}
	out, err := w.callAtEnds(ctx, p, m, at)
	switch {
	case errors.Is(err, errNoMixture):
		return nil, fmt.Errorf("%s mixes nothing: call update() next", m.Name())
	case err != nil:
		return nil, err
	}
	v, err := stepgraph.TakeAll(w.job.Engine, out)
	if err != nil {
		return nil, err
	}
	n, k := w.job.Start.Arch.Input.Size(), w.job.Start.Arch.Classes
	result := &Mixture{Near: split(v[0], n), Far: split(v[1], n), Mixed: split(v[2], n), Lambda: toFloat64(v[3]),
		P: table(v[4], k), Target: table(v[5], k)}
	for _, c := range v[6] {
		result.Counted = append(result.Counted, c != 0)
	}
	return result, nil
}

// update takes the training step, and looks at the images again with the new weights.
func (w *Walk) update(ctx context.Context, m method.Method, at *position, s train.Settings) (*Update, error) {
	o, err := s.FirstStep()
	if err != nil {
		return nil, err
	}
	p, err := updateProgram(w.job.Engine, w.job.Start.Arch, m, o)
	if err != nil {
		return nil, err
	}
	out, err := w.callAtEnds(ctx, p, m, at, o.Inputs())
	if err != nil {
		return nil, err
	}
	defer engine.Free(out...)
	n := len(w.params)
	report, err := engine.Read[float32](w.job.Engine, out[n])
	if err != nil {
		return nil, err
	}
	if !stepgraph.Finite(report) {
		return nil, train.ErrNotFinite
	}
	result := w.report(toFloat64(report), p.Labels(), w.warm(m))
	after, _, err := w.look(ctx, at, out[:n])
	if err != nil {
		return nil, err
	}
	result.Before, result.After = &at.look.Prediction, &after.Prediction
	result.Classifier, err = stepgraph.Trained(w.job.Engine, w.job.Start, w.job.Data, m, out[:n])
	return result, err
}

// report reads the report of updateProgram: loss, ‖Δw‖², the squared change of the statistics, and each term's value
// and weight. Labels hold the term's name and whether it is ramped.
func (w *Walk) report(v []float64, labels []string, warm float64) *Update {
	result := &Update{Warm: warm, Loss: v[0], Change: math.Sqrt(v[1]) / w.length}
	v = v[3:]
	for i := 0; i < len(labels); i += 2 {
		term := Weighted{Name: labels[i], Value: v[i], Weight: v[i+1], Ramped: labels[i+1] == ramped}
		result.Terms = append(result.Terms, term)
	}
	return result
}

// callAtEnds calls a program that starts from the ends of the search, if there is one.
func (w *Walk) callAtEnds(ctx context.Context, p *engine.Program, m method.Method, at *position,
	more ...any) ([]*tensors.Tensor, error) {
	scalars := stepgraph.ScalarInputs(m, w.warm(m))
	args := stepgraph.Arguments(w.inputs(), at.noise, draw.Key(at.seed), uint32(0), scalars)
	switch {
	case m.Traits().OnNoise:
		far := tensors.FromFlatDataAndDimensions(at.attacked, at.noise.Shape().Dimensions...)
		defer engine.Free(far)
		args = append(args, far, far)
	case method.Searches(m):
		far, near := w.upload(at.path[len(at.path)-1].Pixels), w.upload(at.path[method.MixStep(m)].Pixels)
		defer engine.Free(far, near)
		args = append(args, far, near)
	}
	return p.Call(ctx, append(args, more...)...)
}

// inputs returns the parameters and the images, the first inputs of most programs.
func (w *Walk) inputs() []*tensors.Tensor { return slices.Concat(w.params, w.images) }

// warm returns the method's warm-up factor in the walk's epoch.
func (w *Walk) warm(m method.Method) float64 {
	if w.job.Epoch < 0 {
		return 1
	}
	return m.Traits().Warm(w.job.Epoch)
}

// upload makes a tensor of images.
func (w *Walk) upload(images [][]float32) *tensors.Tensor {
	in := w.job.Start.Arch.Input
	flat := make([]float32, 0, len(images)*in.Size())
	for _, x := range images {
		flat = append(flat, x...)
	}
	return tensors.FromFlatDataAndDimensions(flat, len(images), in.Height, in.Width, in.Channels)
}

// split returns v as rows of length n.
func split(v []float32, n int) [][]float32 {
	var rows [][]float32
	for ; len(v) >= n; v = v[n:] {
		rows = append(rows, v[:n:n])
	}
	return rows
}

// table returns v as rows of length n in float64.
func table(v []float32, n int) [][]float64 {
	var rows [][]float64
	for _, r := range split(v, n) {
		rows = append(rows, toFloat64(r))
	}
	return rows
}

func toFloat64(v []float32) []float64 {
	w := make([]float64, len(v))
	for i, x := range v {
		w[i] = float64(x)
	}
	return w
}
