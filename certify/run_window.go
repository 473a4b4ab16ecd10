package certify

import (
	"context"
	"time"

	"smoothlab/noise"
)

// windowSize is the number of images whose first votes a ladder draws together; what is killed loses those of so many
// at most.
const windowSize = 16

// together certifies the images of a window under a ladder: the votes that choose classes, and those up to rungs that
// are less than a few batches apart, are drawn for all of them in shared batches, the others image by image. Rows are
// kept in order, as soon as those before them are.
type together struct {
	*job
	packer Packer
	p      *procedure
	window []*climber
	kept   int // of the window
}

// climber is one image on its way.
type climber struct {
	img    Image
	class  int
	counts []int // of all classes, for the bound
	on     []int // votes for the class on each rung that was reached
	proved int
	row    Row
	done   bool
	time   time.Duration
}

// runTogether certifies all images that are left, a window at a time.
func (j *job) runTogether(ctx context.Context, packer Packer, p *procedure) error {
	for len(j.certs.Rows) < len(j.images) {
		left := j.images[len(j.certs.Rows):]
		t := &together{job: j, packer: packer, p: p}
		for _, img := range left[:min(len(left), j.windowSize(p))] {
			t.window = append(t.window, &climber{img: img, counts: make([]int, j.certs.Classes)})
		}
		if err := t.run(ctx); err != nil {
			return j.stopped(j.images[len(j.certs.Rows)], err)
		}
	}
	return nil
}

// windowSize is smaller where the budget has no room for the first votes of so many images beside all of the first
// image, so that what is left of a budget finishes an image if it can.
func (j *job) windowSize(p *procedure) int {
	b := j.meter.budget.Votes
	if b == 0 {
		return windowSize
	}
	first := p.N0
	if shared := j.shared(p); shared > 0 {
		first += p.Ladder.Rungs[shared-1]
	}
	return max(1, min(windowSize, 1+(b-j.meter.state.Votes-p.Most())/first))
}

// shared is the number of rungs that images reach together: those that are less than a few batches apart.
func (j *job) shared(p *procedure) int {
	before := 0
	for k, n := range p.Ladder.Rungs {
		if n-before >= 4*j.meter.chunk {
			return k
		}
		before = n
	}
	return len(p.Ladder.Rungs)
}

func (t *together) run(ctx context.Context) error {
	if err := t.choose(ctx); err != nil {
		return err
	}
	shared := t.shared(t.p)
	for k := range shared {
		if err := t.reach(ctx, k); err != nil {
			return err
		}
	}
	for _, c := range t.window {
		for k := shared; !c.done; k++ {
			if err := t.alone(ctx, c, k); err != nil {
				return err
			}
		}
		if err := t.keep(); err != nil {
			return err
		}
	}
	return nil
}

// choose draws the votes that choose the classes.
func (t *together) choose(ctx context.Context) error {
	selections := make([][]int, len(t.window))
	for i := range selections {
		selections[i] = make([]int, t.certs.Classes)
	}
	if err := t.draw(ctx, noise.Select, t.window, 0, t.p.N0, selections); err != nil {
		return err
	}
	for i, c := range t.window {
		c.class, _ = topTwo(selections[i])
		if t.p.Ladder.Evaluation && c.class != c.img.Label {
			c.done, c.row = true, Row{Ended: EndedLabel}
		}
	}
	return t.keep()
}

// before is the number of votes on the rung below k.
func (t *together) before(k int) int {
	if k == 0 {
		return 0
	}
	return t.p.Ladder.Rungs[k-1]
}

// reach brings all images that go on to rung k.
func (t *together) reach(ctx context.Context, k int) error {
	var on []*climber
	var counts [][]int
	for _, c := range t.window {
		if !c.done {
			on, counts = append(on, c), append(counts, c.counts)
		}
	}
	if err := t.draw(ctx, noise.Bound, on, t.before(k), t.p.Ladder.Rungs[k], counts); err != nil {
		return err
	}
	for _, c := range on {
		t.look(c, k)
	}
	return t.keep()
}

// alone brings one image to rung k.
func (t *together) alone(ctx context.Context, c *climber, k int) error {
	start := time.Now()
	b := &ballot{voter: t.voter, img: c.img, classes: t.certs.Classes, meter: t.meter}
	if err := b.draw(ctx, noise.Bound, t.before(k), t.p.Ladder.Rungs[k], c.counts); err != nil {
		return err
	}
	c.time += time.Since(start)
	t.look(c, k)
	return nil
}

// look looks at an image that has reached rung k.
func (t *together) look(c *climber, k int) {
	c.on = append(c.on, c.counts[c.class])
	proved, end := t.p.climb.look(k, c.counts[c.class], c.proved)
	if c.proved = proved; end != "" {
		c.done, c.row = true, t.p.climb.row(c.on, proved, end)
	}
}

// draw adds votes first … last-1 of several images to their counts, of as many images a call as take the time of one.
func (t *together) draw(ctx context.Context, p noise.Purpose, of []*climber, first, last int, counts [][]int) error {
	if len(of) == 0 { // all have ended: a budget that is spent stops nobody
		return nil
	}
	if err := t.meter.affords((last - first) * len(of)); err != nil {
		return err
	}
	for at := 0; at < len(of); {
		end := min(len(of), at+max(1, t.meter.next()/(last-first)))
		if err := t.call(ctx, p, of[at:end], first, last-first, counts[at:end]); err != nil {
			return err
		}
		if at = end; at < len(of) {
			if err := t.meter.affords(0); err != nil {
				return err
			}
		}
	}
	return nil
}

// call asks the voter once. The time is shared out evenly.
func (t *together) call(ctx context.Context, p noise.Purpose, of []*climber, first, n int, counts [][]int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	requests := make([]Request, len(of))
	for i, c := range of {
		requests[i] = Request{Pos: c.img.Pos, First: first, N: n, Counts: make([]int, len(counts[i]))}
	}
	start := time.Now()
	if err := t.packer.VoteAll(ctx, p, requests); err != nil {
		return err
	}
	each := time.Since(start) / time.Duration(len(of))
	for i, c := range of {
		if err := checkCounts(c.img, requests[i].Counts, n); err != nil {
			return err
		}
		for k, count := range requests[i].Counts {
			counts[i][k] += count
		}
		c.time += each
	}
	t.meter.drew(p, n*len(of))
	return nil
}

// keep keeps the rows of images that are done, up to the first that is not.
func (t *together) keep() error {
	for ; t.kept < len(t.window) && t.window[t.kept].done; t.kept++ {
		c := t.window[t.kept]
		row := c.row.of(c.img, c.class)
		row.Time = c.time
		if err := t.job.keep(row); err != nil {
			return err
		}
	}
	return nil
}
