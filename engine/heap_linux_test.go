package engine_test

import (
	"slices"
	"syscall"
	"testing"

	"smoothlab/engine"
	"smoothlab/internal/testengine"

	. "github.com/gomlx/gomlx/core/graph"
)

// wide is a program that needs 64 MB of working memory and returns one number.
func wide(t testing.TB) *engine.Program {
	t.Helper()
	p, err := testengine.Open(t).Program("wide", func(_ *engine.Program, in []*Node) []*Node {
		const n = 4096
		x := BroadcastToDims(Reshape(in[0], -1, 1), n, 64)
		product := DotGeneral(x, []int{1}, nil, x, []int{1}, nil) // [n, n], which fusion cannot avoid
		return []*Node{ReduceAllSum(DotGeneral(product, []int{0}, nil, x, []int{0}, nil))}
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// The working memory of a call is used again by a later one, instead of being asked from the system page by page (4 kB
// each): 64 MB would be 16,000 faults a call. In the first calls the heap still grows. The median ignores a call during
// which other code made it grow.
func TestWorkingMemoryIsKept(t *testing.T) {
	p, x := wide(t), make([]float32, 4096)
	for range 20 {
		call(t, p, x)
	}
	var faults []int64
	for range 11 {
		before := pageFaults(t)
		call(t, p, x)
		faults = append(faults, pageFaults(t)-before)
	}
	slices.Sort(faults)
	if median := faults[len(faults)/2]; median > 2000 {
		t.Errorf("%d page faults a call, of %d: XLA's memory goes back to the system after each", median, faults)
	}
}

// pageFaults returns the number of page faults of this process so far that needed no disk.
func pageFaults(t testing.TB) int64 {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return u.Minflt
}
