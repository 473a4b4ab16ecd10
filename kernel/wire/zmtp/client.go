package zmtp

import (
	"context"
	"fmt"
	"net"
	"time"
)

// Client is a connection to a Router, a Publisher or an Echo. It does not reconnect, because the process at the other
// end may then be a different one.
type Client struct{ link *link }

// Dial connects a socket of the given kind.
func Dial(ctx context.Context, kind Kind, address string, o Options) (*Client, error) {
	o = o.filled()
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	l, err := handshake(conn, kind, o)
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("%s does not answer like a kernel: %w", address, err)
	}
	return &Client{l}, nil
}

// Subscribe asks a Publisher for messages whose first frame begins with topic.
func (c *Client) Subscribe(topic string) error { return c.Send(Message{append([]byte{1}, topic...)}) }

// Send queues a message.
func (c *Client) Send(m Message) error { return c.link.send(m.bytes()) }

// Receive returns the next message. One goroutine may call it; Close ends it.
func (c *Client) Receive() (Message, error) {
	m, _, err := c.link.read()
	if err != nil {
		c.link.close(err)
	}
	return m, err
}

// Close sends what is queued, for Options.Linger at most, and closes the connection. A goroutine should call Receive
// meanwhile: the other end closes the connection once it has everything.
func (c *Client) Close() {
	c.link.finish(time.Now().Add(c.link.options.Linger))
	<-c.link.written
}
