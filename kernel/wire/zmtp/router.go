package zmtp

import (
	"encoding/binary"
	"sync"
)

// Router receives messages from many peers and sends to each by its identity.
type Router struct {
	server
	in   chan received
	done chan struct{}
	once sync.Once

	mu   sync.Mutex
	next uint32
	by   map[string]*link
}

type received struct {
	from    []byte
	message Message
}

// ListenRouter listens at a loopback address.
func ListenRouter(address string, o Options) (*Router, error) {
	r := &Router{in: make(chan received), done: make(chan struct{}), by: map[string]*link{}}
	r.server = server{kind: kindRouter, options: o, joined: r.join, left: r.leave, received: func(l *link, m Message) {
		select {
		case r.in <- received{l.identity, m}:
		case <-r.done:
		}
	}}
	if err := r.start(address); err != nil {
		return nil, err
	}
	return r, nil
}

// join gives a peer without an identity one. A peer that comes back under its identity takes the place of its old
// connection, whose end may not have been seen yet.
func (r *Router) join(l *link) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(l.identity) == 0 {
		r.next++
		l.identity = binary.BigEndian.AppendUint32([]byte{0}, r.next)
	}
	if old := r.by[string(l.identity)]; old != nil {
		old.close(ErrClosed)
	}
	r.by[string(l.identity)] = l
}

func (r *Router) leave(l *link) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.by[string(l.identity)] == l {
		delete(r.by, string(l.identity))
	}
}

// Receive returns the next message, and whom it is from. It returns ErrClosed after Close.
func (r *Router) Receive() (from []byte, m Message, err error) {
	select {
	case got := <-r.in:
		return got.from, got.message, nil
	case <-r.done:
		return nil, nil, ErrClosed
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

// Close sends what is queued, and closes.
func (r *Router) Close() error {
	r.once.Do(func() { close(r.done) })
	return r.server.Close()
}
