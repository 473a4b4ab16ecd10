package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"smoothlab/kernel/wire"
	"smoothlab/kernel/wire/zmtp"
	"smoothlab/report"
)

// maxReply is the size limit in bytes of a message from the kernel: results may be large.
const maxReply = 1 << 30

// link holds the four connections to a kernel and the requests in progress.
type link struct {
	codec   *wire.Codec
	session string
	notice  func(text string)

	shell, control, stdin, iopub *zmtp.Client

	readers sync.WaitGroup
	mu      sync.Mutex
	calls   map[string]*call // by request id
	err     error            // why the link has ended
	over    chan struct{}
	welcome chan struct{} // closed when IOPub messages arrive; some kernels send no welcome
	once    sync.Once
}

// call is a request in progress.
type call struct {
	onIOPub func(m *wire.Message) // receives its IOPub messages in order; may be nil
	onOther func(m *wire.Message) // receives IOPub messages of other front ends; may be nil
	asker   report.Asker          // answers questions; may be nil
	ctx     context.Context
	reply   *wire.Message
	idle    bool
	done    chan struct{} // closed when the reply and the idle status have arrived
}

// dial connects to the kernel of a connection file and waits until it answers.
func dial(ctx context.Context, c wire.Connection, notice func(string)) (_ *link, info map[string]any, err error) {
	l := &link{
		codec:   wire.NewCodec([]byte(c.Key)),
		session: wire.NewID(),
		notice:  notice,
		calls:   map[string]*call{},
		over:    make(chan struct{}),
		welcome: make(chan struct{}),
	}
	defer func() {
		if err != nil {
			l.end(err)
			l.close()
		}
	}()
	o := zmtp.Options{Identity: []byte(l.session), Largest: maxReply}
	for _, s := range []struct {
		kind zmtp.Kind
		port int
		at   **zmtp.Client
	}{
		{zmtp.Dealer, c.Shell, &l.shell}, {zmtp.Dealer, c.Control, &l.control},
		{zmtp.Dealer, c.Stdin, &l.stdin}, {zmtp.Subscriber, c.IOPub, &l.iopub},
	} {
		if *s.at, err = zmtp.Dial(ctx, s.kind, c.Address(s.port), o); err != nil {
			return nil, nil, err
		}
	}
	if err := l.iopub.Subscribe(""); err != nil {
		return nil, nil, err
	}
	l.readers.Go(func() { l.read(l.shell, l.replied) })
	l.readers.Go(func() { l.read(l.control, l.replied) })
	l.readers.Go(func() { l.read(l.stdin, l.asked) })
	l.readers.Go(func() { l.read(l.iopub, l.published) })
	info, err = l.waitReady(ctx)
	return l, info, err
}

// waitReady asks for kernel_info until the reply comes and IOPub messages arrive. Messages that the kernel publishes
// earlier would be lost.
func (l *link) waitReady(ctx context.Context) (info map[string]any, err error) {
	select {
	case <-l.welcome:
	case <-l.over:
	case <-time.After(200 * time.Millisecond):
	}
	for ctx.Err() == nil {
		try, stop := context.WithTimeout(ctx, time.Second)
		reply, err := l.ask(try, "kernel_info_request", struct{}{})
		stop()
		if err == nil {
			return info, json.Unmarshal(reply.Content, &info)
		}
		if l.failure() != nil {
			return nil, l.failure()
		}
	}
	return nil, fmt.Errorf("the kernel does not answer: %w", ctx.Err())
}

// ask sends a request on the control socket, which answers even during an evaluation.
func (l *link) ask(ctx context.Context, kind string, content any) (*wire.Message, error) {
	return l.do(ctx, l.control, wire.NewMessage(wire.NewHeader(kind, l.session), nil, content))
}

// do sends a request and waits for its reply and its idle status.
func (l *link) do(ctx context.Context, on *zmtp.Client, m *wire.Message) (*wire.Message, error) {
	c, err := l.begin(ctx, on, m, &call{})
	if err != nil {
		return nil, err
	}
	defer l.forget(m)
	select {
	case <-c.done:
		return c.reply, nil
	case <-l.over:
		return nil, l.failure()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *link) begin(ctx context.Context, on *zmtp.Client, m *wire.Message, c *call) (*call, error) {
	c.ctx, c.done = ctx, make(chan struct{})
	l.mu.Lock()
	l.calls[m.Header.ID] = c
	l.mu.Unlock()
	if err := on.Send(l.codec.Encode(m)); err != nil {
		l.end(err)
		l.forget(m)
		return nil, l.failure()
	}
	return c, nil
}

func (l *link) forget(m *wire.Message) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.calls, m.Header.ID)
}

// read reads a socket until it is closed.
func (l *link) read(socket *zmtp.Client, handle func(*wire.Message)) {
	for {
		frames, err := socket.Receive()
		if err != nil {
			l.end(err)
			return
		}
		if m, err := l.codec.Decode(frames); err == nil { // ignore messages that the kernel did not sign
			handle(m)
		}
	}
}

// call returns the call that a message belongs to.
func (l *link) call(m *wire.Message) *call {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.calls[m.ParentID()]
}

func (l *link) replied(m *wire.Message) {
	if c := l.call(m); c != nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		c.reply = m
		c.tryFinish()
	}
}

// tryFinish ends a call that is answered and idle; the link's lock must be held.
func (c *call) tryFinish() {
	if c.reply != nil && c.idle {
		select {
		case <-c.done:
		default:
			close(c.done)
		}
	}
}

func (l *link) published(m *wire.Message) {
	c := l.call(m)
	switch {
	case m.Header.Type == "iopub_welcome":
		l.once.Do(func() { close(l.welcome) })
		return
	case c == nil && m.Header.Type == "stream" && m.ParentID() == "":
		var s struct {
			Text string `json:"text"`
		}
		if json.Unmarshal(m.Content, &s) == nil && l.notice != nil {
			l.notice(s.Text)
		}
		return
	case c == nil:
		l.overheard(m)
		return
	case m.Header.Type != "status":
		if c.onIOPub != nil {
			c.onIOPub(m)
		}
		return
	}
	var s struct {
		State string `json:"execution_state"`
	}
	if json.Unmarshal(m.Content, &s) == nil && s.State == "idle" {
		l.mu.Lock()
		defer l.mu.Unlock()
		c.idle = true
		c.tryFinish()
	}
}

// overheard hands messages of other front ends to the calls that want them.
func (l *link) overheard(m *wire.Message) {
	l.mu.Lock()
	var list []*call
	for _, c := range l.calls {
		if c.onOther != nil {
			list = append(list, c)
		}
	}
	l.mu.Unlock()
	for _, c := range list {
		c.onOther(m)
	}
}

// asked passes a question on. The answer may take as long as a person takes.
func (l *link) asked(m *wire.Message) {
	c := l.call(m)
	if m.Header.Type != "input_request" || c == nil || c.asker == nil {
		return
	}
	var q struct {
		Prompt   string `json:"prompt"`
		Password bool   `json:"password"`
	}
	if json.Unmarshal(m.Content, &q) != nil {
		return
	}
	l.readers.Go(func() {
		text, err := c.asker.Ask(c.ctx, q.Prompt, q.Password)
		switch {
		case c.ctx.Err() != nil: // the evaluation has ended or is being interrupted
			return
		case err != nil: // the kernel must not wait for ever
			stop := wire.NewMessage(wire.NewHeader("interrupt_request", l.session), nil, struct{}{})
			stop.Extend(wire.Extra{Only: m.ParentID()})
			_ = l.control.Send(l.codec.Encode(stop)) // a lost connection ends the call as well
			return
		}
		answer := wire.NewMessage(
			wire.NewHeader("input_reply", l.session),
			m.RawHeader(),
			map[string]string{"status": "ok", "value": text},
		)
		_ = l.stdin.Send(l.codec.Encode(answer)) // a lost connection ends the call as well
	})
}

// ErrKernelDied reports that the kernel process has ended.
var ErrKernelDied = errors.New("the kernel has ended and its variables are lost; saved files remain")

// end records why the link has ended.
func (l *link) end(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err == nil {
		l.err = err
		close(l.over)
	}
}

// failure returns why the link has ended, or nil if it has not.
func (l *link) failure() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.err == nil:
		return nil
	case errors.Is(l.err, errClosed):
		return errClosed
	}
	return ErrKernelDied
}

var errClosed = errors.New("the session is closed")

func (l *link) close() {
	l.end(errClosed)
	var wg sync.WaitGroup
	for _, s := range []*zmtp.Client{l.shell, l.control, l.stdin, l.iopub} {
		if s != nil {
			wg.Go(s.Close)
		}
	}
	wg.Wait()
	l.readers.Wait()
}
