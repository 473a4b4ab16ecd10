package certify

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"smoothlab/noise"
)

// packingToy is a toyVoter that draws votes of several images in a call.
type packingToy struct {
	*toyVoter
	calls int
}

func (v *packingToy) VoteAll(ctx context.Context, p noise.Purpose, requests []Request) error {
	v.calls++
	for _, r := range requests {
		if err := v.Vote(ctx, r.Pos, p, r.First, r.N, r.Counts); err != nil {
			return err
		}
	}
	return nil
}

const manyImages = 45 // three windows

func packing(each func(int)) *packingToy {
	return &packingToy{toyVoter: &toyVoter{seed: 7, share: toyShares(manyImages), each: each}}
}

// Votes drawn for several images at once give the same log as image by image, in far fewer calls, whether few rungs or
// all are shared, also if stopped anywhere and resumed.
func TestTogetherIsOneByOne(t *testing.T) {
	for _, chunk := range []int{2, 60} { // rungs are 6, 6 and 12 apart
		s := ladderSettings(true)
		s.Chunks = []int{chunk}
		dir := t.TempDir()
		single, whole := filepath.Join(dir, "single.tsv"), filepath.Join(dir, "whole.tsv")
		one := &toyVoter{seed: 7, share: toyShares(manyImages)}
		if _, err := runAs(t.Context(), one, toyImages(manyImages), s, single, nil); err != nil {
			t.Fatal(err)
		}
		v := packing(nil)
		var last Progress
		if _, err := runAs(t.Context(), v, toyImages(manyImages), s, whole, func(p Progress) { last = p }); err != nil {
			t.Fatal(err)
		}
		if got := withoutTime(t, whole); got != withoutTime(t, single) {
			t.Fatalf("together the log is\n%s\nexpected\n%s", got, withoutTime(t, single))
		}
		if v.drawn != one.drawn || chunk == 60 && v.calls > manyImages/2 || last.Done != manyImages ||
			last.Votes != v.drawn ||
			last.Image != 0 {
			t.Errorf("%d votes in %d calls, %d one by one; the last progress is %+v", v.drawn, v.calls, one.drawn, last)
		}
		for stop := 1; stop < one.drawn; stop += 37 {
			out := filepath.Join(dir, "stopped.tsv")
			ctx, cancel := context.WithCancel(t.Context())
			c, err := runAs(ctx, packing(func(votes int) {
				if votes == stop {
					cancel()
				}
			}), toyImages(manyImages), s, out, nil)
			if !errors.Is(err, context.Canceled) || !c.Unfinished() {
				t.Fatalf("stopped at vote %d: %v", stop, err)
			}
			if _, err := runAs(t.Context(), packing(nil), toyImages(manyImages), s, out, nil); err != nil {
				t.Fatal(err)
			}
			if got := withoutTime(t, out); got != withoutTime(t, single) {
				t.Fatalf("stopped at vote %d, the log became\n%s", stop, got)
			}
			if err := errors.Join(os.Remove(out), os.Remove(sidecarPath(out))); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// Votes drawn for several images at once do not exceed a budget, and a run that the budget ended is resumed.
func TestBudgetTogether(t *testing.T) {
	out := filepath.Join(t.TempDir(), "toy.tsv")
	for round := 0; ; round++ {
		v := packing(nil)
		c, err := runWithinAs(
			t.Context(),
			Budget{Votes: 61},
			v,
			toyImages(manyImages),
			Shard{},
			ladderSettings(false),
			out,
			nil,
		)
		var ended *BudgetError
		if v.drawn > 61 || err != nil && !errors.As(err, &ended) {
			t.Fatalf("%d votes were drawn: %v", v.drawn, err)
		}
		if err == nil {
			if round < 3 || c.Unfinished() {
				t.Errorf("finished after %d rounds: %d rows", round, len(c.Rows))
			}
			return
		}
		if round > 200 {
			t.Fatal("it never ends")
		}
	}
}
