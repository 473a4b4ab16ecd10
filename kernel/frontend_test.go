package kernel

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"smoothlab/internal/toylanguage"
	"smoothlab/kernel/wire"
	"smoothlab/kernel/wire/zmtp"
)

// soon is a time limit that is never reached if all is well.
const soon = 20 * time.Second

// kernel is a kernel around a toy, in this process.
type kernel struct {
	toy     *toylanguage.Language
	c       wire.Connection
	notices chan string
	stop    context.CancelFunc
	ended   chan struct{}
	end     End

	mu  sync.Mutex
	log []string
}

func serve(t testing.TB, change ...func(*Options)) *kernel {
	t.Helper()
	c, err := wire.NewConnection()
	if err != nil {
		t.Fatal(err)
	}
	k := &kernel{toy: &toylanguage.Language{}, c: c, notices: make(chan string), ended: make(chan struct{})}
	ready := make(chan struct{})
	o := Options{
		Evaluator:  k.toy,
		Connection: c,
		Version:    "1",
		Banner:     "a toy",
		Notices:    k.notices,
		Ready:      func() { close(ready) },
		Log: func(err error) {
			k.mu.Lock()
			defer k.mu.Unlock()
			k.log = append(k.log, err.Error())
		},
	}
	for _, f := range change {
		f(&o)
	}
	ctx, stop := context.WithCancel(context.Background())
	k.stop = stop
	go func() {
		defer close(k.ended)
		var err error
		if k.end, err = Serve(ctx, o); err != nil {
			t.Error(err)
		}
	}()
	t.Cleanup(func() { stop(); <-k.ended })
	select {
	case <-ready:
	case <-k.ended:
		t.Fatal("the kernel did not start")
	}
	return k
}

func (k *kernel) logged(words string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return strings.Contains(strings.Join(k.log, "\n"), words)
}

// frontend talks to a kernel as JupyterLab and others do.
type frontend struct {
	t       testing.TB
	codec   *wire.Codec
	session string

	shell, control, stdin, iopub *zmtp.Client
	replies, controls, questions chan *wire.Message
	news                         chan *wire.Message
}

func attach(t testing.TB, k *kernel) *frontend {
	t.Helper()
	f := &frontend{t: t, codec: wire.NewCodec([]byte(k.c.Key)), session: wire.NewID()}
	for _, s := range []struct {
		kind zmtp.Kind
		port int
		at   **zmtp.Client
		to   *chan *wire.Message
	}{{zmtp.Dealer, k.c.Shell, &f.shell, &f.replies}, {zmtp.Dealer, k.c.Control, &f.control, &f.controls},
		{zmtp.Dealer, k.c.Stdin, &f.stdin, &f.questions}, {zmtp.Subscriber, k.c.IOPub, &f.iopub, &f.news}} {
		*s.at, *s.to = f.dial(k, s.kind, s.port)
	}
	f.iopub.Subscribe("")
	f.expect(f.news, "iopub_welcome")
	return f
}

// dial connects to a socket of the kernel and decodes what arrives there.
func (f *frontend) dial(k *kernel, kind zmtp.Kind, port int) (*zmtp.Client, chan *wire.Message) {
	f.t.Helper()
	client, err := zmtp.Dial(f.t.Context(), kind, k.c.Address(port), zmtp.Options{Identity: []byte(f.session)})
	if err != nil {
		f.t.Fatal(err)
	}
	to := make(chan *wire.Message, 20_000)
	go func() {
		defer close(to)
		for {
			frames, err := client.Receive()
			if err != nil {
				return
			}
			m, err := f.codec.Decode(frames)
			if err != nil {
				f.t.Errorf("the kernel sends %q: %v", frames, err)
				return
			}
			to <- m
		}
	}()
	f.t.Cleanup(client.Close)
	return client, to
}

func (f *frontend) next(from chan *wire.Message) *wire.Message {
	f.t.Helper()
	select {
	case m, open := <-from:
		if !open {
			f.t.Fatal("the connection has ended")
		}
		return m
	case <-time.After(soon):
		f.t.Fatal("nothing comes")
	}
	return nil
}

func (f *frontend) expect(from chan *wire.Message, kind string) *wire.Message {
	f.t.Helper()
	m := f.next(from)
	if m.Header.Type != kind {
		f.t.Fatalf("%s %s comes, expected %s", m.Header.Type, m.Content, kind)
	}
	return m
}

func (f *frontend) send(on *zmtp.Client, kind string, content any, extra ...wire.Extra) *wire.Message {
	f.t.Helper()
	m := wire.NewMessage(wire.NewHeader(kind, f.session), nil, content)
	for _, e := range extra {
		m.Extend(e)
	}
	if err := on.Send(f.codec.Encode(m)); err != nil {
		f.t.Fatal(err)
	}
	return m
}

// heard describes the IOPub messages of a request, without busy and idle.
func (f *frontend) heard(request *wire.Message) []*wire.Message {
	f.t.Helper()
	var all []*wire.Message
	for begun := false; ; {
		m := f.next(f.news)
		if m.ParentID() != request.Header.ID {
			continue
		}
		if m.Header.Type != "status" {
			if !begun {
				f.t.Fatalf("%s before busy", m.Header.Type)
			}
			all = append(all, m)
			continue
		}
		switch state := field[string](f.t, m, "execution_state"); {
		case state == string(busy): // repeated after a request on the control socket
			begun = true
		case state == string(idle) && begun:
			return all
		default:
			f.t.Fatalf("%s, begun %v", state, begun)
		}
	}
}

// field is a part of a content.
func field[T any](t testing.TB, m *wire.Message, name string) T {
	t.Helper()
	var all map[string]json.RawMessage
	var v T
	if err := json.Unmarshal(m.Content, &all); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(all[name], &v); err != nil {
		t.Fatalf("%s of %s: %v", name, m.Content, err)
	}
	return v
}

// run executes a cell and returns the reply, and the types of the messages received.
func (f *frontend) run(
	code string,
	change ...func(map[string]any),
) (reply *wire.Message, news []*wire.Message, kinds string) {
	f.t.Helper()
	content := map[string]any{"code": code}
	for _, c := range change {
		c(content)
	}
	request := f.send(f.shell, "execute_request", content)
	news = f.heard(request)
	reply = f.expect(f.replies, "execute_reply")
	if reply.ParentID() != request.Header.ID {
		f.t.Fatalf("the reply answers %s", reply.Parent)
	}
	var names []string
	for _, m := range news {
		names = append(names, m.Header.Type)
	}
	return reply, news, strings.Join(names, " ")
}

func with(name string, value any) func(map[string]any) {
	return func(m map[string]any) { m[name] = value }
}

// alive asserts that the kernel still works.
func (f *frontend) alive() {
	f.t.Helper()
	if reply, _, _ := f.run("value 1"); field[string](f.t, reply, "status") != "ok" {
		f.t.Fatal("the kernel does not work any more")
	}
}
