package repl

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"smoothlab/internal/number"
	"smoothlab/kernel/report"
)

const (
	drawEvery  = 100 * time.Millisecond
	printEvery = 30 * time.Second // where progress cannot be redrawn
	barWidth   = 20
	echoWidth  = len("^C") // which the terminal writes behind the line; wrapped, it could not be wiped
)

// tasks are the pieces of work in progress, in the order in which they were first heard of. They have a lock of their
// own: whoever reports progress does not wait for the terminal.
type tasks struct {
	mu      sync.Mutex
	list    []task
	pending bool // a drawing is due
}

type task struct {
	now   report.Progress
	spoke time.Time // when it was last printed, or heard of for the first time
}

// Progress says how far something is. On a terminal the piece of work that began last is drawn in one line that goes when
// it is over and is never mixed with a prompt; elsewhere a line is printed now and then.
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
	case c.editing == nil && !c.midLine:
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

// progressLine is "training ━━━━━─── 38% · 212/8,442 · loss 0.41 · 26 min left", with a bar only where there is a width to be
// kept to (0 for none).
func progressLine(p report.Progress, width int) string {
	var parts []string
	if p.Total > 0 {
		done := min(max(p.Done, 0), p.Total)
		share := float64(done) / float64(p.Total)
		head := fmt.Sprintf("%s %d%%", p.Part, int(100*share))
		if width > 0 {
			full := int(barWidth * share)
			head = p.Part + " " + strings.Repeat("━", full) + strings.Repeat("─", barWidth-full) + fmt.Sprintf(" %d%%", int(100*share))
		}
		parts = append(parts, head, number.Grouped(done)+"/"+number.Grouped(p.Total))
	} else {
		parts = append(parts, p.Part)
		if p.Done > 0 {
			parts = append(parts, number.Grouped(p.Done))
		}
	}
	if p.Detail != "" {
		parts = append(parts, p.Detail)
	}
	if p.Left > 0 {
		parts = append(parts, duration(p.Left)+" left")
	}
	line := strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return ' '
		}
		return r
	}, strings.Join(parts, " · "))
	if width > 0 {
		line = cut(line, width)
	}
	return line
}

// duration writes seconds in one unit or two: 45 s, 26 min, 1 h 12 min.
func duration(seconds int) string {
	switch minutes := (seconds + 30) / 60; {
	case seconds < 90:
		return fmt.Sprintf("%d s", seconds)
	case minutes < 90:
		return fmt.Sprintf("%d min", minutes)
	default:
		return fmt.Sprintf("%d h %d min", minutes/60, minutes%60)
	}
}
