package client

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"smoothlab/kernel/wire"
	"smoothlab/report"
)

// interruptTimeout is how long an interrupted evaluation may take to end. GoNB kills a cell five seconds after its
// interrupt.
const interruptTimeout = 3500 * time.Millisecond

// Evaluate runs a cell and returns the value of its last expression. The value is nil if there is nothing to show, and
// a [report.Shown] if out has shown it. Cells that other front ends queued earlier run first. Errors are of type
// *report.Error. When ctx ends, the kernel is asked to stop, and the error has the name report.Interrupted. A nil out
// shows nothing.
func (s *Session) Evaluate(ctx context.Context, source string, out report.Output) (report.Report, error) {
	if ctx.Err() != nil {
		return nil, &report.Error{Name: report.Interrupted, Message: "stopped before it began"}
	}
	if out == nil {
		out = silent{}
	}
	asker, _ := out.(report.Asker)
	m := wire.NewMessage(wire.NewHeader("execute_request", s.link.session), nil, map[string]any{
		"code":             source,
		"silent":           false,
		"store_history":    true,
		"user_expressions": struct{}{},
		"allow_stdin":      asker != nil,
		"stop_on_error":    false,
	})
	m.Extend(wire.Extra{Result: true, Notices: true})
	inner, stop := context.WithCancel(ctx) // context of a question, which ends with the evaluation
	defer stop()
	t := &outputRelay{out: out}
	defer t.end()
	defer time.AfterFunc(waitNotice, t.wait).Stop()
	c, err := s.link.begin(inner, s.link.shell, m, &call{onIOPub: t.onIOPub, onOther: t.onOther, asker: asker})
	if err != nil {
		return nil, s.gone(err)
	}
	defer s.link.forget(m)
	select {
	case <-c.done:
	case <-s.link.over:
		return nil, s.gone(s.link.failure())
	case <-ctx.Done():
		if err := s.stopped(c, m.Header.ID); err != nil {
			return nil, err
		}
	}
	return result(c.reply, t.resulted())
}

// stopped interrupts an evaluation and waits until it has ended.
func (s *Session) stopped(c *call, id string) error {
	limit, stop := context.WithTimeout(context.Background(), interruptTimeout)
	defer stop()
	ask := wire.NewMessage(wire.NewHeader("interrupt_request", s.link.session), nil, struct{}{})
	ask.Extend(wire.Extra{Only: id})
	reply, err := s.link.do(limit, s.link.control, ask)
	switch {
	case err != nil && limit.Err() == nil:
		return s.gone(err)
	case err == nil && reply.Extension().Dropped:
		return &report.Error{Name: report.Interrupted, Message: "stopped before it began"}
	}
	select {
	case <-c.done:
		return nil
	case <-s.link.over:
		return s.gone(s.link.failure())
	case <-limit.Done():
		return &report.Error{
			Name:    report.Interrupted,
			Message: "the kernel was asked to stop and is still busy; it stops after the current step",
		}
	}
}

// result reads an execute_reply.
func result(m *wire.Message, resulted bool) (report.Report, error) {
	var reply struct {
		Status string `json:"status"`
		Name   string `json:"ename"`
		Value  string `json:"evalue"`
	}
	if err := json.Unmarshal(m.Content, &reply); err != nil {
		return nil, &report.Error{Name: report.Internal, Message: "cannot read the kernel's reply: " + err.Error()}
	}
	value := m.Extension().Value
	switch reply.Status {
	case "ok":
	case "aborted":
		return nil, &report.Error{Name: report.Interrupted, Message: "stopped before it began"}
	default:
		if e, err := report.Decode[*report.Error](value); err == nil {
			return nil, e
		}
		return nil, &report.Error{Name: reply.Name, Message: reply.Value}
	}
	if len(value) == 0 {
		return nil, nil
	}
	r, err := report.Decode[report.Report](value)
	if err != nil {
		return nil, &report.Error{
			Name:    report.Failed,
			Message: "cannot read the kernel's reply: " + err.Error(),
		}
	}
	if e, ok := r.(*report.Error); ok { // the cell has called exit
		return nil, e
	}
	if !resulted {
		return report.Shown{Report: r}, nil
	}
	return r, nil
}

// outputRelay passes the output of an evaluation to an Output.
type outputRelay struct {
	out report.Output

	mu     sync.Mutex
	value  bool            // the value is still to be shown
	begun  bool            // the evaluation has had its turn
	over   bool            // the evaluation has ended, or its caller no longer waits
	others map[string]bool // ids of progress of other front ends that is shown
}

// end stops the relay: later output is dropped.
func (t *outputRelay) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.takeTurn()
	t.over = true
}

// waitNotice is how long an evaluation may wait for its turn before that is shown.
const waitNotice = time.Second

// otherCell is the id of the progress shown by an evaluation that waits.
const otherCell = "other"

// wait shows that the evaluation waits for its turn.
func (t *outputRelay) wait() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.begun && !t.over && len(t.others) == 0 {
		t.others = map[string]bool{otherCell: true}
		t.out.Progress(report.Progress{ID: otherCell, Part: "waiting for the cell of another front end"})
	}
}

// takeTurn removes the progress of other front ends; t.mu must be held.
func (t *outputRelay) takeTurn() {
	t.begun = true
	for id := range t.others {
		t.out.Progress(report.Progress{ID: id, End: true})
	}
	clear(t.others)
}

// onOther takes a message that belongs to another front end. While the evaluation waits for its turn, the progress of
// what it waits for is shown.
func (t *outputRelay) onOther(m *wire.Message) {
	p, ok := progressIn(m)
	t.mu.Lock()
	defer t.mu.Unlock()
	if !ok || t.begun || t.over {
		return
	}
	p.ID = "other " + p.ID
	switch {
	case p.End && !t.others[p.ID]:
		return
	case p.End:
		delete(t.others, p.ID)
	case t.others == nil:
		t.others = map[string]bool{p.ID: true}
	default:
		t.others[p.ID] = true
	}
	t.out.Progress(p)
}

// progressIn returns the progress in a display, if that is what it shows.
func progressIn(m *wire.Message) (p report.Progress, ok bool) {
	var d struct {
		Data map[string]json.RawMessage `json:"data"`
	}
	if m.Header.Type != "display_data" && m.Header.Type != "update_display_data" || json.Unmarshal(m.Content, &d) != nil {
		return p, false
	}
	return p, json.Unmarshal(d.Data[wire.ProgressType], &p) == nil
}

func (t *outputRelay) resulted() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.value
}

func (t *outputRelay) onIOPub(m *wire.Message) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.over {
		return
	}
	t.takeTurn()
	switch m.Header.Type {
	case "stream":
		var s struct {
			Text string `json:"text"`
		}
		if json.Unmarshal(m.Content, &s) == nil {
			t.out.Print(s.Text)
		}
	case "execute_result":
		t.value = true
	case "display_data", "update_display_data":
		t.display(m)
	case "clear_output":
		if c, ok := t.out.(report.Clearer); ok {
			c.Clear()
		}
	}
}

func (t *outputRelay) display(m *wire.Message) {
	var d struct {
		Data     map[string]json.RawMessage `json:"data"`
		Metadata json.RawMessage            `json:"metadata"`
	}
	if json.Unmarshal(m.Content, &d) != nil {
		return
	}
	if p, ok := progressIn(m); ok {
		t.out.Progress(p)
		return
	}
	r, err := report.Decode[report.Report](d.Data[wire.ReportType])
	if err != nil { // of another version; show its text
		var text string
		if json.Unmarshal(d.Data["text/plain"], &text) == nil && text != "" {
			t.out.Print(text + "\n")
		}
		return
	}
	if (&wire.Message{Metadata: d.Metadata}).Extension().Full {
		r = report.InFull(r)
	}
	t.out.Show(r)
}

// silent is an output that shows nothing.
type silent struct{}

func (silent) Print(string)             {}
func (silent) Show(report.Report)       {}
func (silent) Progress(report.Progress) {}

// Show runs a cell and shows its value on the session's output.
func (s *Session) Show(ctx context.Context, source string) error {
	r, err := s.Evaluate(ctx, source, s.options.Output)
	if err != nil {
		return err
	}
	if _, seen := r.(report.Shown); r != nil && !seen {
		s.options.Output.Show(r)
	}
	return nil
}

// Eval runs a cell and returns its value as a T: report.Certificates for the value of certify, *report.Value for
// numbers and strings. Other output of the cell goes to the session's output.
func Eval[T report.Report](ctx context.Context, s *Session, source string) (T, error) {
	var none T
	r, err := s.Evaluate(ctx, source, s.options.Output)
	if err != nil {
		return none, err
	}
	if r == nil {
		return none, errors.New("the cell has no value; its last line must be an expression")
	}
	r, _ = report.Unwrapped(r)
	data, err := report.JSON(r) // decode again for an error that names the other type
	if err != nil {
		return none, err
	}
	return report.Decode[T](data)
}
