package zmtp

import (
	"context"
	"fmt"
	"net"
	"time"
)

// Client is a connection to a Router, a Publisher or an Echo. It does not connect again: who is on the other end then
// is for its user to find out.
type Client struct{ link *link }

// Dial connects a socket of that kind.
func Dial(ctx context.Context, kind Kind, address string, o Options) (*Client, error) {
	o = o.filled()
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	l, err := shake(conn, kind, o)
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("%s does not answer as a kernel does: %w", address, err)
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

// Close sends what is queued, for Options.Linger at most, and closes. Somebody should be receiving meanwhile: that the
// other end has everything is seen by its closing, too.
func (c *Client) Close() {
	c.link.finish(time.Now().Add(c.link.options.Linger))
	<-c.link.written
}
