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

// gathering is how long the reply about an error waits for what else the front end sends: whoever runs all cells of a
// notebook sends them one by one, and a cell may fail before the next has arrived. Whoever waits for replies has sent
// nothing more.
const gathering = 50 * time.Millisecond

// aborted tells whether a request was queued behind one that has failed: it had arrived before that was answered. Or it
// was interrupted before its turn.
func (s *server) aborted(r *request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dropped[r.m.Header.ID] {
		delete(s.dropped, r.m.Header.ID)
		return true
	}
	at, failed := s.failed[r.m.Header.Session]
	return failed && r.arrived.Before(at)
}

// abort notes that what the same front end has queued is not to be run.
func (s *server) abort(r *request) {
	select {
	case <-time.After(gathering):
	case <-s.ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	maps.DeleteFunc(s.failed, func(_ string, at time.Time) bool { return now.Sub(at) > time.Hour })
	s.failed[r.m.Header.Session] = now
}

// execute runs a cell.
func (s *server) execute(r *request, content any) (any, *wire.Extra) {
	ask := content.(*executeRequest)
	stored := or(ask.StoreHistory, true) && !ask.Silent
	if stored {
		s.count++
		if err := s.history.add(s.count, ask.Code); err != nil {
			s.Log(fmt.Errorf("the history is not kept: %w", err))
		}
	}
	if !ask.Silent {
		s.iopub.say("execute_input", r.m.RawHeader(), object{"code": ask.Code, "execution_count": s.count})
	}
	ctx, end := s.begin(r)
	defer end()
	out := &output{server: s, request: r, silent: ask.Silent, stdin: or(ask.AllowStdin, true)}
	reply := executeReply{Status: "ok", ExecutionCount: s.count, Payload: []any{}, UserExpressions: map[string]any{}}
	code, name, asked := report.Question(ask.Code)
	value, err := s.evaluate(ctx, code, out)
	s.iopub.forget(r.m.RawHeader())
	if e, ok := errors.AsType[*report.Error](err); ok && e.Name == report.Exit {
		return s.left(reply, e)
	}
	if err != nil {
		return s.failure(r, ask, reply, err)
	}
	if asked {
		found, known := s.Evaluator.Inspect(name, len([]rune(name)))
		if !known {
			return s.failure(r, ask, reply, &report.Error{Name: report.Failed, Message: "nothing is known of " + name})
		}
		reply.Payload = append(reply.Payload, object{"source": "page", "data": bundle(found), "start": 0})
		return reply, nil
	}
	if _, seen := value.(report.Shown); value != nil && !seen && !ask.Silent {
		s.iopub.say(
			"execute_result",
			r.m.RawHeader(),
			executeResult{s.count, display{bundle(value), about(value), object{}}},
		)
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

// left answers a cell that has called exit: a console that waits for it leaves.
func (s *server) left(reply executeReply, e *report.Error) (any, *wire.Extra) {
	reply.Payload = append(reply.Payload, object{"source": "ask_exit", "keepkernel": false})
	typed, err := report.JSON(e)
	if err != nil {
		return reply, nil
	}
	return reply, &wire.Extra{Value: typed}
}

// begin makes the context of an evaluation, which an interrupt ends, and says what was not read yet.
func (s *server) begin(r *request) (ctx context.Context, end func()) {
	ctx, cancel := context.WithCancel(s.ctx)
	s.mu.Lock()
	s.cancel, s.last, s.running = cancel, r.m.RawHeader(), r.m.Header.ID
	var unread []string
	if !r.extra.Notices {
		unread, s.unread = s.unread, nil
	}
	s.mu.Unlock()
	for _, text := range unread {
		s.iopub.print(r.m.RawHeader(), text)
	}
	return ctx, func() {
		s.mu.Lock()
		s.cancel = nil
		s.mu.Unlock()
		cancel()
	}
}

// evaluate calls the evaluator, whose panic is an error like others.
func (s *server) evaluate(ctx context.Context, source string, out report.Output) (r report.Report, err error) {
	defer func() {
		if p := recover(); p != nil {
			r, err = nil, &report.Error{
				Name:    report.Internal,
				Message: fmt.Sprintf("the evaluation: %v; the session goes on, and this should be reported", p),
			}
		}
	}()
	return s.Evaluator.Evaluate(ctx, source, out)
}

// failure is the answer after an error, which everybody is told of.
func (s *server) failure(r *request, ask *executeRequest, reply executeReply, err error) (any, *wire.Extra) {
	reply.Status, reply.failure = "error", failed(err)
	if !ask.Silent {
		s.iopub.say("error", r.m.RawHeader(), reply.failure)
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
		return reply, nil // the reply says it, too
	}
	return reply, &wire.Extra{Value: typed}
}

// expression is one of the user_expressions of a request.
func (s *server) expression(ctx context.Context, source string, out report.Output) any {
	value, err := s.evaluate(ctx, source, out)
	if err != nil {
		f := failed(err)
		return object{"status": "error", "ename": f.Name, "evalue": f.Value, "traceback": f.Traceback}
	}
	if value == nil {
		value = &report.Value{Repr: "None"}
	}
	return object{"status": "ok", "data": bundle(value), "metadata": about(value)}
}
