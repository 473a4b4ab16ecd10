package kernel

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"smoothlab/kernel/wire"
	"smoothlab/kernel/wire/zmtp"
	"smoothlab/report"
)

// output shows what a cell prints and displays.
type output struct {
	server  *server
	request *request
	silent  bool
	stdin   bool
}

// output returns the output of a cell. This project's client takes reports and progress, and neither widgets nor
// displays that change.
func (s *server) output(r *request, ask *executeRequest) report.Output {
	out := &output{server: s, request: r, silent: ask.Silent, stdin: or(ask.AllowStdin, true)}
	if r.extra.Result || ask.Silent {
		return out
	}
	return &notebook{out}
}

func (o *output) parent() json.RawMessage { return o.request.m.RawHeader() }

func (o *output) Print(text string) {
	if !o.silent {
		o.server.iopub.print(o.parent(), text)
	}
}

func (o *output) Show(r report.Report) {
	if !o.silent {
		o.server.iopub.publish("display_data", o.parent(), display{mimeBundle(r), metadata(r), object{}})
	}
}

func (o *output) Progress(p report.Progress) {
	if !o.silent {
		o.server.iopub.progress(o.parent(), p)
	}
}

// Clear empties the output of the cell when its next output arrives, which avoids flicker.
func (o *output) Clear() {
	if !o.silent {
		o.server.iopub.publish("clear_output", o.parent(), object{"wait": true})
	}
}

// question waits for an input_reply.
type question struct {
	id     string // id of the input_request
	from   string // identity of the front end that was asked
	answer chan string
}

// maxStdinDelay is the longest wait for the stdin connection of a front end that sent a cell.
const maxStdinDelay = 2 * time.Second

// Ask asks the front end that sent the cell.
func (o *output) Ask(ctx context.Context, prompt string, hidden bool) (string, error) {
	if !o.stdin {
		return "", &report.Error{
			Name:    report.Failed,
			Message: "input() is not available: the front end does not accept input",
		}
	}
	s := o.server
	header := wire.NewHeader("input_request", s.session)
	q := &question{id: header.ID, from: string(o.request.from), answer: make(chan string, 1)}
	s.mu.Lock()
	s.asked = q
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.asked = nil
	}()
	s.iopub.mu.Lock()
	s.iopub.flush() // printed text comes before the question
	s.iopub.mu.Unlock()
	m := wire.NewMessage(header, o.parent(), object{"prompt": prompt, "password": hidden})
	m.To = o.request.m.To
	switch err := s.sendQuestion(ctx, o.request.from, s.codec.Encode(m)); {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case err != nil:
		return "", fmt.Errorf("input() is not available: the front end has no stdin connection: %w", err)
	}
	select {
	case text := <-q.answer:
		return text, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// sendQuestion sends a message on the stdin socket. A front end opens its sockets one after another, so a cell can
// arrive before its stdin connection: sendQuestion gives the connection maxStdinDelay.
func (s *server) sendQuestion(ctx context.Context, to []byte, m zmtp.Message) error {
	limit := time.Now().Add(maxStdinDelay)
	for {
		err := s.sockets.Stdin.Send(to, m)
		if !errors.Is(err, zmtp.ErrNoPeer) || time.Now().After(limit) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// inputReply handles an input_reply. It ignores one that no evaluation waits for, or that comes from a front end that
// was not asked.
func (s *server) inputReply(r *request) {
	var c struct {
		Value *string `json:"value"`
	}
	if r.m.Header.Type != "input_reply" || json.Unmarshal(r.m.Content, &c) != nil || c.Value == nil {
		s.Log(errors.New("the message on the stdin socket is not an input_reply; it is ignored"))
		return
	}
	s.mu.Lock()
	q := s.asked
	s.mu.Unlock()
	if parent := r.m.ParentID(); q == nil || q.from != string(r.from) || parent != "" && parent != q.id {
		return
	}
	select {
	case q.answer <- *c.Value:
	default:
	}
}
