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
	flushDelay = 30 * time.Millisecond  // how long printed text is collected before it is sent
	maxText    = 64 << 10               // bytes of collected text that are sent at once
	drawEvery  = 100 * time.Millisecond // interval between two updates of a progress display
)

// iopub publishes messages to all front ends. It sends one message at a time, so the order is the order of the calls.
type iopub struct {
	socket  wire.Sender
	codec   *wire.Codec
	session string

	mu           sync.Mutex
	text         strings.Builder // printed and not sent yet
	textParent   json.RawMessage // header of the request that printed the text
	midLine      bool            // the text does not end with a newline
	flushPending bool            // a flush is scheduled
	tasks        []*task
	drawing      bool            // a drawing of tasks is scheduled
	working      json.RawMessage // header of the shell request in progress
}

// send publishes one message; p.mu must be held.
func (p *iopub) send(kind string, parent json.RawMessage, content any) {
	p.sendMessage(wire.NewMessage(wire.NewHeader(kind, p.session), parent, content))
}

// sendMessage publishes m under its topic; p.mu must be held.
func (p *iopub) sendMessage(m *wire.Message) {
	m.To = [][]byte{[]byte("kernel." + p.session + "." + m.Header.Type)}
	_ = p.socket.Publish(p.codec.Encode(m)) // fails only without a frame
}

// publish sends a message after the text printed before it.
func (p *iopub) publish(kind string, parent json.RawMessage, content any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.flush()
	p.send(kind, parent, content)
}

// flush sends the collected text; p.mu must be held.
func (p *iopub) flush() {
	if p.text.Len() == 0 {
		return
	}
	p.send("stream", p.textParent, object{"name": "stdout", "text": p.text.String()})
	p.text.Reset()
}

// print collects text for a moment, because one message per line would be slow.
func (p *iopub) print(parent json.RawMessage, text string) {
	if text == "" {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.add(parent, text)
}

// line prints text that starts on a new line.
func (p *iopub) line(parent json.RawMessage, text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.midLine && string(p.textParent) == string(parent) {
		text = "\n" + text
	}
	p.add(parent, text)
}

// add collects text; p.mu must be held.
func (p *iopub) add(parent json.RawMessage, text string) {
	if string(p.textParent) != string(parent) {
		p.flush()
		p.textParent = parent
	}
	p.text.WriteString(text)
	p.midLine = !strings.HasSuffix(text, "\n")
	if p.text.Len() >= maxText {
		p.flush()
	} else if !p.flushPending {
		p.flushPending = true
		time.AfterFunc(flushDelay, func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.flushPending = false
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

// status publishes that a request has begun or is answered. When a request on the control socket ends while a cell
// runs, busy is published again: front ends, and servers that end idle kernels, look at the latest status only.
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

// task is a piece of work in progress, shown in a separate display.
type task struct {
	now     report.Progress
	parent  json.RawMessage
	display string
	begun   time.Time
	changed bool
	shown   bool
	ended   bool
}

// progress records the progress of a task. It is shown at most once per drawEvery, and not at all if the task ends
// before that.
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
	t.ended = now.End
	if !now.End {
		t.now = now
	}
	t.changed = true
	p.drawSoon()
}

// drawSoon schedules a drawing; p.mu must be held.
func (p *iopub) drawSoon() {
	if !p.drawing {
		p.drawing = true
		time.AfterFunc(drawEvery, p.draw)
	}
}

func (p *iopub) task(id string) *task {
	for _, t := range p.tasks {
		if t.now.ID == id && !t.ended {
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

// forget ends the displays that the evaluation of a request left open.
func (p *iopub) forget(parent json.RawMessage) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, t := range p.tasks {
		if string(t.parent) == string(parent) {
			t.ended, t.changed = true, true
		}
	}
	p.update(true)
}

// update sends the displays that changed, or only those that have ended; p.mu must be held.
func (p *iopub) update(onlyEnded bool) {
	var rest []*task
	for _, t := range p.tasks {
		young := !t.shown && time.Since(t.begun) < drawEvery
		switch {
		case t.changed && t.ended, t.changed && !onlyEnded && !young:
			p.show(t)
		case t.changed:
			p.drawSoon()
		}
		if !t.ended {
			rest = append(rest, t)
		}
	}
	p.tasks = rest
}

// show updates the display of a task; p.mu must be held.
func (p *iopub) show(t *task) {
	kind := "update_display_data"
	if !t.shown {
		kind = "display_data"
		if t.ended {
			return
		}
		p.flush()
	}
	t.changed, t.shown = false, true
	d := display{Data: progressBundle(t.now), Metadata: object{}, Transient: object{"display_id": t.display}}
	if t.ended {
		d.Data = map[string]any{"text/plain": "", "text/html": ""}
		if end, err := json.Marshal(report.Progress{ID: t.now.ID, End: true}); err == nil {
			d.Data[wire.ProgressType] = json.RawMessage(end)
		}
	}
	p.send(kind, t.parent, d)
}
