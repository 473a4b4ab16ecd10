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
	echoWidth  = len("^C") // echoed by the terminal behind the line; if it wrapped, wipeLine would miss it
)

// tasks holds the work in progress, in the order in which it began. It has a separate lock, so that reporting progress
// does not wait for the terminal.
type tasks struct {
	mu      sync.Mutex
	list    []task
	pending bool // a drawing is scheduled
}

type task struct {
	now     report.Progress
	printed time.Time // when it was last printed, or when it began
}

// Progress shows the progress of a task. On a terminal the latest task is drawn in one line, which disappears at the
// end and is never mixed with a prompt. Elsewhere a line is printed every printEvery.
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
		t.list = append(t.list, task{now: p, printed: time.Now()})
	}
	if c.live == nil {
		if !p.End && time.Since(t.list[at].printed) >= printEvery {
			t.list[at].printed = time.Now()
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

// forget drops the tasks of these ids, whose end was not reported.
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

// last returns the task to draw, the latest one, and clears pending.
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

// EndProgress clears the progress line. A program calls it before it ends.
func (c *Console) EndProgress() {
	c.tasks.mu.Lock()
	c.tasks.list = nil
	c.tasks.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.clearBar()
}

// progressLine formats p with a bar, in at most width cells. A width of 0 means no bar and no limit.
func progressLine(p report.Progress, width int) string {
	if width <= 0 {
		return p.Line(0)
	}
	return textwidth.Cut(p.Line(barWidth), width)
}
