package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	"smoothlab/engine"

	. "github.com/gomlx/gomlx/core/graph"
)

// productSide is the length of the matrices whose product is what the machine can do at best.
const productSide = 2048

// shares fills in what part of the rate of one large matrix product each result reaches: the physical limit, for
// orientation. The rate is the better of before, measured before the works, and of another measurement, since other
// guests of a machine slow it down.
func (s *ourSide) shares(ctx context.Context, works []work, results []result, before float64, notes io.Writer) error {
	rate, err := s.productRate(ctx)
	if err != nil {
		return err
	}
	rate = max(rate, before)
	fmt.Fprintf(notes, "one product of %d×%d×%d: %.0f GFLOP/s\n", productSide, productSide, productSide, rate/1e9)
	for i, r := range results {
		at := slices.IndexFunc(works, func(w work) bool { return w.name == r.Name })
		results[i].Share = works[at].flop / r.Ours / rate
	}
	return nil
}

// productRate is that of the best of nineteen products, in operations a second.
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
