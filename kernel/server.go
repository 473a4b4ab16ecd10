package kernel

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"smoothlab/internal/humanize"
	"smoothlab/kernel/wire"
	"smoothlab/kernel/wire/zmtp"
	"smoothlab/report"
)

// Options of a kernel.
type Options struct {
	Evaluator  Evaluator
	Connection wire.Connection
	Version    string        // of the program
	Banner     string        // what consoles show at their start
	Engine     func() string // what computes, "" as long as that is not known; nil for nothing
	History    string        // path of the history file; "" for none
	// Log hears of messages that were refused and of peers that were cut off; nil for nobody.
	Log func(err error)
	// Notices are what the evaluator has to say outside of evaluations; nil for nothing.
	Notices <-chan string
	// Ready is called once the sockets listen; nil for nobody.
	Ready func()
}

// End is how a kernel ended.
type End struct {
	Restart bool // it will be started again
}

// lastWait is how long an evaluation may take to end when the kernel ends: front ends kill a kernel after 5 s.
const lastWait = 4 * time.Second

// queue are the requests that may wait on the shell; more of them wait on the network.
const queue = 1000

// mostUnread are the notices that are kept for the next cell, the latest.
const mostUnread = 100

// server is a kernel that runs.
type server struct {
	Options
	sockets *wire.Sockets
	codec   *wire.Codec
	iopub   *iopub
	history *history
	session string

	ctx  context.Context // ends with the kernel
	stop context.CancelFunc

	mu      sync.Mutex
	cancel  context.CancelFunc // of the evaluation in progress
	running string             // the id of its request, also when it is over
	dropped map[string]bool    // ids of requests that are not to be run
	end     End
	asked   *question            // what is asked on stdin
	failed  map[string]time.Time // by session: when an error was answered after which queued requests are aborted
	last    json.RawMessage      // the header of the latest execute_request
	unread  []string             // notices since then

	count int // execution count; the shell's own
}

// request is a message that is to be answered.
type request struct {
	m       *wire.Message
	from    []byte
	socket  wire.Receiver
	control bool
	arrived time.Time
	extra   wire.Extra // of its metadata
}

// Serve runs a kernel until a front end asks it to end, or ctx ends.
func Serve(ctx context.Context, o Options) (End, error) {
	if o.Log == nil {
		o.Log = func(error) {}
	}
	s := &server{
		Options: o,
		codec:   wire.NewCodec([]byte(o.Connection.Key)),
		session: wire.NewID(),
		failed:  map[string]time.Time{},
		dropped: map[string]bool{},
	}
	if o.Connection.Key == "" {
		o.Log(
			errors.New(
				"the connection file has no key: messages are not signed, and every user of this machine can run code here",
			),
		)
	}
	s.ctx, s.stop = context.WithCancel(ctx)
	defer s.stop()
	var err error
	if s.sockets, err = wire.Listen(&s.Connection, s.welcome, o.Log); err != nil {
		return End{}, err
	}
	s.iopub = &iopub{socket: s.sockets.IOPub, codec: s.codec, session: s.session}
	if s.history, err = openHistory(o.History); err != nil {
		o.Log(fmt.Errorf("the history is not kept: %w", err))
	}
	s.iopub.say("status", nil, object{"execution_state": starting})
	shell := make(chan *request, queue)
	var wg sync.WaitGroup
	wg.Go(func() {
		s.receive(s.sockets.Shell, false, func(r *request) {
			select {
			case shell <- r:
			case <-s.ctx.Done():
			}
		})
	})
	wg.Go(func() { s.receive(s.sockets.Control, true, s.answer) })
	wg.Go(func() { s.receive(s.sockets.Stdin, false, s.replied) })
	wg.Go(s.notices)
	over := make(chan struct{})
	go func() {
		defer close(over)
		for {
			select {
			case r := <-shell:
				s.answer(r)
			case <-s.ctx.Done():
				return
			}
		}
	}()
	if o.Ready != nil {
		o.Ready()
	}
	<-s.ctx.Done()
	select {
	case <-over:
	case <-time.After(lastWait):
	}
	s.sockets.Close()
	wg.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.end, nil
}

// welcome tells a new subscriber that it hears from now on.
func (s *server) welcome(topic []byte) *wire.Message {
	return wire.NewMessage(wire.NewHeader("iopub_welcome", s.session), nil, object{"subscription": string(topic)})
}

// receive reads a socket to its end. What is wrong with a message is logged, and the next one read.
func (s *server) receive(socket wire.Receiver, control bool, handle func(*request)) {
	for {
		got, err := socket.Receive()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if got.Oversized > 0 {
			s.oversized(got, socket)
			continue
		}
		m, err := s.codec.Decode(got.Message)
		if err != nil {
			s.Log(fmt.Errorf("refused: %w", err))
			continue
		}
		if m.Header.Session == s.session { // signed and published for everybody to hear
			s.Log(errors.New("refused: a message of the kernel's own, sent back by somebody"))
			continue
		}
		got.Vouch()
		handle(
			&request{m: m, from: got.From, socket: socket, control: control, arrived: time.Now(), extra: m.Extension()},
		)
	}
}

// oversized refuses a request that was too large to be taken: whoever waits for its answer gets one.
func (s *server) oversized(got zmtp.Received, socket wire.Receiver) {
	err := &report.Error{
		Name: report.Failed,
		Message: fmt.Sprintf(
			"a message with a part of %s bytes is not taken: at most %s bytes are; put the data into a file",
			humanize.Grouped(got.Oversized),
			humanize.Grouped(zmtp.DefaultLargest),
		),
	}
	m, ok := wire.Beginning(got.Message)
	if !ok {
		s.Log(err)
		return
	}
	kind, isRequest := strings.CutSuffix(m.Header.Type, "_request")
	if !isRequest {
		s.Log(err)
		return
	}
	s.Log(err)
	r := &request{m: m, from: got.From, socket: socket, control: true, arrived: time.Now()} // a cell may be running
	s.iopub.status(r, busy)
	defer s.iopub.status(r, idle)
	f := failed(err)
	s.iopub.say("error", m.RawHeader(), f)
	s.reply(
		r,
		kind+"_reply",
		object{"status": "error", "ename": f.Name, "evalue": f.Value, "traceback": f.Traceback, "execution_count": 0},
		nil,
	)
}

// reply answers a request on the socket that it came from.
func (s *server) reply(r *request, kind string, content any, extra *wire.Extra) {
	m := wire.NewMessage(wire.NewHeader(kind, s.session), r.m.RawHeader(), content)
	m.To = r.m.To
	if extra != nil {
		m.Extend(*extra)
	}
	if err := r.socket.Send(r.from, s.codec.Encode(m)); err != nil {
		s.Log(fmt.Errorf("%s was not delivered: %w", m.Header.Type, err))
	}
}

// notices passes on what the evaluator says by itself. Front ends show output of the cell that they wait for and little
// else, so what comes between cells is said again at the beginning of the next.
func (s *server) notices() {
	for {
		select {
		case text, open := <-s.Notices:
			if !open {
				return
			}
			text = strings.TrimSuffix(text, "\n") + "\n"
			s.mu.Lock()
			parent, working := s.last, s.cancel != nil
			if !working {
				s.unread = append(s.unread[max(0, len(s.unread)-mostUnread+1):], text)
			}
			s.mu.Unlock()
			if working {
				s.iopub.line(parent, text)
			} else {
				s.iopub.say("stream", nil, object{"name": "stdout", "text": text})
			}
		case <-s.ctx.Done():
			return
		}
	}
}
