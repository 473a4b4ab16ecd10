package session

import (
	"smoothlab/classifier"
	"smoothlab/evaluation"
	"smoothlab/internal/humanize"
	"smoothlab/language"
	"smoothlab/report"
	"smoothlab/train"

	"go.starlark.net/starlark"
)

// pictured is the maximum number of images that a result shows as pictures.
const pictured = 8

// noiseArgs are the arguments of a walk's noise().
type noiseArgs struct {
	Seed *uint64 `arg:"seed" want:"a whole number of 0 or more" help:"seed for the noise and lambda; None for the walk's seed"`
}

func walkNoise(c *language.Call, v *walkValue, a *noiseArgs) (starlark.Value, error) {
	seed := v.w.Seed()
	if a.Seed != nil {
		seed = *a.Seed
	}
	method, err := v.checkedMethod(0)
	if err != nil {
		return nil, err
	}
	n, err := v.w.Noise(c.Ctx, method, seed)
	if err != nil {
		return nil, err
	}
	v.updated = nil
	r := report.WalkNoise{Draws: len(n.Noisy), Dimensions: v.shape().Size(), Images: v.names()}
	r.Sigma, r.Noise = sigmaOrOther(n.Smoothing)
	outside, values := 0, 0
	for k := range n.Noisy {
		for i, image := range n.Noisy[k] {
			r.Norm += n.Norm[k][i] / float64(len(n.Noisy)*len(n.Noisy[k]))
			for _, p := range image {
				if values++; p < 0 || p > 1 {
					outside++
				}
			}
		}
	}
	r.Clipped = float64(outside) / float64(values)
	for i := range min(pictured, v.data.Len()) {
		row := []report.Image{picture(v.data, i)}
		for k := range n.Noisy {
			row = append(row, drawn(v.data, n.Noisy[k][i]))
		}
		r.Pictures = append(r.Pictures, row)
	}
	return newReportValue(r), nil
}

func walkLoss(c *language.Call, v *walkValue, _ *struct{}) (starlark.Value, error) {
	method, err := v.checkedMethod(0)
	if err != nil {
		return nil, err
	}
	look, err := v.w.Loss(c.Ctx, method)
	if err != nil {
		return nil, err
	}
	v.updated = nil
	var r report.WalkLoss
	for i, name := range v.names() {
		r.Images = append(
			r.Images,
			report.LossImage{
				WalkImage:   name,
				Predicted:   evaluation.Largest(look.P[i]),
				Probability: look.PLabel[i],
				Loss:        look.Loss[i],
				Gradient:    look.Gradient[i],
			},
		)
	}
	return newReportValue(r), nil
}

// searchArgs are the arguments of a walk's search().
type searchArgs struct {
	N int `arg:"n" help:"number of further steps"`
}

func walkSearch(c *language.Call, v *walkValue, a *searchArgs) (starlark.Value, error) {
	method, err := v.checkedMethod(a.N)
	if err != nil {
		return nil, err
	}
	if method.Traits().OnNoise {
		return v.attack(c, method, a.N)
	}
	points, err := v.w.Search(c.Ctx, method, a.N)
	if err != nil {
		return nil, err
	}
	v.updated = nil
	alpha, _ := starlark.AsFloat(attribute(v.method, "alpha"))
	first := points[0].Step
	if first == 1 {
		first = 0 // the first search starts at the images
	}
	r := report.WalkSearch{First: first, Alpha: alpha, Images: v.paths(0)}
	for i := range min(pictured, v.data.Len()) {
		var row []report.Image
		for _, p := range v.w.Path()[first:] {
			row = append(row, drawn(v.data, p.Pixels[i]))
		}
		r.Pictures = append(r.Pictures, row)
	}
	return newReportValue(r), nil
}

// attribute returns a setting of a method, or None if the method does not have it.
func attribute(m *methodValue, name string) starlark.Value {
	value, err := m.setting(name)
	if err != nil {
		return starlark.None
	}
	return value
}

// paths returns the search path of each image, from a step on.
func (v *walkValue) paths(from int) []report.SearchPath {
	var list []report.SearchPath
	for i, name := range v.names() {
		path := report.SearchPath{WalkImage: name}
		for _, p := range v.w.Path()[min(from, len(v.w.Path())):] {
			path.Path = append(
				path.Path,
				report.SearchPoint{Probability: p.PLabel[i], Loss: p.Loss[i], Distance: p.Distance[i]},
			)
		}
		list = append(list, path)
	}
	return list
}

func walkMix(c *language.Call, v *walkValue, _ *struct{}) (starlark.Value, error) {
	method, err := v.checkedMethod(0)
	if err != nil {
		return nil, err
	}
	m, err := v.w.Mix(c.Ctx, method)
	if err != nil {
		return nil, err
	}
	v.updated = nil
	var r report.WalkMix
	if k, _ := starlark.AsInt32(attribute(v.method, "mix_step")); k > 0 {
		r.Near = "u"
	}
	for i, name := range v.names() {
		r.Images = append(
			r.Images,
			report.MixImage{WalkImage: name, Lambda: m.Lambda[i], Target: m.Target[i][name.Label],
				Predicted: evaluation.Largest(m.P[i]), Counted: m.Counted[i]},
		)
	}
	for i := range min(pictured, v.data.Len()) {
		var row []report.Image
		for _, x := range [][]float32{m.Near[i], m.Far[i], m.Mixed[i]} {
			row = append(row, drawn(v.data, x))
		}
		r.Pictures = append(r.Pictures, row)
	}
	return newReportValue(r), nil
}

// updateArgs are the arguments of a walk's update().
type updateArgs struct {
	LR          float64   `arg:"lr" help:"learning rate"`
	Optimizer   string    `arg:"optimizer" complete:"optimizer" help:"rule of the step; help(\"optimizers\") lists them"`
	Momentum    float64   `arg:"momentum" help:"momentum of sgd; no effect on this first step"`
	Betas       []float64 `arg:"betas" want:"two numbers" help:"decay of the means of gradients and of their squares, of adam and adamw"`
	Epsilon     float64   `arg:"epsilon" help:"number added to the denominator of the step, of adam and adamw"`
	WeightDecay float64   `arg:"weight_decay" help:"weight decay of every parameter, including biases"`
	Clip        *float64  `arg:"clip" want:"a number" help:"largest norm of the gradient over all parameters; None for no bound"`
	Given       language.Given
}

func updateDefaults() updateArgs {
	d := trainDefaults()
	return updateArgs{LR: train.DefaultSettings().LR, Optimizer: d.Optimizer, Momentum: d.Momentum, Betas: d.Betas,
		Epsilon: d.Epsilon, WeightDecay: d.WeightDecay}
}

func walkUpdate(c *language.Call, v *walkValue, a *updateArgs) (starlark.Value, error) {
	s := train.DefaultSettings()
	s.LR, s.WeightDecay = a.LR, a.WeightDecay
	if a.Clip != nil {
		s.Clip = *a.Clip
	}
	o := optimizerArgs{a.Optimizer, a.Momentum, a.Betas, a.Epsilon}
	if err := o.set(&s, a.Given); err != nil {
		return nil, err
	}
	method, err := v.checkedMethod(0)
	if err != nil {
		return nil, err
	}
	u, err := v.w.Update(c.Ctx, method, s)
	if err != nil {
		return nil, err
	}
	v.updated = u.Classifier
	r := report.WalkUpdate{LR: a.LR, Total: u.Loss, Change: u.Change}
	for _, t := range u.Terms {
		r.Terms = append(
			r.Terms,
			report.WalkTerm{
				Name:   t.Name,
				Value:  t.Value,
				Weight: humanize.Float32(t.Weight),
				Ramped: t.Ramped,
				Warm:   u.Warm,
			},
		)
	}
	for i, name := range v.names() {
		r.Images = append(
			r.Images,
			report.UpdateImage{WalkImage: name, Before: u.Before.PLabel[i], After: u.After.PLabel[i]},
		)
	}
	return newReportValue(r), nil
}

func (v *walkValue) shape() classifier.Shape {
	return classifier.Shape{Height: v.data.Height, Width: v.data.Width, Channels: v.data.Channels}
}
