package certify

import (
	"context"
	"time"

	"smoothlab/noise"
)

// windowSize is the number of images whose first votes are drawn together. A killed process loses at most the
// votes of a window.
const windowSize = 16

// windowRun certifies the images of a window by an adaptive procedure. A look is a number of votes after which an image
// is evaluated. The votes that choose classes, and those up to looks that are less than a few batches apart, are drawn
// for all images in shared batches; the others are drawn image by image. Rows are stored in the order of the images.
type windowRun struct {
	*job
	packer Packer
	p      *sampler
	window []*imageState
	kept   int // number of images of the window whose rows are stored
}

// imageState is the state of one image of a window.
type imageState struct {
	img    Image
	class  int
	counts []int // votes per class, for the bound
	votes  tally // nil until the class is chosen
	time   time.Duration
}

// runTogether certifies the remaining images, one window at a time.
func (j *job) runTogether(ctx context.Context, packer Packer, p *sampler) error {
	for len(j.certs.Rows) < len(j.images) {
		left := j.images[len(j.certs.Rows):]
		t := &windowRun{job: j, packer: packer, p: p}
		for _, img := range left[:min(len(left), j.windowSize(p))] {
			t.window = append(t.window, &imageState{img: img, counts: make([]int, j.certs.Classes)})
		}
		if err := t.run(ctx); err != nil {
			return j.stopped(j.images[len(j.certs.Rows)], err)
		}
	}
	return nil
}

// windowSize returns the number of images of the next window. It is smaller if the first votes of a full window would
// leave too little of the budget to finish the first image.
func (j *job) windowSize(p *sampler) int {
	b := j.meter.budget.Votes
	if b == 0 {
		return windowSize
	}
	first := p.N0
	if shared := j.shared(p); shared > 0 {
		first += p.looks[shared-1]
	}
	return max(1, min(windowSize, 1+(b-j.meter.state.Votes-p.MaxVotes())/first))
}

// shared returns the number of looks that images reach together: those less than a few batches apart.
func (j *job) shared(p *sampler) int {
	before := 0
	for k, n := range p.looks {
		if n-before >= 4*j.meter.chunk {
			return k
		}
		before = n
	}
	return len(p.looks)
}

func (t *windowRun) run(ctx context.Context) error {
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
		for k := shared; !c.votes.ended(); k++ {
			if err := t.advanceOne(ctx, c, k); err != nil {
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
func (t *windowRun) choose(ctx context.Context) error {
	selections := make([][]int, len(t.window))
	for i := range selections {
		selections[i] = make([]int, t.certs.Classes)
	}
	if err := t.draw(ctx, noise.Select, t.window, 0, t.p.N0, selections); err != nil {
		return err
	}
	for i, c := range t.window {
		c.class, _ = topTwo(selections[i])
		c.votes = t.p.image(c.img, c.class)
	}
	return t.keep()
}

// before returns the number of votes at the look before k.
func (t *windowRun) before(k int) int {
	if k == 0 {
		return 0
	}
	return t.p.looks[k-1]
}

// reach draws the votes of all unfinished images up to look k.
func (t *windowRun) reach(ctx context.Context, k int) error {
	var on []*imageState
	var counts [][]int
	for _, c := range t.window {
		if !c.votes.ended() {
			on, counts = append(on, c), append(counts, c.counts)
		}
	}
	if err := t.draw(ctx, noise.Bound, on, t.before(k), t.p.looks[k], counts); err != nil {
		return err
	}
	for _, c := range on {
		c.votes.take(c.counts[c.class])
	}
	return t.keep()
}

// advanceOne draws the votes of one image up to look k.
func (t *windowRun) advanceOne(ctx context.Context, c *imageState, k int) error {
	start := time.Now()
	b := &voteCounter{voter: t.voter, img: c.img, classes: t.certs.Classes, meter: t.meter}
	if err := b.draw(ctx, noise.Bound, t.before(k), t.p.looks[k], c.counts); err != nil {
		return err
	}
	c.time += time.Since(start)
	c.votes.take(c.counts[c.class])
	return nil
}

// draw adds votes first … last-1 of several images to their counts. Each call of the voter is for as many images as it
// answers in about the time that the meter plans for a call.
func (t *windowRun) draw(
	ctx context.Context,
	p noise.Purpose,
	of []*imageState,
	first, last int,
	counts [][]int,
) error {
	if len(of) == 0 { // all images have ended, so the budget does not matter
		return nil
	}
	if err := t.meter.checkBudget((last - first) * len(of)); err != nil {
		return err
	}
	for at := 0; at < len(of); {
		end := min(len(of), at+max(1, t.meter.next()/(last-first)))
		if err := t.call(ctx, p, of[at:end], first, last-first, counts[at:end]); err != nil {
			return err
		}
		if at = end; at < len(of) {
			if err := t.meter.checkBudget(0); err != nil {
				return err
			}
		}
	}
	return nil
}

// call calls the voter once. The time is divided evenly among the images.
func (t *windowRun) call(ctx context.Context, p noise.Purpose, of []*imageState, first, n int, counts [][]int) error {
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
	t.meter.record(p, n*len(of))
	return nil
}

// keep stores the rows of finished images, up to the first unfinished one.
func (t *windowRun) keep() error {
	for ; t.kept < len(t.window) && t.window[t.kept].votes.ended(); t.kept++ {
		c := t.window[t.kept]
		row := c.votes.row().of(c.img, c.class)
		row.Time = c.time
		if err := t.job.keep(row); err != nil {
			return err
		}
	}
	return nil
}
