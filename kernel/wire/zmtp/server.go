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

// ErrNotLoopback reports an address that other machines could reach.
var ErrNotLoopback = errors.New("only the loopback address 127.0.0.1 can be used")

// server accepts connections and reads each in a separate goroutine.
type server struct {
	kind     Kind
	options  Options
	listener net.Listener

	// joined, received and left are called by the reader of a link. All but received may be nil.
	joined   func(*link)
	received func(l *link, m Message, oversized int)
	left     func(*link)

	unverified atomic.Int64
	accepted   int // connections so far; used by accept only

	mu     sync.Mutex
	links  map[*link]bool
	conns  map[net.Conn]bool // all connections, including those in their handshake
	closed bool
	wg     sync.WaitGroup
}

// start listens at the address, host:port with a loopback host. Port 0 takes a free port.
func (s *server) start(address string) error {
	at, err := netip.ParseAddrPort(address)
	switch {
	case err != nil:
		return fmt.Errorf("%q is not an address such as 127.0.0.1:5555", address)
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

// Port returns the port on which the server listens.
func (s *server) Port() int { return s.listener.Addr().(*net.TCPAddr).Port }

// accept never waits for a peer, and continues after errors such as too many open files.
func (s *server) accept() {
	pause := time.Millisecond
	for {
		conn, err := s.listener.Accept()
		if err == nil {
			pause = time.Millisecond
			if err := s.admit(conn); err != nil {
				conn.Close()
				if !errors.Is(err, ErrClosed) {
					s.options.Log(err) // outside the lock, because it may take long
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

// admit starts serving a connection, or returns an error that describes why not.
func (s *server) admit(conn net.Conn) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	if len(s.conns) >= s.options.Peers {
		return fmt.Errorf("a connection was rejected: the limit of %d connections is reached", len(s.conns))
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

// serve reads a connection until it ends. order is its position among the accepted connections.
func (s *server) serve(conn net.Conn, order int) {
	l, err := handshake(conn, s.kind, s.options)
	if err != nil {
		conn.Close()
		if !errors.Is(err, io.EOF) { // a probe whether the port is open ends at once
			s.options.Log(fmt.Errorf("a connection was rejected: %w", err))
		}
		return
	}
	l.unverified, l.order = &s.unverified, order
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
	case why == nil && (errors.Is(err, ErrTooLarge) || errors.Is(err, ErrUnverifiedLimit) ||
		errors.Is(err, ErrFrames) || errors.Is(err, ErrFlags) || errors.Is(err, ErrCommand)):
		s.options.Log(fmt.Errorf("a peer was disconnected: %w", err))
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
	for conn := range s.conns { // connections in their handshake
		conn.Close()
	}
	s.mu.Unlock()
	s.wg.Wait()
	return err
}
