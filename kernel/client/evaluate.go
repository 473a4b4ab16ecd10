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

// patience is how long an interrupted evaluation may take to end: GoNB kills a cell five seconds after its interrupt.
const patience = 3500 * time.Millisecond

// Evaluate runs an item and returns what its last expression gave: nil if there is nothing to show, a [report.Shown] if
// out has shown it. Other front ends' items that came before run first. Errors are of type *report.Error; when ctx ends
// the kernel is asked to stop, and the error has the name report.Interrupted. A nil out shows nothing.
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
	inner, stop := context.WithCancel(ctx) // of a question, which ends with the evaluation
	defer stop()
	t := &teller{out: out}
	defer t.end()
	c, err := s.link.begin(inner, s.link.shell, m, &call{hear: t.hear, asker: asker})
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
	limit, stop := context.WithTimeout(context.Background(), patience)
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
			Message: "the kernel was asked to stop and has not yet; it will after the step it is in, or when its turn comes",
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
		return nil, &report.Error{Name: report.Internal, Message: "the kernel's answer cannot be read: " + err.Error()}
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
			Message: "what the kernel answered cannot be read: " + err.Error(),
		}
	}
	if e, ok := r.(*report.Error); ok { // the item has called exit
		return nil, e
	}
	if !resulted {
		return report.Shown{Report: r}, nil
	}
	return r, nil
}

// teller passes on what an evaluation shows.
type teller struct {
	out report.Output

	mu    sync.Mutex
	value bool // it is still to be shown
	over  bool // the evaluation, or the waiting for it
}

// end keeps what comes from now on from being shown.
func (t *teller) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.over = true
}

func (t *teller) resulted() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.value
}

func (t *teller) hear(m *wire.Message) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.over {
		return
	}
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

func (t *teller) display(m *wire.Message) {
	var d struct {
		Data     map[string]json.RawMessage `json:"data"`
		Metadata json.RawMessage            `json:"metadata"`
	}
	if json.Unmarshal(m.Content, &d) != nil {
		return
	}
	var p report.Progress
	if json.Unmarshal(d.Data[wire.ProgressType], &p) == nil {
		t.out.Progress(p)
		return
	}
	r, err := report.Decode[report.Report](d.Data[wire.ReportType])
	if err != nil { // of another version, whose text is there
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

// Show runs an item and shows its value on the session's output.
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

// Eval runs an item and returns its value as a T: report.Certificates for what certify gives, *report.Value for numbers
// and strings. What the item shows on its way goes to the session's output.
func Eval[T report.Report](ctx context.Context, s *Session, source string) (T, error) {
	var none T
	r, err := s.Evaluate(ctx, source, s.options.Output)
	if err != nil {
		return none, err
	}
	if r == nil {
		return none, errors.New("the item has no value; its last line must be an expression")
	}
	r, _ = report.Unwrapped(r)
	data, err := report.JSON(r) // decoded once more, for the error of another type
	if err != nil {
		return none, err
	}
	return report.Decode[T](data)
}
