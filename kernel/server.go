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
	"smoothlab/kernel/comm"
	"smoothlab/kernel/widget"
	"smoothlab/kernel/wire"
	"smoothlab/kernel/wire/zmtp"
	"smoothlab/report"
)

// Options are the settings of a kernel.
type Options struct {
	Evaluator  Evaluator
	Connection wire.Connection
	Version    string        // version of the program
	Banner     string        // text that consoles show at their start
	Engine     func() string // description of the engine, "" until it is known; may be nil
	History    string        // path of the history file; "" for no file
	// Log receives errors about rejected messages and disconnected peers; nil disables logging.
	Log func(err error)
	// Notices carries messages of the evaluator from outside evaluations; may be nil.
	Notices <-chan string
	// Ready is called once the sockets listen; may be nil.
	Ready func()
}

// End describes how a kernel ended.
type End struct {
	Restart bool // the parent will start it again
}

// shutdownTimeout is how long an evaluation may take to end when the kernel ends. Front ends kill a kernel after 5 s.
const shutdownTimeout = 4 * time.Second

// maxQueued is the maximum number of requests that wait on the shell; further ones wait in the network's buffers.
const maxQueued = 1000

// maxPendingNotices is the number of notices kept for the next cell; older ones are dropped.
const maxPendingNotices = 100

// server is a running kernel.
type server struct {
	Options
	sockets *wire.Sockets
	codec   *wire.Codec
	iopub   *iopub
	comms   *comm.Hub
	panels  *panels
	history *history
	session string

	ctx  context.Context // ends with the kernel
	stop context.CancelFunc

	mu       sync.Mutex
	cancel   context.CancelFunc // cancels the evaluation in progress
	running  string             // id of the request of the current or latest evaluation
	dropped  map[string]bool    // ids of requests that must not run
	end      End
	asked    *question            // question waiting for an input_reply
	failedAt map[string]time.Time // by session: time of the error reply after which queued requests are aborted
	last     json.RawMessage      // header of the latest execute_request
	pending  []string             // notices since then
	widgets  map[string]bool      // sessions of front ends that show widgets

	count int // execution count; used by the shell goroutine only
}

// request is a message to be answered.
type request struct {
	m       *wire.Message
	from    []byte
	socket  wire.Receiver
	control bool // whether it came on the control socket
	arrived time.Time
	extra   wire.Extra // extra fields of its metadata
}

// Serve runs a kernel until a front end asks it to end, or ctx ends.
func Serve(ctx context.Context, o Options) (End, error) {
	if o.Log == nil {
		o.Log = func(error) {}
	}
	s := &server{
		Options:  o,
		codec:    wire.NewCodec([]byte(o.Connection.Key)),
		session:  wire.NewID(),
		failedAt: map[string]time.Time{},
		dropped:  map[string]bool{},
		widgets:  map[string]bool{},
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
	s.comms = comm.NewHub(s.iopub, wire.NewID)
	s.panels = newPanels(s.ctx, widget.NewBoard(s.comms))
	if s.history, err = openHistory(o.History); err != nil {
		o.Log(fmt.Errorf("cells are not saved to the history file: %w", err))
	}
	s.iopub.publish("status", nil, object{"execution_state": starting})
	s.serve()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.end, nil
}

// serve answers requests until the kernel ends, and then closes the sockets.
func (s *server) serve() {
	shell := make(chan *request, maxQueued)
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
	wg.Go(func() { s.receive(s.sockets.Stdin, false, s.inputReply) })
	wg.Go(s.notices)
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		for {
			select {
			case r := <-shell:
				s.answer(r)
			case <-s.ctx.Done():
				return
			}
		}
	}()
	if s.Ready != nil {
		s.Ready()
	}
	<-s.ctx.Done()
	select {
	case <-answered:
	case <-time.After(shutdownTimeout):
	}
	s.sockets.Close()
	wg.Wait()
}

// welcome confirms a new subscription.
func (s *server) welcome(topic []byte) *wire.Message {
	return wire.NewMessage(wire.NewHeader("iopub_welcome", s.session), nil, object{"subscription": string(topic)})
}

// receive reads a socket until it is closed. It logs invalid messages and continues with the next.
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
			s.Log(fmt.Errorf("rejected: %w", err))
			continue
		}
		if m.Header.Session == s.session { // a client may replay signed messages that it read on IOPub
			s.Log(errors.New("rejected: message carries this kernel's own session id"))
			continue
		}
		got.MarkVerified()
		s.noteWidgets(m)
		handle(
			&request{m: m, from: got.From, socket: socket, control: control, arrived: time.Now(), extra: m.Extension()},
		)
	}
}

// oversized replies with an error to a request that is too large, so that its client does not wait for an answer.
func (s *server) oversized(got zmtp.Received, socket wire.Receiver) {
	err := &report.Error{
		Name: report.Failed,
		Message: fmt.Sprintf(
			"the message has a part of %s bytes, the limit is %s; put the data into a file",
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
	f := errorContent(err)
	s.iopub.publish("error", m.RawHeader(), f)
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

// notices publishes messages of the evaluator. Front ends show little output outside the cell that they wait for, so a
// notice that comes between cells is repeated at the beginning of the next cell.
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
				s.pending = append(s.pending[max(0, len(s.pending)-maxPendingNotices+1):], text)
			}
			s.mu.Unlock()
			if working {
				s.iopub.line(parent, text)
			} else {
				s.iopub.publish("stream", nil, object{"name": "stdout", "text": text})
			}
		case <-s.ctx.Done():
			return
		}
	}
}
