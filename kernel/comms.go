package kernel

import (
	"encoding/json"
	"fmt"

	"smoothlab/kernel/widget"
	"smoothlab/kernel/wire"
)

// maxFrontEnds is the maximum number of front ends of which is remembered that they show widgets.
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
	var c struct {
		Target string `json:"target_name"`
	}
	if json.Unmarshal(r.m.Content, &c) == nil && c.Target == widget.ControlTarget {
		s.showsWidgets(r)
	}
	if err := s.comms.Receive(r.m.Header.Type, r.m.Content, r.m.RawHeader(), r.m.Buffers); err != nil {
		s.Log(fmt.Errorf("ignored: %w", err))
	}
}

type commInfoRequest struct {
	Target string `json:"target_name"`
}

// commInfo lists the open comms.
func (s *server) commInfo(r *request, content any) (any, *wire.Extra) {
	target := content.(*commInfoRequest).Target
	if target == widget.Target {
		s.showsWidgets(r)
	}
	return object{"status": "ok", "comms": s.comms.Info(target)}, nil
}

// showsWidgets records that the front end of a request shows widgets. Those that do ask for the kernel's widgets when
// they connect; nbclient, consoles and plain clients do not.
func (s *server) showsWidgets(r *request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.widgets) >= maxFrontEnds {
		clear(s.widgets)
	}
	s.widgets[r.m.Header.Session] = true
}

// haveWidgets reports whether the front end of a request shows widgets.
func (s *server) haveWidgets(r *request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.widgets[r.m.Header.Session]
}
