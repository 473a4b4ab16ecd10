package zmtp

import (
	"bufio"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Options bound what peers may cost. The zero value has the defaults in brackets.
type Options struct {
	Largest   int           // bytes of a message that is taken (16 MiB)
	Frames    int           // frames of one (64)
	Queue     int           // bytes that wait for a peer (32 MiB)
	Patience  time.Duration // how long a full queue holds the sender up (5 s)
	Handshake time.Duration // how long a connection may take to say hello (10 s)
	Linger    time.Duration // how long Close goes on sending (1 s)
	Peers     int           // connections at a time (1000)
	Strangers int           // bytes of messages under way from all peers together that nobody has vouched for (256 MiB)
	Identity  []byte        // of a client
	// Log is told of peers that were refused or cut off; nil for nobody.
	Log func(err error)
}

// DefaultLargest bounds a message where Options.Largest does not, in bytes.
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
	size(&o.Strangers, 256<<20)
	span(&o.Patience, 5*time.Second)
	span(&o.Handshake, 10*time.Second)
	span(&o.Linger, time.Second)
	if o.Log == nil {
		o.Log = func(error) {}
	}
	return o
}

var (
	// ErrStalled means that a peer did not take what was sent to it; it was cut off.
	ErrStalled = errors.New("a peer does not read what is sent to it and was cut off")
	// ErrClosed means that this end was closed.
	ErrClosed = net.ErrClosed
	// ErrNoPeer means that nobody of that identity is connected.
	ErrNoPeer = errors.New("the peer is not connected any more")
)

// link is one connection. Its reader is its owner; its writer is a goroutine of its own.
type link struct {
	conn      net.Conn
	in        *bufio.Reader
	options   Options
	kind      Kind   // of the peer
	identity  []byte // of the peer; may be empty
	order     int    // among the connections that were accepted
	known     atomic.Bool
	claimed   int           // bytes of the message under way; the reader's own
	strangers *atomic.Int64 // what all that are not known have claimed; nil for a client

	mu      sync.Mutex
	queue   net.Buffers
	queued  int           // bytes in the queue and in the writer's hands
	ending  bool          // nothing more is queued; what is, is sent
	err     error         // why it is closed
	work    chan struct{} // tells the writer; of capacity 1
	moved   chan struct{} // closed and replaced when bytes were sent or the link is closed
	written chan struct{} // closed when the writer has ended
}

// shake says hello on a fresh connection and starts its writer.
func shake(conn net.Conn, ours Kind, o Options) (*link, error) {
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

// read returns the next message. Of one that is too large, from a peer that is known, it returns the frames before the
// one that is, and how large that is: the peer can be told.
func (l *link) read() (m Message, oversized int, err error) {
	skip := func() int {
		if l.known.Load() {
			return maxSkipped
		}
		return 0
	}
	return readMessage(l.in, l.options, skip, l.room, func(body []byte) error {
		answer, err := pong(body)
		if err == nil && answer != nil {
			err = l.send(answer)
		}
		return err
	})
}

// room claims memory for what is under way from a peer that is not known.
func (l *link) room(bytes int) error {
	if l.strangers == nil || l.known.Load() {
		return nil
	}
	l.claimed += bytes
	if l.strangers.Add(int64(bytes)) > int64(l.options.Strangers) {
		return ErrCrowded
	}
	return nil
}

// release gives back what was claimed, once the message has been dealt with.
func (l *link) release() {
	if l.strangers != nil {
		l.strangers.Add(-int64(l.claimed))
		l.claimed = 0
	}
}

// send queues bytes. Where too many wait already it waits, and where that takes too long it cuts the peer off.
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
			timeout = time.After(l.options.Patience)
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
			l.stir()
			l.mu.Unlock()
		}
	}
}

// stir tells senders to look again; l.mu is held.
func (l *link) stir() {
	close(l.moved)
	l.moved = make(chan struct{})
}

// close ends the link at once; err says why. Only the first reason counts.
func (l *link) close(err error) {
	l.mu.Lock()
	first := l.err == nil
	if first {
		l.err = err
		l.queue = nil
		l.stir()
	}
	l.mu.Unlock()
	if first {
		l.conn.Close()
		l.wake()
	}
}

// finish sends what is queued, waits until the peer has got it, and closes. It gives up at the deadline. Its reader
// goes on meanwhile: closing a connection on which something is unread takes back what was sent.
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
