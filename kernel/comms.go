package kernel

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"smoothlab/kernel/widget"
	"smoothlab/kernel/wire"
)

// maxFrontEnds is the maximum number of front ends that are remembered as showing widgets.
const maxFrontEnds = 1000

// PublishComm publishes a message of a comm.
func (p *iopub) PublishComm(kind string, parent json.RawMessage, content, metadata any, buffers [][]byte) {
	m := wire.NewMessage(wire.NewHeader(kind, p.session), parent, content)
	if metadata != nil {
		m.Describe(metadata)
	}
	m.Buffers = buffers
	p.mu.Lock()
	defer p.mu.Unlock()
	p.flush()
	p.sendMessage(m)
}

// comm handles a message of a comm.
func (s *server) comm(r *request) {
	if err := s.comms.Receive(r.m.Header.Type, r.m.Content, r.m.RawHeader(), r.m.Buffers); err != nil {
		s.Log(fmt.Errorf("ignored: %w", err))
	}
}

type commInfoRequest struct {
	Target string `json:"target_name"`
}

// commInfo lists the open comms.
func (s *server) commInfo(_ *request, content any) (any, *wire.Extra) {
	return object{"status": "ok", "comms": s.comms.Info(content.(*commInfoRequest).Target)}, nil
}

// noteWidgets records that a front end shows widgets. Those that do ask for the kernel's widgets when they connect;
// nbclient, consoles and plain clients do not. It is called when a message arrives, which may be long before the
// message is handled.
func (s *server) noteWidgets(m *wire.Message) {
	if m.Header.Type != "comm_open" && m.Header.Type != "comm_info_request" {
		return
	}
	var c struct {
		Target string `json:"target_name"`
	}
	if json.Unmarshal(m.Content, &c) != nil || c.Target != widget.ControlTarget && c.Target != widget.Target {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.widgets) >= maxFrontEnds {
		clear(s.widgets)
	}
	s.widgets[m.Header.Session] = true
}

// maxWidgetDelay is the longest wait for the front end of a notebook to ask for widgets. After a restart, the cells of
// "run all" arrive first.
const maxWidgetDelay = time.Second

// awaitWidgets waits until haveWidgets is true, for maxWidgetDelay at most, and returns it. The front end of a notebook
// may be about to ask for widgets.
func (s *server) awaitWidgets(ctx context.Context, r *request) bool {
	ctx, stop := context.WithTimeout(ctx, maxWidgetDelay)
	defer stop()
	for !s.haveWidgets(r) {
		select {
		case <-ctx.Done():
			return s.haveWidgets(r)
		case <-time.After(10 * time.Millisecond):
		}
	}
	return true
}

// haveWidgets reports whether the front end of a request shows widgets.
func (s *server) haveWidgets(r *request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.widgets[r.m.Header.Session]
}
