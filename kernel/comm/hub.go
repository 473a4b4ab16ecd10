package comm

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
)

// Types of messages.
const (
	opening = "comm_open"
	message = "comm_msg"
	closing = "comm_close"
)

// maxOpen is the maximum number of open comms. A comm that a front end opens beyond it is closed at once.
const maxOpen = 10_000

// Publisher publishes messages to all front ends. Parent is the header of the message that caused this one; it may be
// nil.
type Publisher interface {
	PublishComm(kind string, parent json.RawMessage, content, metadata any, buffers [][]byte)
}

// Message is a message of a comm.
type Message struct {
	Data    json.RawMessage // a JSON object
	Buffers [][]byte
	Header  json.RawMessage // for answers: the header of the message, as received
}

// Hub holds the open comms of a kernel. Its methods may be called from any goroutine.
type Hub struct {
	out   Publisher
	newID func() string

	mu      sync.Mutex
	comms   map[string]*Comm
	targets map[string]func(*Comm) func(Message)
}

// NewHub returns a hub without comms. newID returns a random id.
func NewHub(out Publisher, newID func() string) *Hub {
	return &Hub{out: out, newID: newID, comms: map[string]*Comm{}, targets: map[string]func(*Comm) func(Message){}}
}

// Accept accepts the comms that front ends open under a target. opened is called for each and returns the receiver of
// its messages.
func (h *Hub) Accept(target string, opened func(*Comm) func(Message)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.targets[target] = opened
}

// Open opens a comm to the front ends.
func (h *Hub) Open(target string, parent json.RawMessage, first, metadata any, buffers [][]byte,
	receive func(Message)) *Comm {
	c := &Comm{ID: h.newID(), target: target, hub: h, receive: receive}
	h.mu.Lock()
	h.comms[c.ID] = c
	h.mu.Unlock()
	h.out.PublishComm(opening, parent, content{ID: c.ID, Target: target, Data: first}, metadata, buffers)
	return c
}

// content is the content of a message that is sent.
type content struct {
	ID     string `json:"comm_id"`
	Target string `json:"target_name,omitempty"`
	Data   any    `json:"data"`
}

// received is the content of a message that was received.
type received struct {
	ID     *string         `json:"comm_id"`
	Target string          `json:"target_name"`
	Data   json.RawMessage `json:"data"`
}

// Is reports whether kind is a type of message that [Hub.Receive] takes.
func Is(kind string) bool { return kind == opening || kind == message || kind == closing }

// Receive takes a message from a front end. It returns an error if the message is malformed. A message of an unknown
// comm is ignored, because it may have been closed meanwhile.
func (h *Hub) Receive(kind string, raw, header json.RawMessage, buffers [][]byte) error {
	var r received
	if err := json.Unmarshal(raw, &r); err != nil {
		return fmt.Errorf("%s has invalid content: %w", kind, err)
	}
	if r.ID == nil || *r.ID == "" {
		return errors.New(kind + " has no comm_id")
	}
	m := Message{Data: r.Data, Buffers: buffers, Header: header}
	switch kind {
	case opening:
		return h.opened(*r.ID, r.Target, header)
	case closing:
		h.forget(*r.ID)
		return nil
	}
	if c := h.comm(*r.ID); c != nil && c.receive != nil {
		c.receive(m)
	}
	return nil
}

// opened registers a comm that a front end opens, or closes it again if nothing accepts it.
func (h *Hub) opened(id, target string, header json.RawMessage) error {
	h.mu.Lock()
	accept, known := h.targets[target]
	_, taken := h.comms[id]
	full := len(h.comms) >= maxOpen
	h.mu.Unlock()
	var err error
	switch {
	case taken:
		return fmt.Errorf("comm %q is already open", id)
	case !known:
		err = fmt.Errorf("the kernel has no comm target %q; the comm is closed", target)
	case full:
		err = fmt.Errorf("more than %d comms are open; the comm is closed", maxOpen)
	default:
		c := &Comm{ID: id, target: target, hub: h}
		c.receive = accept(c)
		h.mu.Lock()
		defer h.mu.Unlock()
		h.comms[id] = c
		return nil
	}
	h.out.PublishComm(closing, header, content{ID: id, Data: struct{}{}}, nil, nil)
	return err
}

func (h *Hub) comm(id string) *Comm {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.comms[id]
}

func (h *Hub) forget(id string) (known bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	_, known = h.comms[id]
	delete(h.comms, id)
	return known
}

// Target describes an open comm in the answer to comm_info_request.
type Target struct {
	Name string `json:"target_name"`
}

// Info returns the open comms by id, all or those of one target.
func (h *Hub) Info(target string) map[string]Target {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := map[string]Target{}
	for id, c := range h.comms {
		if target == "" || c.target == target {
			list[id] = Target{c.target}
		}
	}
	return list
}
