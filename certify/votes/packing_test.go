package votes_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"smoothlab/certify"
	"smoothlab/certify/votes"
	"smoothlab/classifier"
	"smoothlab/internal/testengine"
	"smoothlab/noise"
	"smoothlab/smoothing"
)

// networks are the authors' trained LeNet and the others of the list, untrained.
func networks(t testing.TB) []*classifier.Classifier {
	all := []*classifier.Classifier{trained(t)}
	for _, a := range classifier.Architectures() {
		if a.Name != all[0].Arch.Name && a.Input == all[0].Arch.Input {
			all = append(all, classifier.New(a, 1))
		}
	}
	return all
}

// The logits of a noisy copy are the same, to the last bit, in whatever row of the chunk it is computed and whatever
// else is computed there. This is why votes of several images may share a chunk, and why a shard has the same counts as
// the whole. Chunks that are not a multiple of four are rounded up: in a chunk of 25 rows the last would differ.
func TestRowsStandAlone(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, c := range networks(t) {
		for _, chunk := range []int{25, 40, votes.DefaultChunk} {
			for kind, voter := range kinds() {
				if chunk != 40 &&
					kind != "float32" { // the noise consists of whole numbers, and the network is the same
					continue
				}
				t.Run(fmt.Sprintf("%s/%d/%s", c.Arch.Name, chunk, kind), func(t *testing.T) {
					v, err := voter(testengine.Open(t), c, digits(t), smoothing.Gaussian{Sigma: sigma}, seed, chunk)
					if err != nil {
						t.Fatal(err)
					}
					defer v.Close()
					rowsStandAlone(t, v, rng)
				})
			}
		}
	}
}

func rowsStandAlone(t *testing.T, v *votes.Voter, rng *rand.Rand) {
	rows := v.Chunks()[1]
	var want []float32
	places := []int{0, rows / 3, rows - 2, rows - 1}
	for i, place := range places {
		positions, samples := make([]int, rows), make([]int, rows)
		for row := range rows { // 50 images, no two chunks alike
			positions[row], samples[row] = rng.IntN(50), rng.IntN(1000)
		}
		positions[place], samples[place] = undecided, 7
		logits, err := v.Logits(t.Context(), noise.Bound, positions, samples)
		if err != nil {
			t.Fatal(err)
		}
		got := logits[10*place : 10*place+10]
		if i == 0 {
			want = got
		}
		if !slices.Equal(got, want) {
			t.Errorf("row %d of %d: logits %v, and %v in row 0 among others", place, rows, got, want)
		}
	}
}

// Packed requests of any sizes and ranges have the same counts as each alone, also with more images than a chunk has
// slots, without images, and with the same image twice.
func TestPackedVotesAreTheSame(t *testing.T) {
	v := newVoter(t, digits(t), seed, 200)
	var requests []certify.Request
	for i, n := range []int{30, 1, 0, 450, 100, 100, 7, 200, 3} {
		requests = append(requests, certify.Request{Pos: undecided + i/2, First: 13 * i, N: n, Counts: make([]int, 10)})
	}
	for i := range 100 {
		requests = append(requests, certify.Request{Pos: i, N: 1, Counts: make([]int, 10)})
	}
	for _, p := range []noise.Purpose{noise.Select, noise.Predict} {
		for i := range requests {
			clear(requests[i].Counts)
		}
		_, before := testengine.Open(t).Counts()
		if err := v.VoteAll(t.Context(), p, requests); err != nil {
			t.Fatal(err)
		}
		_, after := testengine.Open(t).Counts()
		for _, r := range requests[:12] {
			if alone := count(t, v, r.Pos, p, r.First, r.N); !slices.Equal(r.Counts, alone) {
				t.Errorf(
					"%v, image at %d, %d copies from %d on: %v packed, %v alone",
					p,
					r.Pos,
					r.N,
					r.First,
					r.Counts,
					alone,
				)
			}
		}
		if p == noise.Predict && after-before != 6 { // 991 votes, and at most 64 images a chunk of 200
			t.Errorf("%d calls for 991 votes, want 6 chunks of 200", after-before)
		}
	}
}

// A bad request is refused before anything is drawn.
func TestBadRequest(t *testing.T) {
	v := newVoter(t, digits(t), seed, 40)
	counts := make([]int, 10)
	_, before := testengine.Open(t).Counts()
	err := v.VoteAll(
		t.Context(),
		noise.Bound,
		[]certify.Request{{N: 40, Counts: counts}, {Pos: 500, N: 1, Counts: counts}},
	)
	if _, after := testengine.Open(t).Counts(); err == nil || after != before || sum(counts) != 0 {
		t.Errorf("error %v after %d calls and %d votes, want an error alone", err, after-before, sum(counts))
	}
}

// Spread over all devices of the plugin, the counts are the same, and an interrupt still ends everything at once.
func TestDevicesCountTheSame(t *testing.T) {
	e, c := testengine.Open(t), trained(t)
	for kind, voter := range kinds() {
		t.Run(kind, func(t *testing.T) {
			d := digits(t)
			one, err := voter(e, c, d, smoothing.Gaussian{Sigma: sigma}, seed, 40)
			if err != nil {
				t.Fatal(err)
			}
			defer one.Close()
			all, err := voter(e, c, d, smoothing.Gaussian{Sigma: sigma}, seed, 40)
			if err != nil {
				t.Fatal(err)
			}
			defer all.Close()
			all.Spread(c, e.Devices())
			if got, want := count(
				t,
				all,
				undecided,
				noise.Bound,
				3,
				1000,
			), count(
				t,
				one,
				undecided,
				noise.Bound,
				3,
				1000,
			); !slices.Equal(
				got,
				want,
			) {
				t.Errorf("%d devices count %v, one %v", e.Devices(), got, want)
			}
			a, errA := all.Predictions(t.Context(), noise.Calibrate, []int{0, undecided}, 0, 300)
			b, errB := one.Predictions(t.Context(), noise.Calibrate, []int{0, undecided}, 0, 300)
			if err := errors.Join(errA, errB); err != nil || fmt.Sprint(a) != fmt.Sprint(b) {
				t.Errorf("%d devices think %v, one %v (%v)", e.Devices(), a, b, err)
			}
			interrupted(t, all)
		})
	}
}
