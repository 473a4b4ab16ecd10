package kernel

import (
	"encoding/json"
	"fmt"
	"os"
	"time"

	"smoothlab/kernel/comm"
	"smoothlab/kernel/wire"
	"smoothlab/report"
)

// handler answers one type of request. newContent returns the value into which the content is decoded.
type handler struct {
	kind       string // prefix of x_request and x_reply
	newContent func() any
	// answer returns the content of the reply, and metadata or nil.
	answer func(s *server, r *request, content any) (any, *wire.Extra)
	shell  bool // waits for the cells queued before it; not answered on control
	after  func(s *server, content any)
}

// handlers returns the requests that the kernel answers.
func handlers() []handler {
	none := func() any { return &struct{}{} }
	return []handler{
		{kind: "execute", newContent: func() any { return &executeRequest{} }, answer: (*server).execute, shell: true},
		{kind: "complete", newContent: func() any { return &cursorRequest{} }, answer: (*server).complete},
		{kind: "inspect", newContent: func() any { return &cursorRequest{} }, answer: (*server).inspect},
		{kind: "is_complete", newContent: func() any { return &cursorRequest{} }, answer: (*server).isComplete},
		{kind: "history", newContent: func() any { return &historyRequest{} }, answer: (*server).historyOf},
		{kind: "kernel_info", newContent: none, answer: (*server).kernelInfo},
		{kind: "comm_info", newContent: func() any { return &commInfoRequest{} }, answer: (*server).commInfo},
		{kind: "interrupt", newContent: none, answer: (*server).interrupt},
		{
			kind:       "shutdown",
			newContent: func() any { return &shutdownRequest{} },
			answer:     (*server).shutdown,
			after:      (*server).stopAfterReply,
		},
	}
}

// answer answers a request: it publishes busy, runs the handler, replies, and publishes idle.
func (s *server) answer(r *request) {
	s.iopub.status(r, busy)
	defer s.iopub.status(r, idle)
	for _, h := range handlers() {
		if h.kind+"_request" != r.m.Header.Type || h.shell && r.control {
			continue
		}
		if h.kind == "execute" && s.aborted(r) {
			s.reply(r, "execute_reply", object{"status": "aborted"}, nil)
			return
		}
		content := h.newContent()
		if err := json.Unmarshal(r.m.Content, content); err != nil {
			s.refuse(r, h.kind, fmt.Errorf("%s has invalid content: %w", r.m.Header.Type, err))
			return
		}
		answer, extra, err := s.callRecover(h, r, content)
		if err != nil {
			s.refuse(r, h.kind, err)
			return
		}
		s.reply(r, h.kind+"_reply", answer, extra)
		if h.after != nil {
			h.after(s, content)
		}
		return
	}
	s.other(r)
}

// refuse replies that a request failed.
func (s *server) refuse(r *request, kind string, err error) {
	s.Log(err)
	f := errorContent(err)
	answer := object{"status": "error", "ename": f.Name, "evalue": f.Value, "traceback": f.Traceback}
	if kind == "execute" {
		answer["execution_count"] = s.count
	}
	s.reply(r, kind+"_reply", answer, nil)
}

// callRecover calls a handler and turns a panic of the evaluator into an error.
func (s *server) callRecover(h handler, r *request, content any) (answer any, extra *wire.Extra, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &report.Error{
				Name:    report.Internal,
				Message: fmt.Sprintf("%s: %v; the session continues; please report this", h.kind, p),
			}
		}
	}()
	answer, extra = h.answer(s, r, content)
	return answer, extra, nil
}

// other handles messages that have no reply.
func (s *server) other(r *request) {
	if comm.Is(r.m.Header.Type) {
		s.comm(r)
		return
	}
	s.Log(fmt.Errorf("message type %q is not supported; the message is ignored", r.m.Header.Type))
}

// kernelInfo returns what the protocol asks for. The fields pid and engine are for this project's client.
func (s *server) kernelInfo(*request, any) (any, *wire.Extra) {
	engine := ""
	if s.Engine != nil {
		engine = s.Engine()
	}
	return object{
		"status":                 "ok",
		"protocol_version":       wire.ProtocolVersion,
		"implementation":         wire.KernelName,
		"implementation_version": s.Version,
		"banner":                 s.Banner,
		"language_info": object{
			"name":               "starlark",
			"version":            "1",
			"mimetype":           "text/x-python",
			"file_extension":     ".star",
			"pygments_lexer":     "python",
			"codemirror_mode":    "python",
			"nbconvert_exporter": "",
		},
		"help_links": []object{
			{"text": "Starlark", "url": "https://github.com/google/starlark-go/blob/master/doc/spec.md"},
			{"text": "SmoothMix (Jeong et al., NeurIPS 2021)", "url": "https://arxiv.org/abs/2111.09277"},
		},
		"debugger":           false,
		"supported_features": []string{},
		"pid":                os.Getpid(),
		"engine":             engine,
	}, nil
}

func (s *server) complete(_ *request, content any) (any, *wire.Extra) {
	ask := content.(*cursorRequest)
	c := s.Evaluator.Complete(ask.Code, ask.cursor())
	reply := completeReply{Status: "ok", Matches: []string{}, Start: c.Start, End: c.End}
	typed := []typedMatch{}
	for _, item := range c.Items {
		reply.Matches = append(reply.Matches, item.Text)
		typed = append(
			typed,
			typedMatch{Start: c.Start, End: c.End, Text: item.Text, Type: item.Kind, Signature: item.Help},
		)
	}
	reply.Metadata = object{"_jupyter_types_experimental": typed}
	return reply, nil
}

func (s *server) inspect(_ *request, content any) (any, *wire.Extra) {
	ask := content.(*cursorRequest)
	reply := inspectReply{Status: "ok", Data: map[string]any{}, Metadata: object{}}
	if r, found := s.Evaluator.Inspect(ask.Code, ask.cursor()); found {
		reply.Found, reply.Data, reply.Metadata = true, mimeBundle(r), metadata(r)
	}
	return reply, nil
}

func (s *server) isComplete(_ *request, content any) (any, *wire.Extra) {
	code, _, _ := report.Question(content.(*cursorRequest).Code) // train? is a cell, and not in the language
	state, indent := s.Evaluator.IsComplete(code)
	return isCompleteReply{Status: state, Indent: indent}, nil
}

// maxDropped is the maximum number of remembered ids of requests that must not run.
const maxDropped = 10_000

// interrupt ends the evaluation in progress, which then sends its own reply. This project's client names the request it
// means: if that request is still queued it will not run, and no other request is affected.
func (s *server) interrupt(r *request, _ any) (any, *wire.Extra) {
	s.mu.Lock()
	defer s.mu.Unlock()
	only := r.extra.Only
	switch {
	case s.cancel != nil && (only == "" || only == s.running):
		s.cancel()
		s.panels.interrupt()
	case only == "":
		s.panels.interrupt()
	case only != "" && only != s.running: // otherwise it has just ended
		if len(s.dropped) >= maxDropped {
			clear(s.dropped)
		}
		s.dropped[only] = true
		return object{"status": "ok"}, &wire.Extra{Dropped: true}
	}
	return object{"status": "ok"}, nil
}

type shutdownRequest struct {
	Restart bool `json:"restart"`
}

func (s *server) shutdown(r *request, content any) (any, *wire.Extra) {
	reply := object{"status": "ok", "restart": content.(*shutdownRequest).Restart}
	s.iopub.publish("shutdown_reply", r.m.RawHeader(), reply) // notify the other front ends
	return reply, nil
}

// stopAfterReply ends the kernel after the reply. The idle status is queued before the sockets close; closing sends
// what is queued.
func (s *server) stopAfterReply(content any) {
	s.mu.Lock()
	s.end = End{Restart: content.(*shutdownRequest).Restart}
	s.mu.Unlock()
	time.AfterFunc(50*time.Millisecond, s.stop)
}
