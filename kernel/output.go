package kernel

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"smoothlab/kernel/wire"
	"smoothlab/report"
)

// output is where a cell shows things.
type output struct {
	server  *server
	request *request
	silent  bool
	stdin   bool
}

func (o *output) parent() json.RawMessage { return o.request.m.RawHeader() }

func (o *output) Print(text string) {
	if !o.silent {
		o.server.iopub.print(o.parent(), text)
	}
}

func (o *output) Show(r report.Report) {
	if !o.silent {
		o.server.iopub.say("display_data", o.parent(), display{bundle(r), about(r), object{}})
	}
}

func (o *output) Progress(p report.Progress) {
	if !o.silent {
		o.server.iopub.progress(o.parent(), p)
	}
}

// Clear empties what the cell has shown, as soon as something new comes: what is replaced at once does not flicker.
func (o *output) Clear() {
	if !o.silent {
		o.server.iopub.say("clear_output", o.parent(), object{"wait": true})
	}
}

// question is what waits for an input_reply.
type question struct {
	id     string // of the input_request
	from   string // whom it was sent to
	answer chan string
}

// Ask asks the front end that sent the cell.
func (o *output) Ask(ctx context.Context, prompt string, hidden bool) (string, error) {
	if !o.stdin {
		return "", &report.Error{Name: report.Failed, Message: "nobody can be asked here: the front end takes no input"}
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
	s.iopub.flush() // what was printed stands above the question
	s.iopub.mu.Unlock()
	m := wire.NewMessage(header, o.parent(), object{"prompt": prompt, "password": hidden})
	m.To = o.request.m.To
	if err := s.sockets.Stdin.Send(o.request.from, s.codec.Encode(m)); err != nil {
		return "", fmt.Errorf("nobody can be asked: the front end has no stdin connection: %w", err)
	}
	select {
	case text := <-q.answer:
		return text, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// replied takes an input_reply. One that nobody waits for, or from somebody who was not asked, has no meaning.
func (s *server) replied(r *request) {
	var c struct {
		Value *string `json:"value"`
	}
	if r.m.Header.Type != "input_reply" || json.Unmarshal(r.m.Content, &c) != nil || c.Value == nil {
		s.Log(errors.New("a message on stdin that is no input_reply"))
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
