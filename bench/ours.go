package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"smoothlab/baseline"
	"smoothlab/certify"
	"smoothlab/certify/votes"
	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/engine"
	"smoothlab/method"
	"smoothlab/noise"
	"smoothlab/smoothing"
	"smoothlab/smoothmix"
	"smoothlab/train"
)

// errUnknown reports a work that a side does not have, for instance a network that is not in the list.
var errUnknown = errors.New("not there")

// ourSide is this module.
type ourSide struct {
	engine *engine.Engine
	onnx   string // the file of bench.py's CNN; empty if there is none
}

func (s *ourSide) run(ctx context.Context, name string, n int) (cost, error) {
	oneStep := smoothmix.New()
	oneStep.Steps = 1
	switch name {
	case "votes_cnn":
		return s.voteImported(ctx, n)
	case "noise_digits":
		return s.noise(ctx, 28*28, n)
	case "noise_pictures":
		return s.noise(ctx, 3*32*32, n)
	case "gaussian_step":
		return s.train(ctx, "lenet", baseline.NewGaussian(), n)
	case "smoothmix_step":
		return s.train(ctx, "lenet", smoothmix.New(), n)
	case "smoothmix_step_t1":
		return s.train(ctx, "lenet", oneStep, n)
	case "smoothadv_step":
		return s.train(ctx, "lenet", baseline.NewSmoothAdv(), n)
	case "certify_lenet":
		return s.certify(ctx, "lenet", n)
	}
	if arch, ok := strings.CutPrefix(name, "votes_"); ok {
		return s.vote(ctx, arch, n)
	}
	if arch, ok := strings.CutSuffix(name, "_step"); ok {
		return s.train(ctx, arch, baseline.NewGaussian(), n)
	}
	return cost{}, errUnknown
}

// network returns an untrained classifier of the list, and a number of images of random bytes for it.
func (s *ourSide) network(name string, images int) (*classifier.Classifier, *dataset.Dataset, error) {
	a, err := classifier.Lookup(name)
	if err != nil {
		return nil, nil, errUnknown
	}
	return classifier.New(a, 1), randomImages(a, images), nil
}

// randomImages returns images of random bytes for a network.
func randomImages(a *classifier.Architecture, images int) *dataset.Dataset {
	d := &dataset.Dataset{
		Name:     "random",
		Split:    "train",
		Height:   a.Input.Height,
		Width:    a.Input.Width,
		Channels: a.Input.Channels,
		Total:    images,
	}
	for k := range a.Classes {
		d.Classes = append(d.Classes, fmt.Sprint(k))
	}
	stream := noise.NewStream(1, noise.Test, 0)
	for i := range images {
		for range a.Input.Size() {
			d.Pixels = append(d.Pixels, byte(256*stream.Uniform()))
		}
		d.Labels = append(d.Labels, uint16(float64(a.Classes)*stream.Uniform()))
		d.Indices = append(d.Indices, i)
	}
	return d
}

// train times n optimizer steps of a training, data pipeline included. The first step compiles and is not counted.
func (s *ourSide) train(ctx context.Context, arch string, m method.Method, n int) (cost, error) {
	return s.trainBatch(ctx, arch, m, train.DefaultSettings().Batch, n)
}

// trainBatch does what train does, with another number of noisy copies per step.
func (s *ourSide) trainBatch(ctx context.Context, arch string, m method.Method, batch, n int) (cost, error) {
	c, d, err := s.network(arch, 4096)
	if err != nil {
		return cost{}, err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	settings := train.DefaultSettings()
	settings.Epochs, settings.Batch = n+1, batch
	var watch stopwatch
	var took cost
	_, err = train.Train(ctx, train.Job{Engine: s.engine, Start: c, Data: d, Method: m, Settings: settings,
		Progress: func(p train.Progress, _ train.Control) {
			switch p.Update {
			case 1:
				watch = start()
			case n + 1:
				took = watch.stop()
				stop()
			}
		}})
	if took.wall > 0 && errors.Is(err, context.Canceled) {
		return took, nil
	}
	return took, err
}

// vote times n batches of votes for one image.
func (s *ourSide) vote(ctx context.Context, arch string, n int) (cost, error) {
	c, d, err := s.network(arch, 4096)
	if err != nil {
		return cost{}, err
	}
	return s.count(ctx, c, d, 0, n*votes.DefaultChunk)
}

// count times votes for one image, in chunks of the given number of copies; 0 is the default.
func (s *ourSide) count(
	ctx context.Context, c *classifier.Classifier, d *dataset.Dataset, chunk, number int,
) (cost, error) {
	v, err := votes.New(s.engine, c, d, smoothing.Gaussian{Sigma: 0.5}, 1, chunk)
	if err != nil {
		return cost{}, err
	}
	defer v.Close()
	counts := make([]int, c.Arch.Classes)
	watch := start()
	err = v.Vote(ctx, 0, noise.Bound, 0, number, counts)
	return watch.stop(), err
}

// certify times CERTIFY of n images at N=10,000, without a log.
func (s *ourSide) certify(ctx context.Context, arch string, n int) (cost, error) {
	return s.certifyAt(ctx, arch, n, 10_000)
}

// certifyAt does what certify does, with another number of votes.
func (s *ourSide) certifyAt(ctx context.Context, arch string, n, number int) (cost, error) {
	c, d, err := s.network(arch, max(4096, n))
	if err != nil {
		return cost{}, err
	}
	v, err := votes.New(s.engine, c, d, smoothing.Gaussian{Sigma: 0.5}, 1, 0)
	if err != nil {
		return cost{}, err
	}
	defer v.Close()
	watch := start()
	for i := range n {
		img := certify.Image{Pos: i, Index: i, Label: int(d.Labels[i])}
		if _, err := certify.Certify(ctx, v, img, certify.Fixed(100, number, 0.001)); err != nil {
			return cost{}, err
		}
	}
	return watch.stop(), nil
}
