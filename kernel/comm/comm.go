package comm

import "encoding/json"

// Comm is an open comm.
type Comm struct {
	ID      string
	target  string
	hub     *Hub
	receive func(Message) // may be nil
}

// Send sends data, whose JSON form is an object, to the front ends. It does nothing after the comm was closed.
func (c *Comm) Send(parent json.RawMessage, value any, buffers ...[]byte) {
	if c.hub.comm(c.ID) == c {
		c.hub.out.PublishComm(message, parent, content{ID: c.ID, Data: value}, nil, buffers)
	}
}

// Close closes the comm on both sides. It does nothing if the comm is closed.
func (c *Comm) Close(parent json.RawMessage) {
	if c.hub.comm(c.ID) == c && c.hub.forget(c.ID) {
		c.hub.out.PublishComm(closing, parent, content{ID: c.ID, Data: struct{}{}}, nil, nil)
	}
}
