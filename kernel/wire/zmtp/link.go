package zmtp

import (
	"bufio"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Options limit the resources that peers may use. Zero values mean the defaults in brackets.
type Options struct {
	Largest         int           // size limit in bytes of a received message (16 MiB)
	Frames          int           // maximum number of frames in a message (64)
	Queue           int           // maximum bytes queued for a peer (32 MiB)
	SendTimeout     time.Duration // how long a full queue may block the sender (5 s)
	Handshake       time.Duration // how long a handshake may take (10 s)
	Linger          time.Duration // how long Close keeps sending (1 s)
	Peers           int           // maximum number of connections (1000)
	UnverifiedBytes int           // limit in bytes for unfinished messages of all unverified peers together (256 MiB)
	Identity        []byte        // identity of a client
	// Log receives errors about rejected and disconnected peers; nil disables logging.
	Log func(err error)
}

// DefaultLargest is the default of Options.Largest, in bytes.
const DefaultLargest = 16 << 20

func (o Options) filled() Options {
	size := func(v *int, to int) {
		if *v == 0 {
			*v = to
		}
	}
	span := func(v *time.Duration, to time.Duration) {
		if *v == 0 {
			*v = to
		}
	}
	size(&o.Largest, DefaultLargest)
	size(&o.Frames, 64)
	size(&o.Queue, 32<<20)
	size(&o.Peers, 1000)
	size(&o.UnverifiedBytes, 256<<20)
	span(&o.SendTimeout, 5*time.Second)
	span(&o.Handshake, 10*time.Second)
	span(&o.Linger, time.Second)
	if o.Log == nil {
		o.Log = func(error) {}
	}
	return o
}

var (
	// ErrStalled reports that a peer did not read its messages and was disconnected.
	ErrStalled = errors.New("a peer does not read its messages and was disconnected")
	// ErrClosed reports that this end was closed.
	ErrClosed = net.ErrClosed
	// ErrNoPeer reports that no peer with this identity is connected.
	ErrNoPeer = errors.New("the peer is no longer connected")
)

// link is one connection. The reading goroutine owns it; a second goroutine writes.
type link struct {
	conn       net.Conn
	in         *bufio.Reader
	options    Options
	kind       Kind   // socket kind of the peer
	identity   []byte // identity of the peer; may be empty
	order      int    // position among the accepted connections
	known      atomic.Bool
	claimed    int           // bytes of the message being received; used by the reader only
	unverified *atomic.Int64 // bytes claimed by all unverified peers; nil for a client

	mu      sync.Mutex
	queue   net.Buffers
	queued  int           // bytes in the queue and being written
	ending  bool          // nothing more is queued; the queue is still sent
	err     error         // why the link was closed
	work    chan struct{} // signals the writer; capacity 1
	moved   chan struct{} // closed and replaced when bytes were sent or the link is closed
	written chan struct{} // closed when the writer has ended
}

// handshake exchanges greetings on a new connection and starts its writer.
func handshake(conn net.Conn, ours Kind, o Options) (*link, error) {
	conn.SetDeadline(time.Now().Add(o.Handshake))
	l := &link{
		conn:    conn,
		in:      bufio.NewReader(conn),
		options: o,
		work:    make(chan struct{}, 1),
		moved:   make(chan struct{}),
		written: make(chan struct{}),
	}
	if _, err := conn.Write(hello(ours, o.Identity)); err != nil {
		return nil, err
	}
	var err error
	if l.kind, l.identity, err = readHello(l.in, eager); err != nil {
		return nil, err
	}
	if err := compatible(ours, l.kind); err != nil {
		return nil, err
	}
	conn.SetDeadline(time.Time{})
	go l.write()
	return l, nil
}

// read returns the next message. If a verified peer sends a message that is too large, read returns the frames before
// the oversized one, and the size of that one, so that the peer can get a reply.
func (l *link) read() (m Message, oversized int, err error) {
	skip := func() int {
		if l.known.Load() {
			return maxSkipped
		}
		return 0
	}
	return readMessage(l.in, l.options, skip, l.reserve, func(body []byte) error {
		answer, err := pong(body)
		if err == nil && answer != nil {
			err = l.send(answer)
		}
		return err
	})
}

// reserve claims memory for the unfinished message of an unverified peer.
func (l *link) reserve(bytes int) error {
	if l.unverified == nil || l.known.Load() {
		return nil
	}
	l.claimed += bytes
	if l.unverified.Add(int64(bytes)) > int64(l.options.UnverifiedBytes) {
		return ErrUnverifiedLimit
	}
	return nil
}

// release gives back the claimed memory once the message has been handled.
func (l *link) release() {
	if l.unverified != nil {
		l.unverified.Add(-int64(l.claimed))
		l.claimed = 0
	}
}

// send queues bytes. It waits while the queue is full, and disconnects the peer after a timeout.
func (l *link) send(b []byte) error {
	var timeout <-chan time.Time
	for {
		l.mu.Lock()
		switch {
		case l.err != nil:
			defer l.mu.Unlock()
			return l.err
		case l.ending:
			defer l.mu.Unlock()
			return ErrClosed
		case l.queued == 0 || l.queued+len(b) <= l.options.Queue:
			l.queue = append(l.queue, b)
			l.queued += len(b)
			l.mu.Unlock()
			l.wake()
			return nil
		}
		moved := l.moved
		l.mu.Unlock()
		if timeout == nil {
			timeout = time.After(l.options.SendTimeout)
		}
		select {
		case <-moved:
		case <-timeout:
			l.close(ErrStalled)
			return ErrStalled
		}
	}
}

func (l *link) wake() {
	select {
	case l.work <- struct{}{}:
	default:
	}
}

// write sends what is queued until the link ends.
func (l *link) write() {
	defer close(l.written)
	for range l.work {
		for {
			l.mu.Lock()
			batch, over := l.queue, l.err != nil
			l.queue = nil
			if over || len(batch) == 0 {
				done := over || l.ending
				l.mu.Unlock()
				if done {
					return
				}
				break
			}
			l.mu.Unlock()
			n, err := batch.WriteTo(l.conn)
			if err != nil {
				l.close(err)
				return
			}
			l.mu.Lock()
			l.queued -= int(n)
			l.wakeSenders()
			l.mu.Unlock()
		}
	}
}

// wakeSenders wakes the senders that wait for room in the queue; l.mu must be held.
func (l *link) wakeSenders() {
	close(l.moved)
	l.moved = make(chan struct{})
}

// close ends the link at once with the reason err. Only the first reason is kept.
func (l *link) close(err error) {
	l.mu.Lock()
	first := l.err == nil
	if first {
		l.err = err
		l.queue = nil
		l.wakeSenders()
	}
	l.mu.Unlock()
	if first {
		l.conn.Close()
		l.wake()
	}
}

// finish sends what is queued, waits until the peer has received it, and closes the link. It gives up at the deadline.
// The reader continues meanwhile, because closing a connection with unread input discards data that was sent.
func (l *link) finish(deadline time.Time) {
	l.mu.Lock()
	l.ending = true
	l.mu.Unlock()
	l.wake()
	timeout := time.NewTimer(time.Until(deadline))
	defer timeout.Stop()
	select {
	case <-l.written:
		if tcp, ok := l.conn.(*net.TCPConn); ok && tcp.CloseWrite() == nil {
			l.mu.Lock()
			gone := l.err != nil
			moved := l.moved
			l.mu.Unlock()
			if !gone {
				select {
				case <-moved: // the reader has seen the other end close
				case <-timeout.C:
				}
			}
		}
	case <-timeout.C:
	}
	l.close(ErrClosed)
}
