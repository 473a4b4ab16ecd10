package zmtp

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// ErrNotLoopback means that an address would be reachable from other machines.
var ErrNotLoopback = errors.New("only the loopback interface is listened on, 127.0.0.1")

// server accepts connections and reads each in a goroutine of its own.
type server struct {
	kind     Kind
	options  Options
	listener net.Listener

	// joined, received and left are called by the reader of a link; each may be nil but received.
	joined   func(*link)
	received func(l *link, m Message, oversized int)
	left     func(*link)

	strangers atomic.Int64
	accepted  int // connections so far; accept's own

	mu     sync.Mutex
	links  map[*link]bool
	conns  map[net.Conn]bool // all, also those that have not said hello
	closed bool
	wg     sync.WaitGroup
}

// start listens. Address is host:port, with a host on the loopback interface; port 0 takes a free one.
func (s *server) start(address string) error {
	at, err := netip.ParseAddrPort(address)
	switch {
	case err != nil:
		return fmt.Errorf("an address is a number and a port, such as 127.0.0.1:5555; got %q", address)
	case !at.Addr().IsLoopback():
		return fmt.Errorf("%w; got %s", ErrNotLoopback, address)
	}
	if s.listener, err = net.Listen("tcp", address); err != nil {
		return err
	}
	s.options = s.options.filled()
	s.links, s.conns = map[*link]bool{}, map[net.Conn]bool{}
	s.wg.Go(s.accept)
	return nil
}

// Port is where it listens.
func (s *server) Port() int { return s.listener.Addr().(*net.TCPAddr).Port }

// accept never waits for a peer, and outlives errors: too many open files, for instance.
func (s *server) accept() {
	pause := time.Millisecond
	for {
		conn, err := s.listener.Accept()
		if err == nil {
			pause = time.Millisecond
			if err := s.admit(conn); err != nil {
				conn.Close()
				if !errors.Is(err, ErrClosed) {
					s.options.Log(err) // outside the lock: it may take its time
				}
			}
			continue
		}
		if errors.Is(err, net.ErrClosed) {
			return
		}
		s.options.Log(err)
		time.Sleep(pause)
		pause = min(2*pause, time.Second)
	}
}

// admit begins to serve a connection, or says why not.
func (s *server) admit(conn net.Conn) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	if len(s.conns) >= s.options.Peers {
		return fmt.Errorf("a connection was refused: there are %d already", len(s.conns))
	}
	s.conns[conn] = true
	s.accepted++
	order := s.accepted
	s.wg.Go(func() {
		s.serve(conn, order)
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.conns, conn)
	})
	return nil
}

// serve reads a connection to its end. order is its place among those that were accepted.
func (s *server) serve(conn net.Conn, order int) {
	l, err := shake(conn, s.kind, s.options)
	if err != nil {
		conn.Close()
		if !errors.Is(err, io.EOF) { // somebody who only looked whether the port is open
			s.options.Log(fmt.Errorf("a connection was refused: %w", err))
		}
		return
	}
	l.strangers, l.order = &s.strangers, order
	s.mu.Lock()
	s.links[l] = true
	s.mu.Unlock()
	if s.joined != nil {
		s.joined(l)
	}
	for err == nil {
		var m Message
		var oversized int
		if m, oversized, err = l.read(); err == nil {
			s.received(l, m, oversized)
		}
		l.release()
	}
	if s.left != nil {
		s.left(l)
	}
	s.mu.Lock()
	delete(s.links, l)
	s.mu.Unlock()
	l.mu.Lock()
	why := l.err
	l.mu.Unlock()
	l.close(err)
	switch {
	case errors.Is(why, ErrStalled):
		s.options.Log(why)
	case why == nil && (errors.Is(err, ErrTooLarge) || errors.Is(err, ErrCrowded) || errors.Is(err, ErrFrames) || errors.Is(err, ErrFlags) || errors.Is(err, ErrCommand)):
		s.options.Log(fmt.Errorf("a peer was cut off: %w", err))
	}
	<-l.written
}

// Close stops listening, sends what is queued, and closes all connections.
func (s *server) Close() error {
	s.mu.Lock()
	s.closed = true
	var links []*link
	for l := range s.links {
		links = append(links, l)
	}
	s.mu.Unlock()
	err := s.listener.Close()
	deadline := time.Now().Add(s.options.Linger)
	var wg sync.WaitGroup
	for _, l := range links {
		wg.Go(func() { l.finish(deadline) })
	}
	wg.Wait()
	s.mu.Lock()
	for conn := range s.conns { // those in their handshake
		conn.Close()
	}
	s.mu.Unlock()
	s.wg.Wait()
	return err
}
