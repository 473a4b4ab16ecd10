package certify

import (
	"context"
	"slices"
	"testing"
	"time"

	"smoothlab/noise"
)

// slowVoter takes a second to compile at the first call of each purpose, and a millisecond per vote, by its own clock.
type slowVoter struct {
	clock    time.Time
	compiled map[noise.Purpose]bool
	calls    []int // votes asked for by each call
	starts   []int
}

func (v *slowVoter) now() time.Time { return v.clock }

func (*slowVoter) Source() Source { return toySettings().Source }

func (*slowVoter) Slack() float64 { return 0 }

func (*slowVoter) Digests(context.Context, []Image) ([]Digest, error) { return nil, nil }

func (v *slowVoter) Vote(ctx context.Context, _ int, p noise.Purpose, first, n int, counts []int) error {
	if !v.compiled[p] {
		v.clock = v.clock.Add(time.Second)
		v.compiled[p] = true
	}
	v.clock = v.clock.Add(time.Duration(n) * time.Millisecond)
	v.calls, v.starts = append(v.calls, n), append(v.starts, first)
	counts[0] += n
	return ctx.Err()
}

// runMetered certifies images with a slowVoter and returns all reports.
func runMetered(t *testing.T, plan Plan, images, found int) (*slowVoter, []Progress) {
	t.Helper()
	v := &slowVoter{clock: time.Unix(0, 0), compiled: map[noise.Purpose]bool{}}
	s := toySettings()
	s.Plan, s.Chunks = plan, []int{10, 50}
	var reports []Progress
	var at []time.Time
	m := newMeter(s, images, func(p Progress) { reports, at = append(reports, p), append(at, v.clock) }, v.now)
	j := &job{
		voter:  v,
		images: toyImages(images),
		meter:  m,
		certs:  &Certificates{Settings: s, Planned: images, Rows: make([]Row, found)},
	}
	if err := j.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i := 1; i < len(at)-1; i++ { // the last is made in any case
		if gap := at[i].Sub(at[i-1]); gap < reportEvery {
			t.Errorf("report %d comes %v after the one before", i, gap)
		}
	}
	return v, reports
}

// Reports also come during an image, count every vote once, and have a rate after the first call that did not compile.
func TestProgressWithinAnImage(t *testing.T) {
	plan := Plan{N0: 10, N: 2000, Alpha: 0.001}
	v, reports := runMetered(t, plan, 3, 1)
	if len(reports) < 20 {
		t.Fatalf("%d reports of 4 seconds and more", len(reports))
	}
	first, last := reports[0], reports[len(reports)-1]
	if first.Done != 1 || first.Total != 3 || first.Votes != 0 || first.Rate != 0 || first.ETA != 0 {
		t.Errorf("the first report is %+v", first)
	}
	if last.Done != 3 || last.Votes != 2*2010 || last.ETA != 0 || last.Share() != 1 {
		t.Errorf("the last report is %+v", last)
	}
	votes := 0
	for i, p := range reports {
		if p.Votes < votes || p.Votes != (p.Done-1)*2010+p.Image || p.PerImage != 2010 {
			t.Errorf("report %d: %+v", i, p)
		}
		votes = p.Votes
		if p.Rate == 0 {
			continue
		}
		// A thousand votes per second without the compilations, which took two seconds; the clock is exact, the
		// division is not.
		if p.Rate < 999.999 || p.Rate > 1000.001 {
			t.Errorf("report %d tells a rate of %v", i, p.Rate)
		}
		if left := time.Duration(3*2010-2010-p.Votes) * time.Millisecond; (p.ETA - left).Abs() > time.Microsecond {
			t.Errorf("report %d expects %v more, and it will be %v", i, p.ETA, left)
		}
	}
	if known := slices.IndexFunc(
		reports,
		func(p Progress) bool { return p.Rate > 0 },
	); known < 0 ||
		reports[known].Votes > 10+3*50 { // the first call, and two in a tenth of a second
		t.Errorf("the rate is known with report %d of %d", known, len(reports))
	}
	// Calls are whole batches except the last of an image, one after the other.
	next := 0
	for i, n := range v.calls {
		if v.starts[i] == 0 {
			next = 0
		}
		if v.starts[i] != next || n%50 != 0 && next+n != 2000 && next+n != 10 {
			t.Errorf("call %d asks for %d votes from %d on; expected from %d on", i, n, v.starts[i], next)
		}
		next += n
	}
}

// If a run is so short that every call compiles, the last report has the overall rate.
func TestProgressOfOneCall(t *testing.T) {
	_, reports := runMetered(t, Plan{N0: 10, N: 50, Alpha: 0.001}, 1, 0)
	last := reports[len(reports)-1]
	if last.Votes != 60 || last.Rate < 29 || last.Rate > 30 || last.ETA != 0 { // 60 votes in 2.06 s
		t.Errorf("the last report is %+v", last)
	}
}

// A call should take about a tenth of a second, whatever the time per vote.
func TestCallsGrowAndShrink(t *testing.T) {
	s := toySettings()
	s.Chunks = []int{100, 1000}
	clock := time.Unix(0, 0)
	m := newMeter(s, 1, nil, func() time.Time { return clock })
	for _, c := range []struct {
		took time.Duration // a batch
		want int           // batches of a call after twenty calls
	}{{time.Millisecond, 64}, {40 * time.Millisecond, 4}, {time.Second, 1}, {100 * time.Millisecond, 1}} {
		for range 20 {
			n := m.next()
			clock = clock.Add(c.took * time.Duration(n/1000))
			m.record(noise.Bound, n)
		}
		if m.chunks != c.want {
			t.Errorf("%v a batch: %d batches a call, expected %d", c.took, m.chunks, c.want)
		}
	}
}

// The rows do not depend on how votes are divided into calls.
func TestRunEqualsCertify(t *testing.T) {
	s := toySettings()
	s.Plan.N, s.Chunks = 997, []int{10, 13}
	v := &toyVoter{seed: 7, share: toyShares(toyCount)}
	c, err := runAs(t.Context(), v, toyImages(toyCount), s, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, img := range toyImages(toyCount) {
		row, err := Certify(t.Context(), v, img, s.Plan)
		if err != nil {
			t.Fatal(err)
		}
		row.Time = c.Rows[i].Time
		if row != c.Rows[i] {
			t.Errorf("Run gives %+v, Certify %+v", c.Rows[i], row)
		}
	}
}

// A budget's time excludes the first call of a purpose, which may compile, and includes other calls.
func TestBudgetWithoutCompiling(t *testing.T) {
	clock := time.Unix(0, 0)
	m := newMeter(toySettings(), 1, nil, func() time.Time { return clock })
	m.budget = Budget{Time: 5 * time.Second}
	for _, step := range []struct {
		purpose noise.Purpose
		took    time.Duration
		spent   bool
	}{{noise.Select, 10 * time.Second, false}, {noise.Bound, 10 * time.Second, false}, {noise.Bound, 4 * time.Second, false}, {noise.Select, time.Second, true}} {
		m.next()
		clock = clock.Add(step.took)
		m.record(step.purpose, 10)
		if err := m.checkBudget(10); (err != nil) != step.spent {
			t.Errorf("after %v of %v: %v", step.took, step.purpose, err)
		}
	}
}
