package votes_test

import (
	"testing"

	"smoothlab/certify"
	"smoothlab/certify/votes"
	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/internal/testengine"
	"smoothlab/noise"
	"smoothlab/smoothing"
)

// BenchmarkVotes measures the main cost of certification: votes of every network of the list on images of its shape,
// with noise in float32 and on the grid. An untrained network votes as fast as a trained one.
func BenchmarkVotes(b *testing.B) {
	const n = 4 * votes.DefaultChunk
	for _, a := range classifier.Architectures() {
		for kind, voter := range kinds() {
			b.Run(a.Name+"/"+kind, func(b *testing.B) {
				v, err := voter(
					testengine.Open(b),
					classifier.New(a, 1),
					blank(a, 1),
					smoothing.Gaussian{Sigma: 0.5},
					1,
					0,
				)
				if err != nil {
					b.Fatal(err)
				}
				defer v.Close()
				measure(b, v, []certify.Request{{N: n, Counts: newCounts(a)}})
			})
		}
	}
}

// BenchmarkFewVotes draws 100 votes for each of 40 images: packed into full chunks, each image in its own chunk, and
// each in a chunk of 100, which gives other votes.
func BenchmarkFewVotes(b *testing.B) {
	a := classifier.Architectures()[0]
	var requests []certify.Request
	for pos := range 40 {
		requests = append(requests, certify.Request{Pos: pos, N: 100, Counts: newCounts(a)})
	}
	for name, way := range map[string]struct {
		chunk int
		each  bool
	}{"packed": {0, false}, "unpacked": {0, true}, "chunk=100": {100, true}} {
		b.Run(name, func(b *testing.B) {
			v, err := votes.New(
				testengine.Open(b),
				classifier.New(a, 1),
				blank(a, len(requests)),
				smoothing.Gaussian{Sigma: 0.5},
				1,
				way.chunk,
			)
			if err != nil {
				b.Fatal(err)
			}
			defer v.Close()
			if !way.each {
				measure(b, v, requests)
				return
			}
			var one [][]certify.Request
			for i := range requests {
				one = append(one, requests[i:i+1])
			}
			measure(b, v, one...)
		})
	}
}

// measure draws the votes of each list of requests, one list after another.
func measure(b *testing.B, v *votes.Voter, lists ...[]certify.Request) {
	n := 0
	for _, requests := range lists {
		for _, r := range requests {
			n += r.N
		}
	}
	once := func() {
		for _, requests := range lists {
			if err := v.VoteAll(b.Context(), noise.Bound, requests); err != nil {
				b.Fatal(err)
			}
		}
	}
	once() // compiles
	for b.Loop() {
		once()
	}
	b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "votes/s")
}

func newCounts(a *classifier.Architecture) []int { return make([]int, a.Classes) }

// blank returns n black images of a network's shape.
func blank(a *classifier.Architecture, n int) *dataset.Dataset {
	d := &dataset.Dataset{
		Name:     "blank",
		Split:    "test",
		Height:   a.Input.Height,
		Width:    a.Input.Width,
		Channels: a.Input.Channels,
		Classes:  make([]string, a.Classes),
		Pixels:   make([]byte, n*a.Input.Size()),
		Labels:   make([]uint16, n),
		Total:    n,
	}
	for i := range n {
		d.Indices = append(d.Indices, i)
	}
	return d
}
