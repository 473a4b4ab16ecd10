package wire

import (
	"fmt"

	"smoothlab/kernel/wire/zmtp"
)

// Receiver is a socket on which requests come and are answered. Its methods may be called from any goroutine.
type Receiver interface {
	// Receive returns the frames of the next message, and whose it is, for which whoever has checked its signature
	// vouches. After Close it returns net.ErrClosed.
	Receive() (zmtp.Received, error)
	// Send queues frames for a peer.
	Send(to []byte, frames zmtp.Message) error
	Close() error
}

// Sender is a socket on which is said what everybody may hear.
type Sender interface {
	Publish(frames zmtp.Message) error
	Close() error
}

// Sockets are a kernel's end of a connection. The heartbeat answers by itself.
type Sockets struct {
	Shell, Control, Stdin Receiver
	IOPub                 Sender

	heartbeat *zmtp.Echo
}

// Listen binds the five sockets of c. Ports that are 0 are filled in. welcome makes what a new subscriber to IOPub is
// told; log hears of peers that were refused.
func Listen(c *Connection, welcome func(topic []byte) *Message, log func(error)) (_ *Sockets, err error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	o := zmtp.Options{Log: log}
	codec := NewCodec([]byte(c.Key))
	s := &Sockets{}
	var opened []interface{ Close() error }
	defer func() {
		if err != nil {
			for _, o := range opened {
				o.Close()
			}
		}
	}()
	for _, r := range []struct {
		name string
		port *int
		at   *Receiver
	}{{"shell", &c.Shell, &s.Shell}, {"control", &c.Control, &s.Control}, {"stdin", &c.Stdin, &s.Stdin}} {
		socket, err := zmtp.ListenRouter(c.Address(*r.port), o)
		if err != nil {
			return nil, fmt.Errorf("the %s port cannot be opened: %w", r.name, err)
		}
		opened = append(opened, socket)
		*r.at, *r.port = socket, socket.Port()
	}
	iopub, err := zmtp.ListenPublisher(c.Address(c.IOPub), o, func(topic []byte) zmtp.Message {
		m := welcome(topic)
		m.To = [][]byte{topic}
		return codec.Encode(m)
	})
	if err != nil {
		return nil, fmt.Errorf("the iopub port cannot be opened: %w", err)
	}
	opened = append(opened, iopub)
	s.IOPub, c.IOPub = iopub, iopub.Port()
	if s.heartbeat, err = zmtp.ListenEcho(c.Address(c.Heartbeat), o); err != nil {
		return nil, fmt.Errorf("the heartbeat port cannot be opened: %w", err)
	}
	c.Heartbeat = s.heartbeat.Port()
	return s, nil
}

// Close sends what is queued and closes all of them.
func (s *Sockets) Close() {
	done := make(chan struct{})
	closers := []interface{ Close() error }{s.Shell, s.Control, s.Stdin, s.IOPub, s.heartbeat}
	for _, c := range closers {
		go func() { c.Close(); done <- struct{}{} }()
	}
	for range closers {
		<-done
	}
}
