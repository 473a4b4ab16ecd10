package kernel

import (
	"encoding/json"
	"strings"
	"sync"
	"time"

	"smoothlab/kernel/wire"
	"smoothlab/report"
)

const (
	gather    = 30 * time.Millisecond  // how long printed text is gathered
	mostText  = 64 << 10               // bytes of it that are not gathered further
	drawEvery = 100 * time.Millisecond // between two states of a progress display
)

// iopub is what everybody may hear. All of it passes here, one at a time, so that the order is that in which it was
// said.
type iopub struct {
	socket  wire.Sender
	codec   *wire.Codec
	session string

	mu      sync.Mutex
	text    strings.Builder // printed and not sent yet
	whose   json.RawMessage // the header of the request that printed it
	amid    bool            // the last of it did not end its line
	due     bool            // text is sent soon
	tasks   []*task
	drawing bool            // tasks are drawn soon
	working json.RawMessage // the header of the shell request in progress
}

// send publishes one message; p.mu is held.
func (p *iopub) send(kind string, parent json.RawMessage, content any) {
	m := wire.NewMessage(wire.NewHeader(kind, p.session), parent, content)
	m.To = [][]byte{[]byte("kernel." + p.session + "." + kind)}
	_ = p.socket.Publish(p.codec.Encode(m)) // fails only without a frame
}

// say publishes a message behind what was printed before it.
func (p *iopub) say(kind string, parent json.RawMessage, content any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.flush()
	p.send(kind, parent, content)
}

// flush sends what was printed; p.mu is held.
func (p *iopub) flush() {
	if p.text.Len() == 0 {
		return
	}
	p.send("stream", p.whose, object{"name": "stdout", "text": p.text.String()})
	p.text.Reset()
}

// print gathers text for a moment: a message a line would be slow.
func (p *iopub) print(parent json.RawMessage, text string) {
	if text == "" {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.add(parent, text)
}

// line is print for text that begins a line of its own.
func (p *iopub) line(parent json.RawMessage, text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.amid && string(p.whose) == string(parent) {
		text = "\n" + text
	}
	p.add(parent, text)
}

// add gathers text; p.mu is held.
func (p *iopub) add(parent json.RawMessage, text string) {
	if string(p.whose) != string(parent) {
		p.flush()
		p.whose = parent
	}
	p.text.WriteString(text)
	p.amid = !strings.HasSuffix(text, "\n")
	if p.text.Len() >= mostText {
		p.flush()
	} else if !p.due {
		p.due = true
		time.AfterFunc(gather, func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.due = false
			p.flush()
		})
	}
}

type state string

const (
	starting state = "starting"
	busy     state = "busy"
	idle     state = "idle"
)

// status says that a request has begun or is answered. When one that came on the control socket is over and the shell
// still works, it is said again that it does: front ends, and servers that end idle kernels, look at the last word
// only.
func (p *iopub) status(r *request, s state) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.flush()
	parent := r.m.RawHeader()
	p.send("status", parent, object{"execution_state": s})
	switch {
	case r.control && s == idle && p.working != nil:
		p.send("status", p.working, object{"execution_state": busy})
	case !r.control && s == busy:
		p.working = parent
	case !r.control && s == idle:
		p.working = nil
	}
}

// task is a piece of work in progress, shown in a display of its own.
type task struct {
	now     report.Progress
	parent  json.RawMessage
	display string
	begun   time.Time
	changed bool
	shown   bool
	over    bool
}

// progress notes how far something is; it is shown at most every drawEvery, and not at all if it is over before.
func (p *iopub) progress(parent json.RawMessage, now report.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.task(now.ID)
	if t == nil {
		if now.End {
			return
		}
		t = &task{parent: parent, display: wire.NewID(), begun: time.Now()}
		p.tasks = append(p.tasks, t)
	}
	t.over = now.End
	if !now.End {
		t.now = now
	}
	t.changed = true
	p.drawSoon()
}

// drawSoon sees to it that changes are shown; p.mu is held.
func (p *iopub) drawSoon() {
	if !p.drawing {
		p.drawing = true
		time.AfterFunc(drawEvery, p.draw)
	}
}

func (p *iopub) task(id string) *task {
	for _, t := range p.tasks {
		if t.now.ID == id && !t.over {
			return t
		}
	}
	return nil
}

// draw shows what has changed.
func (p *iopub) draw() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drawing = false
	p.update(false)
}

// forget ends the displays of a request that its evaluation has left open.
func (p *iopub) forget(parent json.RawMessage) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, t := range p.tasks {
		if string(t.parent) == string(parent) {
			t.over, t.changed = true, true
		}
	}
	p.update(true)
}

// update sends the displays that changed, or only those that are over; p.mu is held.
func (p *iopub) update(onlyOver bool) {
	var rest []*task
	for _, t := range p.tasks {
		young := !t.shown && time.Since(t.begun) < drawEvery
		switch {
		case t.changed && t.over, t.changed && !onlyOver && !young:
			p.show(t)
		case t.changed:
			p.drawSoon()
		}
		if !t.over {
			rest = append(rest, t)
		}
	}
	p.tasks = rest
}

// show brings a task's display up to date; p.mu is held.
func (p *iopub) show(t *task) {
	kind := "update_display_data"
	if !t.shown {
		kind = "display_data"
		if t.over {
			return
		}
		p.flush()
	}
	t.changed, t.shown = false, true
	d := display{Data: progressBundle(t.now), Metadata: object{}, Transient: object{"display_id": t.display}}
	if t.over {
		d.Data = map[string]any{"text/plain": "", "text/html": ""}
		if end, err := json.Marshal(report.Progress{ID: t.now.ID, End: true}); err == nil {
			d.Data[wire.ProgressType] = json.RawMessage(end)
		}
	}
	p.send(kind, t.parent, d)
}
