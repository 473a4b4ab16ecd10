package votes_test

import (
	"testing"

	"smoothlab/noise"

	"smoothlab/certify/votes"
	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/internal/testengine"
)

// BenchmarkVotes is what certification spends its time on.
func BenchmarkVotes(b *testing.B) {
	d, err := dataset.Open(b.Context(), "mnist-mini", "test", dataset.Options{})
	if err != nil {
		b.Fatal(err)
	}
	a, err := classifier.Lookup("lenet")
	if err != nil {
		b.Fatal(err)
	}
	v, err := votes.New(testengine.Open(b), classifier.New(a, 1), d, 0.5, 1, 0)
	if err != nil {
		b.Fatal(err)
	}
	defer v.Close()
	counts := make([]int, 10)
	const n = 10 * votes.DefaultChunk
	for b.Loop() {
		if err := v.Vote(b.Context(), 0, noise.Bound, 0, n, counts); err != nil {
			b.Fatal(err)
		}
	}
	perSecond := float64(n*b.N) / b.Elapsed().Seconds()
	b.ReportMetric(perSecond, "votes/s")
	b.ReportMetric(perSecond*4.586e6/1e9, "GFLOP/s")
}
