package votes

import (
	"testing"

	"smoothlab/certify"
)

// Pieces hold each copy once, in order, with the counts of its request, and none has more than the bound.
func TestPieces(t *testing.T) {
	counts := [][]int{{0}, {0}, {0}}
	requests := []certify.Request{
		{Pos: 1, First: 5, N: 25, Counts: counts[0]},
		{Pos: 2, First: 0, N: 0, Counts: counts[1]},
		{Pos: 3, First: 100, N: 7, Counts: counts[2]},
	}
	for _, n := range []int{1, 4, 10, 25, 32, 1000} {
		at := map[int]int{1: 5, 3: 100}
		for piece := range pieces(requests, n) {
			total := 0
			for _, r := range piece {
				if r.First != at[r.Pos] || &r.Counts[0] != &counts[r.Pos-1][0] {
					t.Errorf("bound %d: %+v comes after copy %d", n, r, at[r.Pos]-1)
				}
				at[r.Pos] += r.N
				total += r.N
			}
			if total == 0 || total > n {
				t.Errorf("bound %d: a piece of %d", n, total)
			}
		}
		if at[1] != 30 || at[3] != 107 {
			t.Errorf("bound %d: copies up to %v", n, at)
		}
	}
}
