package certify

import (
	"time"

	"smoothlab/noise"
)

// Progress is the progress of a run.
type Progress struct {
	Done, Total int           // numbers of images
	Image       int           // votes drawn for the images in progress
	PerImage    int           // votes per image; under an adaptive plan, the largest number
	Votes       int           // votes drawn by this call of Run, without those of rows found in the log
	Elapsed     time.Duration // time since this call began
	Rate        float64       // votes per second, excluding compilation; 0 while unknown
	ETA         time.Duration // time left for the remaining votes; 0 while Rate is unknown
}

// Share returns the share of all votes drawn so far, from 0 to 1.
func (p Progress) Share() float64 {
	return (float64(p.Done) + min(1, float64(p.Image)/float64(p.PerImage))) / float64(p.Total)
}

const (
	reportEvery  = 100 * time.Millisecond
	pieceTime    = 100 * time.Millisecond // approximate time of one call of the voter
	defaultChunk = 1000                   // used if the settings have no batch shape
)

// meter cuts votes into calls of the voter, counts them, and reports.
type meter struct {
	progress func(Progress) // may be nil
	now      func() time.Time
	state    Progress

	chunk  int // votes per batch of the voter
	chunks int // number of batches in the next call
	budget Budget
	start  time.Time
	called time.Time // when the call in progress began
	shown  time.Time // when progress was last reported

	// The first call of a purpose may compile; it does not count in the rate and in a budget's time.
	warm       map[noise.Purpose]bool
	compiled   time.Duration // time of those first calls
	timed      time.Duration
	timedVotes int

	varies        bool // whether votes differ between images (under an adaptive plan)
	images, votes int  // images finished by this call, and their votes
}

func newMeter(s Settings, images int, progress func(Progress), now func() time.Time) *meter {
	m := &meter{
		progress: progress,
		now:      now,
		chunk:    defaultChunk,
		chunks:   1,
		start:    now(),
		warm:     map[noise.Purpose]bool{},
	}
	m.varies = s.Plan.Procedure().Adaptive()
	m.state = Progress{Total: images, PerImage: s.Plan.MaxVotes()}
	if n := len(s.Chunks); n > 0 && s.Chunks[n-1] > 0 {
		m.chunk = s.Chunks[n-1]
	}
	return m
}

// begin starts the clock once the log is read; done is the number of images found in it.
func (m *meter) begin(done int) {
	m.state.Done = done
	m.report()
}

// checkBudget returns an error if more votes would exceed the budget.
func (m *meter) checkBudget(votes int) error {
	b := m.budget
	if b.Votes > 0 && m.state.Votes+votes > b.Votes {
		return &BudgetError{Budget: b}
	}
	if b.Time > 0 && m.now().Sub(m.start)-m.compiled >= b.Time {
		return &BudgetError{Budget: b, Spent: true}
	}
	return nil
}

// next returns the number of votes of the next call, a multiple of the batch.
func (m *meter) next() int {
	m.called = m.now()
	return m.chunks * m.chunk
}

// record counts the votes of a call.
func (m *meter) record(p noise.Purpose, votes int) {
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

// image counts an image that was logged, and its votes.
func (m *meter) image(votes int) {
	m.state.Done++
	m.images++
	m.votes += votes
	m.state.Image -= votes
}

// end makes the last report. A run too short for a rate without compilation reports one that includes it.
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

// each returns the number of votes per image; under an adaptive plan, the mean of finished images.
func (m *meter) each() float64 {
	if m.varies && m.images > 0 {
		return float64(m.votes) / float64(m.images)
	}
	return float64(m.state.PerImage)
}
