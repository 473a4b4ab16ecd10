package zmtp

import (
	"encoding/binary"
	"slices"
	"sync"
)

// Router receives messages from many peers and sends to each by its identity. Any client may choose any identity. The
// first holder keeps it until it disconnects or until another client sends a verified message under it.
type Router struct {
	server
	in   chan Received
	done chan struct{}
	once sync.Once

	mu      sync.Mutex
	next    uint32
	by      map[string]*link   // the holder of each identity
	waiting map[string][]*link // other connections with the same identity, in order of arrival
}

// Received is a received message.
type Received struct {
	From    []byte // identity of the peer
	Message Message
	// Oversized is the size in bytes of a frame above the limit, or 0. Message then ends before that frame.
	Oversized int

	router *Router
	link   *link
}

// ListenRouter listens at a loopback address.
func ListenRouter(address string, o Options) (*Router, error) {
	r := &Router{
		in:      make(chan Received),
		done:    make(chan struct{}),
		by:      map[string]*link{},
		waiting: map[string][]*link{},
	}
	r.server = server{
		kind:    kindRouter,
		options: o,
		joined:  r.join,
		left:    r.leave,
		received: func(l *link, m Message, oversized int) {
			select {
			case r.in <- Received{l.identity, m, oversized, r, l}:
			case <-r.done:
			}
		},
	}
	if err := r.start(address); err != nil {
		return nil, err
	}
	return r, nil
}

// join gives an identity to a peer without one. A peer whose identity is already in use waits until the holder
// disconnects, or until its own messages are verified.
func (r *Router) join(l *link) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(l.identity) == 0 {
		r.next++
		l.identity = binary.BigEndian.AppendUint32([]byte{0}, r.next)
	}
	name := string(l.identity)
	switch first := r.by[name]; {
	case first == nil:
		r.by[name] = l
	case l.order < first.order && !first.known.Load(): // it connected first, but its handshake took longer
		r.by[name] = l
		r.waiting[name] = append(r.waiting[name], first)
	default:
		r.waiting[name] = append(r.waiting[name], l)
	}
}

// leave passes the identity to the latest of the waiting connections. That may be the same peer, reconnected before its
// old connection was seen to end.
func (r *Router) leave(l *link) {
	r.mu.Lock()
	defer r.mu.Unlock()
	name := string(l.identity)
	r.drop(l)
	if r.by[name] != l {
		return
	}
	delete(r.by, name)
	if others := r.waiting[name]; len(others) > 0 {
		r.by[name] = others[len(others)-1]
		r.drop(r.by[name])
	}
}

// drop removes a link from the waiting ones; r.mu must be held.
func (r *Router) drop(l *link) {
	name := string(l.identity)
	if others := slices.DeleteFunc(r.waiting[name], func(o *link) bool { return o == l }); len(others) > 0 {
		r.waiting[name] = others
	} else {
		delete(r.waiting, name)
	}
}

// MarkVerified records that the signature of the message is valid, so its sender may use the identity. A peer that
// reconnects thereby replaces its old connection, whose end may not have been seen yet.
func (m Received) MarkVerified() {
	m.link.known.Store(true)
	r, name := m.router, string(m.From)
	r.mu.Lock()
	defer r.mu.Unlock()
	old := r.by[name]
	if old == m.link || !slices.Contains(r.waiting[name], m.link) { // already the holder, or disconnected
		return
	}
	r.drop(m.link)
	r.by[name] = m.link
	if old != nil {
		old.close(ErrClosed)
	}
}

// Receive returns the next message. It returns ErrClosed after Close.
func (r *Router) Receive() (Received, error) {
	select {
	case got := <-r.in:
		return got, nil
	case <-r.done:
		return Received{}, ErrClosed
	}
}

// Send queues a message for a peer.
func (r *Router) Send(to []byte, m Message) error {
	r.mu.Lock()
	l := r.by[string(to)]
	r.mu.Unlock()
	if l == nil {
		return ErrNoPeer
	}
	return l.send(m.bytes())
}

// Close sends what is queued and closes the socket.
func (r *Router) Close() error {
	r.once.Do(func() { close(r.done) })
	return r.server.Close()
}
