package votes_test

import (
	"testing"

	"smoothlab/certify"
	"smoothlab/certify/votes"
	"smoothlab/classifier"
	"smoothlab/internal/testengine"
	"smoothlab/noise"
	"smoothlab/smoothing"
)

// The costs of votes besides arithmetic: nothing is compiled after the first chunk, and a chunk is one call. Its
// images, two numbers per copy and some bytes of address are uploaded, and its logits are downloaded. Weights, and the
// table of sound noise, stay on the device.
func TestWhatVotesCost(t *testing.T) {
	e := testengine.Open(t)
	a, err := classifier.Lookup("linear")
	if err != nil {
		t.Fatal(err)
	}
	const chunk, chunks = 64, 3
	for kind, open := range kinds() {
		t.Run(kind, func(t *testing.T) {
			v, err := open(e, classifier.New(a, 1), blank(a, 1), smoothing.Gaussian{Sigma: 0.5}, 1, chunk)
			if err != nil {
				t.Fatal(err)
			}
			defer v.Close()
			draw := func(n int) {
				if err := v.VoteAll(
					t.Context(),
					noise.Bound,
					[]certify.Request{{N: n, Counts: newCounts(a)}},
				); err != nil {
					t.Fatal(err)
				}
			}
			draw(chunk)
			compiled, calls := e.Counts()
			before := e.Transfers()
			draw(chunks * chunk)
			c, n := e.Counts()
			moved := e.Transfers().Since(before)
			slots := votes.SlotsOf(chunk)
			address := slots*(a.Input.Size()+4) + 8*chunk + 100
			if c != compiled || n-calls != chunks || moved.Readings != chunks {
				t.Errorf("%d graphs, %d calls, %d readings for %d chunks", c-compiled, n-calls, moved.Readings, chunks)
			}
			if up, down := moved.Uploaded, moved.BytesRead; up > chunks*address || down != chunks*chunk*a.Classes*4 {
				t.Errorf(
					"%d bytes up and %d down, want at most %d and %d",
					up,
					down,
					chunks*address,
					chunks*chunk*a.Classes*4,
				)
			}
		})
	}
}
