package votes_test

import (
	"path/filepath"
	"slices"
	"testing"

	"smoothlab/certify"
	"smoothlab/certify/votes"
	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/internal/testengine"
	"smoothlab/noise"
	"smoothlab/smoothing"
)

// linears are softmax regressions with different weights, so that their votes differ.
func linears(t *testing.T, n int) (all []*classifier.Classifier) {
	t.Helper()
	a, err := classifier.Lookup("linear")
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		all = append(all, classifier.New(a, uint64(i+1)))
	}
	return all
}

func ensembleVoter(t *testing.T, e *classifier.Classifier, d *dataset.Dataset) *votes.Voter {
	t.Helper()
	v, err := votes.New(testengine.Open(t), e, d, smoothing.Gaussian{Sigma: sigma}, seed, 40)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	return v
}

func combined(t *testing.T, members []*classifier.Classifier, consensus int) *classifier.Classifier {
	t.Helper()
	e, err := classifier.NewEnsemble(members, consensus)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// hostLinear is a softmax regression in float64.
func hostLinear(c *classifier.Classifier, x []float64) []float64 {
	logits := make([]float64, 10)
	for k := range logits {
		logits[k] = float64(c.Params[1][k])
		for i, v := range x {
			logits[k] += float64(c.Params[0][784*k+i]) * v
		}
	}
	return logits
}

// Votes of an ensemble and of its K-consensus, one by one, against float64 on the host, with the forward passes that
// they take. Copies on which a decision is closer than nearTie may go either way; there are few.
func TestConsensusVotesAreTheHosts(t *testing.T) {
	const samples, nearTie = 150, 1e-4
	d, members := digits(t), linears(t, 4)
	whole, early := ensembleVoter(t, combined(t, members, 0), d), ensembleVoter(t, combined(t, members, 2), d)
	ties, disputed, passes := 0, 0, 0
	for i := range samples {
		x := hostNoise(d.Image(undecided), d.Indices[undecided], noise.Bound, i)
		sums := make([]float64, 10)
		var classes []int
		near := false
		for _, m := range members {
			logits := hostLinear(m, x)
			class, gap := top(logits)
			classes, near = append(classes, class), near || gap < nearTie
			for k, l := range logits {
				sums[k] += l
			}
		}
		want, gap := top(sums)
		if near || gap < nearTie {
			ties++
			continue
		}
		if got := count(t, whole, undecided, noise.Bound, i, 1); got[want] != 1 {
			t.Errorf("copy %d: the ensemble votes %v, want class %d", i, got, want)
		}
		if classes[0] == classes[1] {
			want, passes = classes[0], passes+2
		} else {
			disputed, passes = disputed+1, passes+4
		}
		before, _, _ := early.Passes()
		if got := count(t, early, undecided, noise.Bound, i, 1); got[want] != 1 {
			t.Errorf("copy %d: the consensus votes %v, want class %d of %v", i, got, want, classes)
		}
		after, _, n := early.Passes()
		if want := map[bool]int{true: 2, false: 4}[classes[0] == classes[1]]; after-before != want || n != 4 {
			t.Errorf("copy %d took %d passes of %d, want %d", i, after-before, n, want)
		}
	}
	if ties > 5 || disputed < 10 || disputed > samples-ties-10 {
		t.Errorf("%d near ties, %d disputed: the votes do not tell the rules apart", ties, disputed)
	}
	if networks, votes, _ := early.Passes(); networks != passes || votes != samples-ties {
		t.Errorf("%d passes for %d votes, want %d for %d", networks, votes, passes, samples-ties)
	}
}

// Many votes on several images at once equal the votes one by one. With K = all, the votes are the ensemble's. A saved
// and loaded ensemble gives the same votes.
func TestConsensusTogether(t *testing.T) {
	d, members := digits(t), linears(t, 3)
	requests := func() (r []certify.Request) {
		for i, pos := range []int{undecided, 0, undecided, 499} {
			r = append(r, certify.Request{Pos: pos, First: 7 * i, N: 90 - 20*i, Counts: make([]int, 10)})
		}
		return r
	}
	counts := func(e *classifier.Classifier) (all [][]int, v *votes.Voter) {
		v = ensembleVoter(t, e, d)
		r := requests()
		if err := v.VoteAll(t.Context(), noise.Bound, r); err != nil {
			t.Fatal(err)
		}
		for _, one := range r {
			all = append(all, one.Counts)
		}
		return all, v
	}
	early, v := counts(combined(t, members, 2))
	for i, r := range requests() {
		alone := make([]int, 10)
		for k := range r.N {
			if err := v.Vote(t.Context(), r.Pos, noise.Bound, r.First+k, 1, alone); err != nil {
				t.Fatal(err)
			}
		}
		if !slices.Equal(alone, early[i]) {
			t.Errorf("request %d: together %v, one by one %v", i, early[i], alone)
		}
	}
	full, _ := counts(combined(t, members, 0))
	all, v3 := counts(combined(t, members, 3))
	for i := range full {
		if !slices.Equal(full[i], all[i]) {
			t.Errorf("request %d: the ensemble votes %v, the consensus of all %v", i, full[i], all[i])
		}
	}
	if networks, n, members := v3.Passes(); n != 240 || networks != 720 || members != 3 {
		t.Errorf("the consensus of all took %d passes for %d votes", networks, n)
	}
	path := filepath.Join(t.TempDir(), "e.safetensors")
	if err := (&classifier.Checkpoint{Classifier: combined(t, members, 2)}).Save(path); err != nil {
		t.Fatal(err)
	}
	back, err := classifier.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	again, _ := counts(back.Classifier)
	for i := range early {
		if !slices.Equal(early[i], again[i]) {
			t.Errorf("request %d: saved %v, loaded %v", i, early[i], again[i])
		}
	}
	if _, err := v.Predictions(t.Context(), noise.Bound, []int{0}, 0, 4); err == nil {
		t.Error("a mean softmax of votes that stop early")
	}
}
