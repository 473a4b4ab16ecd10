package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	"smoothlab/certify/votes"
	"smoothlab/classifier"
	"smoothlab/engine"
	"smoothlab/noise"
	"smoothlab/noise/draw"

	. "github.com/gomlx/gomlx/core/graph"
)

// noise times n draws of the noise of 1000 images of a size.
func (s *ourSide) noise(ctx context.Context, size, n int) (cost, error) {
	p, err := s.engine.Program(fmt.Sprint("noise ", size), func(_ *engine.Program, in []*Node) []*Node {
		src := draw.Source{Key: in[0], Purpose: draw.For(in[0].Graph(), noise.Bound), Item: in[1]}
		return []*Node{draw.Normal(src, in[2], size)}
	})
	if err != nil {
		return cost{}, err
	}
	samples := make([]uint32, 1000)
	for i := range samples {
		samples[i] = uint32(i)
	}
	watch := start()
	for i := range n {
		out, err := p.Call(ctx, draw.Key(1), uint32(i), samples)
		if err != nil {
			return cost{}, err
		}
		if err := engine.Free(out...); err != nil {
			return cost{}, err
		}
	}
	return watch.stop(), nil
}

// voteImported times n batches of votes of bench.py's CNN, which is read from its ONNX file.
func (s *ourSide) voteImported(ctx context.Context, n int) (cost, error) {
	if s.onnx == "" {
		return cost{}, errUnknown
	}
	c, err := classifier.FromONNX(ctx, s.onnx, classifier.ONNX{})
	if err != nil {
		return cost{}, err
	}
	return s.count(ctx, c, randomImages(c.Arch, 1), 0, n*votes.DefaultChunk)
}

// productSide is the length of the matrices whose product measures the machine's peak rate.
const productSide = 2048

// shares sets the fraction of the rate of one large matrix product that each result reaches, as a physical limit for
// orientation. The rate is the better of before, measured before the works, and of another measurement, because other
// guests slow a machine down.
func (s *ourSide) shares(ctx context.Context, works []work, results []result, before float64, notes io.Writer) error {
	rate, err := s.productRate(ctx)
	if err != nil {
		return err
	}
	rate = max(rate, before)
	fmt.Fprintf(notes, "one product of %d×%d×%d: %.0f GFLOP/s\n", productSide, productSide, productSide, rate/1e9)
	for i, r := range results {
		at := slices.IndexFunc(works, func(w work) bool { return w.name == r.Name })
		results[i].Share = works[at].flop / r.Seconds / rate
	}
	return nil
}

// productRate returns the rate of the best of nineteen products, in operations per second.
func (s *ourSide) productRate(ctx context.Context) (float64, error) {
	p, err := s.engine.Program("product", func(_ *engine.Program, in []*Node) []*Node {
		n := productSide
		x := Add(BroadcastToDims(Reshape(in[0], n, 1), n, n), BroadcastToDims(Reshape(in[0], 1, n), n, n))
		y := DotGeneral(x, []int{1}, nil, x, []int{0}, nil)
		return []*Node{ReduceAllSum(y)}
	})
	if err != nil {
		return 0, err
	}
	best := math.Inf(1)
	for range 20 { // the first one compiles
		began := time.Now()
		out, err := p.Call(ctx, make([]float32, productSide))
		if err != nil {
			return 0, err
		}
		best = min(best, time.Since(began).Seconds())
		if err := engine.Free(out...); err != nil {
			return 0, err
		}
	}
	return 2 * math.Pow(productSide, 3) / best, nil
}
