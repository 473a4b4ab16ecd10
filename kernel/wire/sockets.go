package wire

import (
	"fmt"

	"smoothlab/kernel/wire/zmtp"
)

// Receiver is a socket that receives requests and sends replies. Its methods may be called from any goroutine.
type Receiver interface {
	// Receive returns the frames of the next message and its sender. After checking the signature, the caller marks the
	// sender as verified. After Close it returns net.ErrClosed.
	Receive() (zmtp.Received, error)
	// Send queues frames for a peer.
	Send(to []byte, frames zmtp.Message) error
	Close() error
}

// Sender is a socket that publishes messages to all subscribers.
type Sender interface {
	Publish(frames zmtp.Message) error
	Close() error
}

// Sockets are the kernel's end of a connection. The heartbeat answers without further calls.
type Sockets struct {
	Shell, Control, Stdin Receiver
	IOPub                 Sender

	heartbeat *zmtp.Echo
}

// Listen binds the five sockets of c and fills in ports that are 0. The function welcome returns the message for a new
// subscriber to IOPub. The function log receives errors about rejected peers.
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
			return nil, fmt.Errorf("cannot open the %s port: %w", r.name, err)
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
		return nil, fmt.Errorf("cannot open the iopub port: %w", err)
	}
	opened = append(opened, iopub)
	s.IOPub, c.IOPub = iopub, iopub.Port()
	if s.heartbeat, err = zmtp.ListenEcho(c.Address(c.Heartbeat), o); err != nil {
		return nil, fmt.Errorf("cannot open the heartbeat port: %w", err)
	}
	c.Heartbeat = s.heartbeat.Port()
	return s, nil
}

// Close sends what is queued and closes all sockets.
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
