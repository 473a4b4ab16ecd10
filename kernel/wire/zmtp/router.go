package zmtp

import (
	"encoding/binary"
	"slices"
	"sync"
)

// Router receives messages from many peers and sends to each by its identity. Anybody can call himself by any identity;
// who has it first keeps it until he leaves, or until another one sends a message for which the receiver vouches.
type Router struct {
	server
	in   chan Received
	done chan struct{}
	once sync.Once

	mu    sync.Mutex
	next  uint32
	by    map[string]*link   // whom is sent to
	among map[string][]*link // others of the same identity, in the order in which they came
}

// Received is a message that came.
type Received struct {
	From    []byte // the identity of the peer
	Message Message
	// Oversized is the size of a frame that was too large to be taken, 0 if there was none. Message ends before it.
	Oversized int

	router *Router
	link   *link
}

// ListenRouter listens at a loopback address.
func ListenRouter(address string, o Options) (*Router, error) {
	r := &Router{
		in:    make(chan Received),
		done:  make(chan struct{}),
		by:    map[string]*link{},
		among: map[string][]*link{},
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

// join gives a peer without an identity one. One that comes under an identity that somebody has already waits for that
// one to leave, or to be vouched for.
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
	case l.order < first.order && !first.known.Load(): // it came first, and was slower to say hello
		r.by[name] = l
		r.among[name] = append(r.among[name], first)
	default:
		r.among[name] = append(r.among[name], l)
	}
}

// leave hands the identity on to the latest of the others, who may be the same peer come back before its old end was
// seen.
func (r *Router) leave(l *link) {
	r.mu.Lock()
	defer r.mu.Unlock()
	name := string(l.identity)
	r.drop(l)
	if r.by[name] != l {
		return
	}
	delete(r.by, name)
	if others := r.among[name]; len(others) > 0 {
		r.by[name] = others[len(others)-1]
		r.drop(r.by[name])
	}
}

// drop takes a link out of those that wait; r.mu is held.
func (r *Router) drop(l *link) {
	name := string(l.identity)
	if others := slices.DeleteFunc(r.among[name], func(o *link) bool { return o == l }); len(others) > 0 {
		r.among[name] = others
	} else {
		delete(r.among, name)
	}
}

// Vouch says that the message is rightly the peer's whose identity it came under, as its signature shows. A peer that
// comes back so takes the place of its old connection, whose end may not have been seen yet.
func (m Received) Vouch() {
	m.link.known.Store(true)
	r, name := m.router, string(m.From)
	r.mu.Lock()
	defer r.mu.Unlock()
	old := r.by[name]
	if old == m.link || !slices.Contains(r.among[name], m.link) { // it has it, or has left
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

// Close sends what is queued, and closes.
func (r *Router) Close() error {
	r.once.Do(func() { close(r.done) })
	return r.server.Close()
}
