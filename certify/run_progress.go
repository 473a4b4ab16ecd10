package certify

import (
	"time"

	"smoothlab/noise"
)

// Progress tells how far a run is.
type Progress struct {
	Done, Total int           // images
	Image       int           // votes drawn for the image under way, or for those
	PerImage    int           // votes that each image takes, under a ladder at most
	Votes       int           // drawn by this call of Run, those of the image under way among them, but not those of rows found in the log
	Elapsed     time.Duration // since this call began
	Rate        float64       // votes per second, without what was compiled first; 0 before it is known
	ETA         time.Duration // for all votes that are left; 0 before Rate is known
}

// Share is the share of all votes that are drawn, from 0 to 1.
func (p Progress) Share() float64 {
	return (float64(p.Done) + min(1, float64(p.Image)/float64(p.PerImage))) / float64(p.Total)
}

const (
	reportEvery = 100 * time.Millisecond
	pieceTime   = 100 * time.Millisecond // of a call of the voter, about
	usualChunk  = 1000                   // where the settings name no batch shape
)

// meter cuts votes into calls of the voter, counts them, and reports.
type meter struct {
	progress func(Progress) // may be nil
	now      func() time.Time
	state    Progress

	chunk  int // votes of one batch of the voter
	chunks int // batches of the next call
	budget Budget
	start  time.Time
	called time.Time // when the call under way began
	shown  time.Time // when the last report was made

	// The first call of a purpose may compile; it is left out of the rate and of a budget's time.
	warm       map[noise.Purpose]bool
	compiled   time.Duration // taken by those first calls
	timed      time.Duration
	timedVotes int

	varies        bool // votes an image, under a ladder
	images, votes int  // finished by this call
}

func newMeter(s Settings, images int, progress func(Progress), now func() time.Time) *meter {
	m := &meter{
		progress: progress,
		now:      now,
		chunk:    usualChunk,
		chunks:   1,
		start:    now(),
		warm:     map[noise.Purpose]bool{},
	}
	m.varies = s.Plan.Ladder != nil
	m.state = Progress{Total: images, PerImage: s.Plan.Most()}
	if n := len(s.Chunks); n > 0 && s.Chunks[n-1] > 0 {
		m.chunk = s.Chunks[n-1]
	}
	return m
}

// begin is called once the log is read; done images were found there.
func (m *meter) begin(done int) {
	m.state.Done = done
	m.report()
}

// affords tells whether the budget has room for more votes.
func (m *meter) affords(votes int) error {
	b := m.budget
	if b.Votes > 0 && m.state.Votes+votes > b.Votes {
		return &BudgetError{Budget: b}
	}
	if b.Time > 0 && m.now().Sub(m.start)-m.compiled >= b.Time {
		return &BudgetError{Budget: b, Spent: true}
	}
	return nil
}

// next is the number of votes of the next call, a multiple of the batch.
func (m *meter) next() int {
	m.called = m.now()
	return m.chunks * m.chunk
}

// drew counts the votes of a call.
func (m *meter) drew(p noise.Purpose, votes int) {
	now := m.now()
	took := now.Sub(m.called)
	m.state.Votes += votes
	m.state.Image += votes
	if m.warm[p] {
		m.timed += took
		m.timedVotes += votes
		if full := votes == m.chunks*m.chunk; full && took < pieceTime/2 {
			m.chunks *= 2
		} else if took > 2*pieceTime {
			m.chunks = max(1, m.chunks/2)
		}
	} else {
		m.compiled += took
	}
	m.warm[p] = true
	if now.Sub(m.shown) >= reportEvery {
		m.report()
	}
}

// image counts an image of so many votes, which is in the log.
func (m *meter) image(votes int) {
	m.state.Done++
	m.images++
	m.votes += votes
	m.state.Image -= votes
}

// end makes the last report; a run too short to know its rate without compiling tells that with it.
func (m *meter) end() {
	if m.timedVotes == 0 {
		m.timedVotes, m.timed = m.state.Votes, m.now().Sub(m.start)
	}
	m.report()
}

func (m *meter) report() {
	m.shown = m.now()
	p := &m.state
	p.Elapsed = m.shown.Sub(m.start)
	if m.timedVotes > 0 && m.timed > 0 {
		p.Rate = float64(m.timedVotes) / m.timed.Seconds()
		left := float64(p.Total-p.Done)*m.each() - float64(p.Image)
		p.ETA = time.Duration(max(0, left) / p.Rate * float64(time.Second))
	}
	if m.progress != nil {
		m.progress(*p)
	}
}

// each is the number of votes of an image: under a ladder, the mean of those that are done.
func (m *meter) each() float64 {
	if m.varies && m.images > 0 {
		return float64(m.votes) / float64(m.images)
	}
	return float64(m.state.PerImage)
}
