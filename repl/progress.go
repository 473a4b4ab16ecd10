package repl

import (
	"sync"
	"time"

	"golang.org/x/term"

	"smoothlab/internal/textwidth"
	"smoothlab/report"
)

const (
	drawEvery  = 100 * time.Millisecond
	printEvery = 30 * time.Second // where progress cannot be redrawn
	barWidth   = 20
	echoWidth  = len("^C") // which the terminal writes behind the line; wrapped, it could not be wiped
)

// tasks are the pieces of work in progress, in the order in which they began. They have a separate lock, so that
// reporting progress does not wait for the terminal.
type tasks struct {
	mu      sync.Mutex
	list    []task
	pending bool // a drawing is due
}

type task struct {
	now   report.Progress
	spoke time.Time // when it was last printed, or heard of for the first time
}

// Progress shows how far a piece of work is. On a terminal the latest piece of work is drawn in one line, which
// disappears at the end and is never mixed with a prompt. Elsewhere a line is printed now and then.
func (c *Console) Progress(p report.Progress) {
	t := &c.tasks
	t.mu.Lock()
	defer t.mu.Unlock()
	at := t.find(p.ID)
	switch {
	case p.End:
		if at >= 0 {
			t.list = append(t.list[:at:at], t.list[at+1:]...)
		}
	case at >= 0:
		t.list[at].now = p
	default:
		at = len(t.list)
		t.list = append(t.list, task{now: p, spoke: time.Now()})
	}
	if c.live == nil {
		if !p.End && time.Since(t.list[at].spoke) >= printEvery {
			t.list[at].spoke = time.Now()
			c.err.WriteString(progressLine(p, 0) + "\n")
		}
		return
	}
	if !t.pending {
		t.pending = true
		time.AfterFunc(drawEvery, c.drawBar)
	}
}

func (t *tasks) find(id string) int {
	for i := range t.list {
		if t.list[i].now.ID == id {
			return i
		}
	}
	return -1
}

// forget drops pieces of work whose end was not told.
func (t *tasks) forget(ids map[string]bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var rest []task
	for _, k := range t.list {
		if !ids[k.now.ID] {
			rest = append(rest, k)
		}
	}
	t.list = rest
}

// last is the piece of work to be drawn.
func (t *tasks) last() (p report.Progress, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pending = false
	if len(t.list) == 0 {
		return p, false
	}
	return t.list[len(t.list)-1].now, true
}

// drawBar brings the progress line up to date.
func (c *Console) drawBar() {
	c.mu.Lock()
	defer c.mu.Unlock()
	p, ok := c.tasks.last()
	switch {
	case !ok:
		c.clearBar()
	case !c.typed.Active() && len(c.board) == 0 && !c.midLine:
		width, _, err := term.GetSize(int(c.live.Fd()))
		if err != nil || width <= 0 {
			width = 80
		}
		c.live.WriteString("\r" + progressLine(p, max(1, width-1-echoWidth)) + "\x1b[K")
		c.bar = true
	}
}

func (c *Console) clearBar() {
	if c.bar {
		c.live.WriteString("\r\x1b[K")
		c.bar = false
	}
}

// EndProgress clears the progress line; a program that is about to leave calls it.
func (c *Console) EndProgress() {
	c.tasks.mu.Lock()
	c.tasks.list = nil
	c.tasks.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.clearBar()
}

// progressLine is how far p is, with a bar only where there is a width to be kept to (0 for none).
func progressLine(p report.Progress, width int) string {
	if width <= 0 {
		return p.Line(0)
	}
	return textwidth.Cut(p.Line(barWidth), width)
}
