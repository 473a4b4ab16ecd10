package votes

import (
	"context"
	"errors"

	"smoothlab/certify"
	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/engine"
	"smoothlab/smoothing"
)

// Options sets how a data set is certified.
type Options struct {
	Smoothing smoothing.Smoothing    // noise, usually that of the training; required
	Plan      certify.Plan           // the zero value means the authors': 100 and 100,000 votes at alpha 0.001
	Seed      uint64                 // seed of the noise
	Sound     bool                   // draw the noise on the grid of 8-bit pixels, as NewSound does
	Chunk     int                    // noisy copies per call; 0 means a size that suits the plan
	Out       string                 // path of the log, as certify.Run keeps it; "" keeps none
	Shard     certify.Shard          // part of the images; the zero value means all
	Budget    certify.Budget         // limits of votes and time of this call; the zero value sets no limit
	Progress  func(certify.Progress) // may be nil
}

// Certify certifies all images of a data set: it uploads the classifier, votes, and frees it. Like [certify.Run] it
// can be repeated, and when it stops early it returns the certificates so far with the error.
func Certify(
	ctx context.Context,
	e *engine.Engine,
	c *classifier.Classifier,
	d *dataset.Dataset,
	o Options,
) (k *certify.Certificates, err error) {
	plan := o.Plan
	if plan == (certify.Plan{}) {
		plan = certify.Fixed(100, 100_000, 0.001)
	}
	chunk := o.Chunk
	if chunk == 0 {
		chunk = min(DefaultChunk, max(plan.N, 1))
	}
	upload := New
	if o.Sound {
		upload = NewSound
	}
	v, err := upload(e, c, d, o.Smoothing, o.Seed, chunk)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, v.Close()) }()
	return certify.RunWithin(ctx, o.Budget, v, v.Images(), o.Shard, plan, o.Out, o.Progress)
}
