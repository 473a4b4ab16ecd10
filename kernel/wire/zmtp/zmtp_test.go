package zmtp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// soon is a time limit that is never reached if all is well.
const soon = 20 * time.Second

func at(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }

// router is a Router that answers each message with itself.
func router(t *testing.T, o Options) *Router {
	t.Helper()
	r, err := ListenRouter("127.0.0.1:0", o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	go func() {
		for {
			got, err := r.Receive()
			if err != nil {
				return
			}
			if string(got.Message[0]) != "unsigned" {
				got.MarkVerified()
			}
			r.Send(got.From, got.Message)
		}
	}()
	return r
}

func dial(t *testing.T, kind Kind, port int, o Options) *Client {
	t.Helper()
	c, err := Dial(t.Context(), kind, at(port), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.link.close(ErrClosed) })
	return c
}

// asked sends a message to a router and returns the answer.
func asked(t *testing.T, c *Client, text string) string {
	t.Helper()
	if err := c.Send(Message{[]byte(text)}); err != nil {
		t.Fatal(err)
	}
	c.link.conn.SetReadDeadline(time.Now().Add(soon))
	m, err := c.Receive()
	if err != nil {
		t.Fatal(err)
	}
	return string(m[0])
}

// eventually waits for a condition.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for limit := time.Now().Add(soon); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("%s: not within %v", what, soon)
		}
	}
}

func TestRouter(t *testing.T) {
	r := router(t, Options{})
	a, b, named := dial(
		t,
		Dealer,
		r.Port(),
		Options{},
	), dial(
		t,
		Dealer,
		r.Port(),
		Options{},
	), dial(
		t,
		Dealer,
		r.Port(),
		Options{Identity: []byte("me")},
	)
	for i, c := range []*Client{a, b, named, a} {
		if want := fmt.Sprint("message ", i); asked(t, c, want) != want {
			t.Error("an answer went astray")
		}
	}
	if err := r.Send([]byte("nobody"), Message{nil}); !errors.Is(err, ErrNoPeer) {
		t.Errorf("sending to nobody: %v", err)
	}
	// A peer that takes another peer's identity receives nothing that is sent to it.
	thief := dial(t, Dealer, r.Port(), Options{Identity: []byte("me")})
	thief.Send(Message{[]byte("unsigned")})
	if m, err := named.Receive(); err != nil || string(m[0]) != "unsigned" {
		t.Errorf("what is sent to an identity goes astray: %q, %v", m, err)
	}
	// A peer that reconnects, and whose message is verified, replaces its old connection.
	again := dial(t, Dealer, r.Port(), Options{Identity: []byte("me")})
	if asked(t, again, "back") != "back" {
		t.Error("no answer")
	}
	if _, err := named.Receive(); err == nil {
		t.Error("the old connection is still open")
	}
	// When it disconnects, a peer that waits under the same identity gets it: a peer may reconnect before its old
	// connection was seen to end.
	again.link.close(ErrClosed)
	eventually(
		t,
		"the identity is handed on",
		func() bool { return r.Send([]byte("me"), Message{[]byte("for whoever waits")}) == nil && handed(thief) },
	)
}

// handed reports whether a message arrives within a moment.
func handed(c *Client) bool {
	c.link.conn.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
	m, _, err := c.link.read()
	return err == nil && string(m[0]) == "for whoever waits"
}

func TestEcho(t *testing.T) {
	e, err := ListenEcho("127.0.0.1:0", Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	c := dial(t, Requester, e.Port(), Options{})
	c.Send(Message{nil, []byte("ping")})
	if m, err := c.Receive(); err != nil || len(m) != 2 || string(m[1]) != "ping" {
		t.Errorf("%q, %v", m, err)
	}
}

func TestPublisher(t *testing.T) {
	p, err := ListenPublisher(
		"127.0.0.1:0",
		Options{},
		func(topic []byte) Message { return Message{topic, []byte("welcome")} },
	)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	all, some := dial(t, Subscriber, p.Port(), Options{}), dial(t, Subscriber, p.Port(), Options{})
	for c, topic := range map[*Client]string{all: "", some: "b"} {
		c.Subscribe(topic)
		if m, err := c.Receive(); err != nil || string(m[1]) != "welcome" || string(m[0]) != topic {
			t.Fatalf("%q, %v", m, err)
		}
	}
	for _, topic := range []string{"a", "b"} {
		p.Publish(Message{[]byte(topic), []byte("news")})
	}
	for _, c := range []struct {
		client *Client
		want   string
	}{{all, "a"}, {all, "b"}, {some, "b"}} {
		if m, err := c.client.Receive(); err != nil || string(m[0]) != c.want {
			t.Errorf("%q, %v; expected %s", m, err, c.want)
		}
	}
}

func TestLoopbackOnly(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", "192.0.2.1:0", "[::]:0"} {
		if _, err := ListenRouter(address, Options{}); !errors.Is(err, ErrNotLoopback) {
			t.Errorf("%s: %v", address, err)
		}
	}
	if _, err := ListenRouter("localhost", Options{}); err == nil {
		t.Error("an address without a port was taken")
	}
}

// A client that does not speak ZMTP is refused, and others are served meanwhile.
func TestOtherProtocolsAreRefused(t *testing.T) {
	var mu sync.Mutex
	var log []error
	r := router(t, Options{Largest: 1000, Log: func(err error) {
		mu.Lock()
		defer mu.Unlock()
		log = append(log, err)
	}})
	good := dial(t, Dealer, r.Port(), Options{})
	plain := greeting()
	copy(plain[12:], "PLAIN")
	old := greeting()
	old[10] = 1
	for i, c := range []struct {
		name string
		sent []byte
		want error
	}{
		{"a browser", []byte("GET / HTTP/1.1\r\n\r\n"), ErrGreeting},
		{"an old peer", old, ErrGreeting},
		{"another mechanism", plain, ErrMechanism},
		{"no READY", appendFrame(greeting(), command, []byte("\x05HELLO")), ErrCommand},
		{"a READY that is cut",
			appendFrame(greeting(), command, []byte("\x05READY\x0bSocket-Type\x00\x00\x00\xff")), ErrCommand},
		{"a subscriber", hello(Subscriber, nil), ErrIncompatible},
		{"an identity like ours", hello(Dealer, []byte("\x00abcd")), ErrIdentity},
		{"a size that no memory has",
			append(hello(Dealer, nil), "\x02\x7f\xff\xff\xff\xff\xff\xff\xff"...), ErrTooLarge},
	} {
		conn, err := net.Dial("tcp", at(r.Port()))
		if err != nil {
			t.Fatal(err)
		}
		conn.Write(c.sent)
		conn.SetReadDeadline(time.Now().Add(soon))
		rest := make([]byte, 1000)
		for err == nil {
			_, err = conn.Read(rest)
		}
		if errors.Is(err, context.DeadlineExceeded) || strings.Contains(err.Error(), "timeout") {
			t.Errorf("%s is not refused", c.name)
		}
		conn.Close()
		eventually(t, c.name, func() bool {
			mu.Lock()
			defer mu.Unlock()
			return len(log) == i+1 && errors.Is(log[i], c.want)
		})
	}
	if asked(t, good, "still here") != "still here" {
		t.Error("no answer")
	}
}

// Silent connections do not delay others, and are closed in time. (go-zeromq accepts one at a time.)
func TestSilentConnections(t *testing.T) {
	r := router(t, Options{Handshake: 300 * time.Millisecond, Peers: 60})
	var silent []net.Conn
	for range 50 {
		conn, err := net.Dial("tcp", at(r.Port()))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		silent = append(silent, conn)
	}
	if asked(t, dial(t, Dealer, r.Port(), Options{}), "hello") != "hello" {
		t.Error("no answer")
	}
	for _, conn := range silent {
		conn.SetReadDeadline(time.Now().Add(soon))
		b := make([]byte, 1000)
		var err error
		for err == nil {
			_, err = conn.Read(b)
		}
		if strings.Contains(err.Error(), "timeout") {
			t.Fatal("a silent connection stays open")
		}
	}
}

// Connections above the limit are refused, until others have ended. The log function does not block anything.
func TestPeersAreCounted(t *testing.T) {
	var r *Router
	var held atomic.Bool
	ready := make(chan struct{})
	r = router(t, Options{Peers: 3, Log: func(error) {
		<-ready
		for range 50 { // others hold it for a moment only
			if r.server.mu.TryLock() {
				r.server.mu.Unlock()
				return
			}
			time.Sleep(time.Millisecond)
		}
		held.Store(true)
	}})
	close(ready)
	var clients []*Client
	for range 3 {
		clients = append(clients, dial(t, Dealer, r.Port(), Options{}))
	}
	if _, err := Dial(t.Context(), Dealer, at(r.Port()), Options{}); err == nil {
		t.Error("a fourth connection was taken")
	}
	clients[0].link.close(ErrClosed)
	eventually(t, "room for another", func() bool {
		c, err := Dial(t.Context(), Dealer, at(r.Port()), Options{})
		if err == nil {
			c.link.close(ErrClosed)
		}
		return err == nil
	})
	if held.Load() {
		t.Error("the log is written while the server is locked")
	}
}

// A subscriber that does not read is disconnected, its queue is bounded, and others get everything.
func TestStalledSubscriber(t *testing.T) {
	var stalled atomic.Int32
	p, err := ListenPublisher(
		"127.0.0.1:0",
		Options{Queue: 1 << 20, SendTimeout: 200 * time.Millisecond, Log: func(err error) {
			if errors.Is(err, ErrStalled) {
				stalled.Add(1)
			}
		}},
		func([]byte) Message { return Message{nil} },
	)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	reading, stuck := dial(t, Subscriber, p.Port(), Options{}), dial(t, Subscriber, p.Port(), Options{})
	for _, c := range []*Client{reading, stuck} {
		c.Subscribe("")
		if _, err := c.Receive(); err != nil {
			t.Fatal(err)
		}
	}
	const messages, size = 2000, 32 << 10 // 64 MB, more than the buffers of any loopback connection
	got := make(chan int)
	go func() {
		n := 0
		for n < messages {
			m, err := reading.Receive()
			if err != nil || len(m[1]) != size {
				break
			}
			n++
		}
		got <- n
	}()
	limit := 0
	for range messages {
		p.Publish(Message{[]byte("t"), make([]byte, size)})
		p.mu.Lock()
		for l := range p.topics {
			l.mu.Lock()
			limit = max(limit, l.queued)
			l.mu.Unlock()
		}
		p.mu.Unlock()
	}
	if n := <-got; n != messages {
		t.Errorf("the other subscriber got %d of %d messages", n, messages)
	}
	if limit > 1<<20 {
		t.Errorf("%d bytes waited", limit)
	}
	eventually(t, "the stalled one is cut off", func() bool { return stalled.Load() == 1 })
}

// Messages that are queued when a socket is closed arrive, even if the peer has sent messages that were not read.
func TestLinger(t *testing.T) {
	r, err := ListenRouter("127.0.0.1:0", Options{Linger: soon})
	if err != nil {
		t.Fatal(err)
	}
	c := dial(t, Dealer, r.Port(), Options{})
	for range 3 {
		c.Send(Message{[]byte("hello")})
	}
	got, err := r.Receive()
	if err != nil {
		t.Fatal(err)
	}
	const last, size = 20, 1 << 20
	for range last {
		if err := r.Send(got.From, Message{make([]byte, size)}); err != nil {
			t.Fatal(err)
		}
	}
	closed := make(chan error)
	go func() { closed <- r.Close() }()
	for i := range last {
		if m, err := c.Receive(); err != nil || len(m[0]) != size {
			t.Fatalf("message %d: %v", i, err)
		}
	}
	if _, err := c.Receive(); err == nil {
		t.Error("the connection is still open")
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
	if _, err := r.Receive(); !errors.Is(err, ErrClosed) {
		t.Errorf("receiving from a closed router: %v", err)
	}
}

// A peer that never reads does not prevent closing.
func TestLingerEnds(t *testing.T) {
	r, err := ListenRouter("127.0.0.1:0", Options{Linger: 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	c := dial(t, Dealer, r.Port(), Options{})
	c.Send(Message{[]byte("hello")})
	got, _ := r.Receive()
	r.Send(got.From, Message{make([]byte, 30<<20)})
	begun := time.Now()
	r.Close()
	if took := time.Since(begun); took > soon/2 {
		t.Errorf("closing took %v", took)
	}
}

// Thousands of clients that connect and disconnect, cleanly or not, leave neither goroutines nor memory.
func TestComingAndGoing(t *testing.T) {
	r := router(t, Options{})
	visit := func(n int) {
		for i := range n {
			c, err := Dial(t.Context(), Dealer, at(r.Port()), Options{Identity: fmt.Append(nil, "client ", i%8)})
			if err != nil {
				t.Fatal(err)
			}
			if i%2 == 0 {
				asked(t, c, "hello")
			} else {
				c.Send(Message{make([]byte, 100)})
			}
			c.link.close(ErrClosed)
		}
	}
	settled := func() (goroutines int, heap uint64) {
		eventually(t, "all connections end", func() bool {
			r.server.mu.Lock()
			defer r.server.mu.Unlock()
			return len(r.conns) == 0
		})
		var m runtime.MemStats
		eventually(t, "goroutines end", func() bool { goroutines = runtime.NumGoroutine(); return goroutines < 100 })
		runtime.GC()
		runtime.ReadMemStats(&m)
		return goroutines, m.HeapAlloc
	}
	visit(200)
	before, heapBefore := settled()
	visit(3000)
	eventually(t, "no goroutine is left", func() bool { after, _ := settled(); return after <= before })
	_, heapAfter := settled()
	if grown := int64(
		heapAfter,
	) - int64(
		heapBefore,
	); grown > 3000*100 { // a third of one message per client
		t.Errorf("the heap grew by %d bytes", grown)
	}
	if len(r.by)+len(r.waiting) != 0 {
		t.Errorf("%d identities are left", len(r.by)+len(r.waiting))
	}
}

// Of two peers under one identity the one accepted first holds it, even if the other finished its handshake first.
func TestFirstAcceptedHasTheIdentity(t *testing.T) {
	r := &Router{by: map[string]*link{}, waiting: map[string][]*link{}}
	first, second, third := &link{
		identity: []byte("a"),
		order:    1,
	}, &link{
		identity: []byte("a"),
		order:    2,
	}, &link{
		identity: []byte("a"),
		order:    3,
	}
	r.join(second)
	r.join(first)
	r.join(third)
	if r.by["a"] != first || len(r.waiting["a"]) != 2 {
		t.Errorf("the identity is that of connection %d", r.by["a"].order)
	}
	r = &Router{by: map[string]*link{}, waiting: map[string][]*link{}}
	second.known.Store(true) // it has been verified
	r.join(second)
	r.join(first)
	if r.by["a"] != second {
		t.Error("a peer that is known loses its identity")
	}
}
