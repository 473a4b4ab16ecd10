package votes_test

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"

	"smoothlab/certify/votes"
	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/engine"
	"smoothlab/internal/testengine"
	"smoothlab/internal/testreference"
	"smoothlab/noise"
	"smoothlab/smoothing"
)

const (
	sigma = 0.5
	seed  = 7
	// undecided is the position in mnist-mini's test part of image 1200, on which the authors' network abstains at
	// sigma 0.5: its votes fall on several classes, so that different noise gives different counts.
	undecided = 1200 / 20
)

// trained is the authors' LeNet, trained with sigma 0.5: their checkpoint if SMOOTHLAB_REFERENCE or SMOOTHLAB_GOLDEN
// names it, else the copy of its weights.
func trained(t testing.TB) *classifier.Classifier {
	t.Helper()
	dir, _ := testreference.Golden(t)
	path := filepath.Join(dir, "lenet_gaussian_0.50.pth.tar")
	if _, err := os.Stat(path); err != nil {
		path = filepath.Join(dir, "lenet_weights.npz")
	}
	c, err := classifier.FromTorch(t.Context(), path, classifier.Import{Arch: "lenet"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func digits(t testing.TB) *dataset.Dataset {
	t.Helper()
	d, err := dataset.Open(t.Context(), "mnist-mini", "test", dataset.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func newVoter(t testing.TB, d *dataset.Dataset, seed uint64, chunk int) *votes.Voter {
	t.Helper()
	v, err := votes.New(testengine.Open(t), trained(t), d, smoothing.Gaussian{Sigma: sigma}, seed, chunk)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := v.Close(); err != nil {
			t.Error(err)
		}
	})
	return v
}

// count votes once.
func count(t testing.TB, v *votes.Voter, pos int, p noise.Purpose, first, n int) []int {
	t.Helper()
	counts := make([]int, 10)
	if err := v.Vote(t.Context(), pos, p, first, n, counts); err != nil {
		t.Fatal(err)
	}
	if s := sum(counts); s != n {
		t.Fatalf("%d votes of %d asked for", s, n)
	}
	return counts
}

func sum(counts []int) (s int) {
	for _, c := range counts {
		s += c
	}
	return s
}

// However a range is split, also inside a chunk, the parts add up to the whole.
func TestSplitsAddUp(t *testing.T) {
	v := newVoter(t, digits(t), seed, 40)
	for _, p := range []noise.Purpose{noise.Select, noise.Bound} {
		want := count(t, v, undecided, p, 0, 230)
		for _, cuts := range [][]int{{0, 40, 80, 230}, {0, 1, 39, 41, 230}, {0, 55, 55, 113, 229, 230}} {
			got := make([]int, 10)
			for i := range len(cuts) - 1 {
				if err := v.Vote(t.Context(), undecided, p, cuts[i], cuts[i+1]-cuts[i], got); err != nil {
					t.Fatal(err)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%v cut at %v: %v, want %v", p, cuts, got, want)
			}
		}
	}
}

// Equal addresses give equal votes in a fresh voter; another seed, purpose, image or range gives others.
func TestWhatAVoteDependsOn(t *testing.T) {
	d := digits(t)
	v := newVoter(t, d, seed, 200)
	want := count(t, v, undecided, noise.Bound, 0, 400)
	if slices.Max(want) > 360 {
		t.Fatalf("votes %v are too much alike to tell draws apart", want)
	}
	if got := count(t, newVoter(t, d, seed, 200), undecided, noise.Bound, 0, 400); !slices.Equal(got, want) {
		t.Errorf("a fresh voter counts %v, want %v", got, want)
	}
	different := map[string][]int{
		"seed":      count(t, newVoter(t, d, seed+1, 200), undecided, noise.Bound, 0, 400),
		"high word": count(t, newVoter(t, d, seed+1<<32, 200), undecided, noise.Bound, 0, 400),
		"purpose":   count(t, v, undecided, noise.Predict, 0, 400),
		"range":     count(t, v, undecided, noise.Bound, 400, 400),
	}
	for name, got := range different {
		if slices.Equal(got, want) {
			t.Errorf("another %s gives the same votes %v", name, got)
		}
	}
	copied := sameImageTwice(t, d)
	v = newVoter(t, copied, seed, 200)
	if a, b := count(t, v, 0, noise.Bound, 0, 400), count(t, v, 1, noise.Bound, 0, 400); slices.Equal(a, b) {
		t.Errorf("the same noise, %v, for two images of different indices", a)
	}
}

// sameImageTwice is a data set of two equal images with different indices.
func sameImageTwice(t *testing.T, d *dataset.Dataset) *dataset.Dataset {
	t.Helper()
	copied, err := d.Select([]int{undecided, undecided})
	if err != nil {
		t.Fatal(err)
	}
	copied.Indices[1]++
	return copied
}

// Votes depend on the image's index in the original split, not on its position in a slice.
func TestVotesFollowTheIndex(t *testing.T) {
	d := digits(t)
	backwards, err := d.Select([]int{400, undecided, 0})
	if err != nil {
		t.Fatal(err)
	}
	v, w := newVoter(t, d, seed, 200), newVoter(t, backwards, seed, 200)
	for pos, original := range []int{400, undecided, 0} {
		got, want := count(t, w, pos, noise.Bound, 0, 200), count(t, v, original, noise.Bound, 0, 200)
		if !slices.Equal(got, want) {
			t.Errorf("image %d: %v in a slice, %v in the whole", d.Indices[original], got, want)
		}
	}
}

func TestChunks(t *testing.T) {
	d := digits(t)
	for chunk, want := range map[int][]int{
		0: {votes.SelectChunk, votes.DefaultChunk}, 25: {28, 28}, 40: {40, 40}, 5000: {votes.SelectChunk, 5000},
	} {
		if got := newVoter(t, d, seed, chunk).Chunks(); !slices.Equal(got, want) {
			t.Errorf("chunk %d: %v, want %v", chunk, got, want)
		}
	}
	a, err := classifier.Lookup("resnet20")
	if err != nil {
		t.Fatal(err)
	}
	black := &dataset.Dataset{
		Height:   32,
		Width:    32,
		Channels: 3,
		Classes:  make([]string, 10),
		Pixels:   make([]byte, 3072),
		Labels:   []uint16{0},
		Indices:  []int{0},
	}
	v, err := votes.New(testengine.Open(t), classifier.New(a, 1), black, smoothing.Gaussian{Sigma: sigma}, seed, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	if got := v.Chunks(); testengine.Open(t).Device() == "cpu" &&
		!slices.Equal(got, []int{votes.SelectChunk, 200}) { // 16 GFLOP
		t.Errorf("%s: chunks %v", a.Name, got)
	}
}

// Zero votes need no call, also at the ends of the counter.
func TestNoVotes(t *testing.T) {
	v := newVoter(t, digits(t), seed, 40)
	_, before := testengine.Open(t).Counts()
	for _, first := range []int{0, 7, 40, math.MaxUint32} {
		count(t, v, 0, noise.Bound, first, 0)
	}
	if _, after := testengine.Open(t).Counts(); after != before {
		t.Errorf("%d calls for no votes", after-before)
	}
	count(t, v, 0, noise.Bound, math.MaxUint32-50, 50)
}

func TestBadArguments(t *testing.T) {
	d, c, e := digits(t), trained(t), testengine.Open(t)
	wide, letters := *d, *d
	wide.Height, wide.Width = 14, 56
	letters.Classes = make([]string, 26)
	damaged := c.Clone() // with one NaN, XLA's maximum on a CPU gives finite logits and certificates of full radius
	damaged.Params[0][0] = float32(math.NaN())
	named, err := c.WithClassNames(d.Classes)
	if err != nil {
		t.Fatal(err)
	}
	shuffled, err := d.Select([]int{0})
	if err != nil {
		t.Fatal(err)
	}
	shuffled.Classes[4], shuffled.Classes[7] = "7", "4"
	for name, f := range map[string]func() error{
		"sigma 0":          func() error { _, err := votes.New(e, c, d, smoothing.Gaussian{Sigma: 0}, 1, 0); return err },
		"sigma -0.5":       func() error { _, err := votes.New(e, c, d, smoothing.Gaussian{Sigma: -0.5}, 1, 0); return err },
		"sigma NaN":        func() error { _, err := votes.New(e, c, d, smoothing.Gaussian{Sigma: math.NaN()}, 1, 0); return err },
		"sigma 1e-50":      func() error { _, err := votes.New(e, c, d, smoothing.Gaussian{Sigma: 1e-50}, 1, 0); return err },
		"sigma 1e+50":      func() error { _, err := votes.New(e, c, d, smoothing.Gaussian{Sigma: 1e50}, 1, 0); return err },
		"chunk -1":         func() error { _, err := votes.New(e, c, d, smoothing.Gaussian{Sigma: 1}, 1, -1); return err },
		"28×28×1, 14×56×1": func() error { _, err := votes.New(e, c, &wide, smoothing.Gaussian{Sigma: 1}, 1, 0); return err },
		"another order":    func() error { _, err := votes.New(e, named, shuffled, smoothing.Gaussian{Sigma: 1}, 1, 0); return err },
		"conv1.weight NaN": func() error { _, err := votes.New(e, damaged, d, smoothing.Gaussian{Sigma: 1}, 1, 0); return err },
		"conv1.weight 500": func() error {
			_, err := votes.NewSound(e, damaged, d, smoothing.Gaussian{Sigma: 0.5}, 1, 0)
			return err
		},
		"10 classes, 26":     func() error { _, err := votes.New(e, c, &letters, smoothing.Gaussian{Sigma: 1}, 1, 0); return err },
		"position -1 500":    func() error { return vote(t, d, -1, 0, 1, 10) },
		"position 500":       func() error { return vote(t, d, 500, 0, 1, 10) },
		"votes -1":           func() error { return vote(t, d, 0, -1, 1, 10) },
		"votes 4294967295":   func() error { return vote(t, d, 0, math.MaxUint32, 1, 10) },
		"votes counter":      func() error { return vote(t, d, 0, 5, math.MaxInt-2, 10) },
		"9 classes lenet 10": func() error { return vote(t, d, 0, 0, 1, 9) },
	} {
		err := f()
		if err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		for _, word := range strings.FieldsFunc(name, func(r rune) bool { return r == ' ' || r == ',' }) {
			if !strings.Contains(err.Error(), word) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%q does not say %q in one line", err, word)
			}
		}
	}
}

func vote(t *testing.T, d *dataset.Dataset, pos, first, n, classes int) error {
	return newVoter(t, d, seed, 40).Vote(t.Context(), pos, noise.Bound, first, n, make([]int, classes))
}

// A closed voter returns an error; closing it again is harmless.
func TestClosed(t *testing.T) {
	v := newVoter(t, digits(t), seed, 40)
	count(t, v, 0, noise.Bound, 0, 40)
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	if err := v.Vote(
		t.Context(),
		0,
		noise.Bound,
		0,
		40,
		make([]int, 10),
	); err == nil ||
		strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v, want one line", err)
	}
}

// A classifier whose logits overflow, although its weights are finite, does not vote.
func TestDamagedWeights(t *testing.T) {
	c := trained(t)
	head := c.Params[len(c.Params)-2]
	for i := range 500 { // of the first class: infinities of both signs, whose sum is NaN
		head[i] = math.MaxFloat32 * float32(1-2*(i%2))
	}
	v, err := votes.New(testengine.Open(t), c, digits(t), smoothing.Gaussian{Sigma: sigma}, seed, 40)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	counts := make([]int, 10)
	if err := v.Vote(
		t.Context(),
		0,
		noise.Bound,
		0,
		40,
		counts,
	); err == nil || !strings.Contains(err.Error(), "not numbers") ||
		sum(counts) != 0 {
		t.Errorf("error %v and %d votes, want an error about numbers", err, sum(counts))
	}
}

// afterCalls is a context that has ended once the engine has been called so often.
type afterCalls struct {
	context.Context
	engine *engine.Engine
	calls  int
}

func (c afterCalls) Err() error {
	if _, calls := c.engine.Counts(); calls >= c.calls {
		return context.Canceled
	}
	return nil
}

// The context is checked before every chunk, and nothing is computed once it has ended.
func TestCancelledBetweenChunks(t *testing.T) {
	v := newVoter(t, digits(t), seed, 40)
	e := testengine.Open(t)
	_, before := e.Counts()
	counts := make([]int, 10)
	err := v.Vote(afterCalls{t.Context(), e, before + 3}, undecided, noise.Bound, 0, 1_000_000, counts)
	if !errors.Is(err, context.Canceled) || sum(counts) != 3*40 {
		t.Errorf("error %v after %d votes, want context.Canceled after 3 chunks of 40", err, sum(counts))
	}
	if _, after := e.Counts(); after != before+3 {
		t.Errorf("%d calls, want 3", after-before)
	}
	if got, want := count(t, v, undecided, noise.Bound, 0, 120), counts; !slices.Equal(got, want) {
		t.Errorf("after the interrupt the voter counts %v, before it %v", got, want)
	}
}

// A long vote is interrupted from another goroutine, as Ctrl-C does.
func TestInterrupted(t *testing.T) { interrupted(t, newVoter(t, digits(t), seed, 40)) }

func interrupted(t *testing.T, v *votes.Voter) {
	t.Helper()
	e := testengine.Open(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, before := e.Counts()
	go func() {
		for {
			if _, n := e.Counts(); n > before+2 {
				cancel()
				return
			}
		}
	}()
	counts := make([]int, 10)
	const n = 100_000_000 // hours
	if err := v.Vote(ctx, undecided, noise.Bound, 0, n, counts); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v after %d votes, want context.Canceled", err, sum(counts))
	}
}

// Memory is bounded by a chunk: 100 more chunks, without garbage collection, do not enlarge the process. The noise of
// the chunks is 31 MB; the bound leaves room for Go's own allocations.
func TestMemoryIsConstant(t *testing.T) {
	v := newVoter(t, digits(t), seed, 100)
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	chunks := func(first, k int) {
		for pos := range 10 { // new images as well as new chunks
			count(t, v, pos, noise.Bound, first, k/10*100)
		}
	}
	chunks(0, 20)
	before := resident(t)
	chunks(2000, 100)
	if grown := resident(t) - before; grown > 12<<20 {
		t.Errorf("the process grew by %.1f MB in 100 chunks", float64(grown)/(1<<20))
	} else {
		t.Logf("the process grew by %.1f MB in 100 chunks", float64(grown)/(1<<20))
	}
}

// resident is the process's resident memory in bytes.
func resident(t *testing.T) int {
	t.Helper()
	data, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skip("this system does not tell the memory of a process: ", err)
	}
	pages, err := strconv.Atoi(strings.Fields(string(data))[1])
	if err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize()
}
