package kernel

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"smoothlab/kernel/wire"
	"smoothlab/report"
)

// abortDelay is how long to wait after an error for further queued cells before replying. "Run all cells" sends the
// cells of a notebook one by one, and a cell may fail before the next one has arrived. A client that waits for replies
// has sent nothing more.
const abortDelay = 50 * time.Millisecond

// aborted reports whether a request must not run: it arrived before the reply to an earlier request that failed, or it
// was interrupted while it was queued.
func (s *server) aborted(r *request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dropped[r.m.Header.ID] {
		delete(s.dropped, r.m.Header.ID)
		return true
	}
	at, failed := s.failedAt[r.m.Header.Session]
	return failed && r.arrived.Before(at)
}

// abort records that the cells which the same front end has queued must not run.
func (s *server) abort(r *request) {
	select {
	case <-time.After(abortDelay):
	case <-s.ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	maps.DeleteFunc(s.failedAt, func(_ string, at time.Time) bool { return now.Sub(at) > time.Hour })
	s.failedAt[r.m.Header.Session] = now
}

// execute runs a cell.
func (s *server) execute(r *request, content any) (any, *wire.Extra) {
	ask := content.(*executeRequest)
	stored := or(ask.StoreHistory, true) && !ask.Silent
	if stored {
		s.count++
		if err := s.history.add(s.count, ask.Code); err != nil {
			s.Log(fmt.Errorf("cells are not saved to the history file: %w", err))
		}
	}
	if !ask.Silent {
		s.iopub.publish("execute_input", r.m.RawHeader(), object{"code": ask.Code, "execution_count": s.count})
	}
	ctx, end := s.begin(r)
	defer end()
	out := s.output(r, ask)
	reply := executeReply{Status: "ok", ExecutionCount: s.count, Payload: []any{}, UserExpressions: map[string]any{}}
	code, name, asked := report.Question(ask.Code)
	value, err := s.evaluate(ctx, code, out)
	s.iopub.forget(r.m.RawHeader())
	if e, ok := errors.AsType[*report.Error](err); ok && e.Name == report.Exit {
		return s.exitReply(reply, e)
	}
	if err != nil {
		return s.failure(r, ask, reply, err)
	}
	if asked {
		found, known := s.Evaluator.Inspect(name, len([]rune(name)))
		if !known {
			return s.failure(r, ask, reply, &report.Error{Name: report.Failed, Message: "no help for " + name})
		}
		reply.Payload = append(reply.Payload, object{"source": "page", "data": mimeBundle(found), "start": 0})
		return reply, nil
	}
	if _, seen := value.(report.Shown); value != nil && !seen && !ask.Silent {
		s.iopub.publish(
			"execute_result",
			r.m.RawHeader(),
			executeResult{s.count, display{mimeBundle(value), metadata(value), object{}}},
		)
	}
	if n, ok := out.(*notebook); ok {
		out = n.output // an expression shows no controls
	}
	for _, name := range slices.Sorted(maps.Keys(ask.UserExpressions)) {
		reply.UserExpressions[name] = s.expression(ctx, ask.UserExpressions[name], out)
	}
	var extra *wire.Extra
	if r.extra.Result && value != nil {
		typed, err := report.JSON(value)
		if err != nil {
			return s.failure(r, ask, reply, err)
		}
		extra = &wire.Extra{Value: typed}
	}
	return reply, extra
}

// exitReply returns the reply to a cell that called exit. A console that receives it ends.
func (s *server) exitReply(reply executeReply, e *report.Error) (any, *wire.Extra) {
	reply.Payload = append(reply.Payload, object{"source": "ask_exit", "keepkernel": false})
	typed, err := report.JSON(e)
	if err != nil {
		return reply, nil
	}
	return reply, &wire.Extra{Value: typed}
}

// begin returns the context of an evaluation, which an interrupt cancels, and publishes the notices that are still
// pending.
func (s *server) begin(r *request) (ctx context.Context, end func()) {
	ctx, cancel := context.WithCancel(s.ctx)
	s.mu.Lock()
	s.cancel, s.last, s.running = cancel, r.m.RawHeader(), r.m.Header.ID
	var pending []string
	if !r.extra.Notices {
		pending, s.pending = s.pending, nil
	}
	s.mu.Unlock()
	for _, text := range pending {
		s.iopub.print(r.m.RawHeader(), text)
	}
	return ctx, func() {
		s.mu.Lock()
		s.cancel = nil
		s.mu.Unlock()
		cancel()
	}
}

// evaluate calls the evaluator and turns a panic into an error.
func (s *server) evaluate(ctx context.Context, source string, out report.Output) (r report.Report, err error) {
	defer func() {
		if p := recover(); p != nil {
			r, err = nil, &report.Error{
				Name:    report.Internal,
				Message: fmt.Sprintf("the evaluation: %v; the session continues; please report this", p),
			}
		}
	}()
	return s.Evaluator.Evaluate(ctx, source, out)
}

// failure returns the reply to a failed request and publishes the error on IOPub.
func (s *server) failure(r *request, ask *executeRequest, reply executeReply, err error) (any, *wire.Extra) {
	reply.Status, reply.failure = "error", errorContent(err)
	if !ask.Silent {
		s.iopub.publish("error", r.m.RawHeader(), reply.failure)
	}
	if or(ask.StopOnError, true) {
		s.abort(r)
	}
	e, ok := errors.AsType[*report.Error](err)
	if !ok || !r.extra.Result {
		return reply, nil
	}
	typed, err := report.JSON(e)
	if err != nil {
		return reply, nil // the reply already contains the error
	}
	return reply, &wire.Extra{Value: typed}
}

// expression evaluates one of the user_expressions of a request.
func (s *server) expression(ctx context.Context, source string, out report.Output) any {
	value, err := s.evaluate(ctx, source, out)
	if err != nil {
		f := errorContent(err)
		return object{"status": "error", "ename": f.Name, "evalue": f.Value, "traceback": f.Traceback}
	}
	if value == nil {
		value = &report.Value{Repr: "None"}
	}
	return object{"status": "ok", "data": mimeBundle(value), "metadata": metadata(value)}
}
