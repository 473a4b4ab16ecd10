package kernel

import (
	"testing"
	"time"

	"smoothlab/kernel/wire/zmtp"
)

// IOPub reveals the identities of front ends to every subscriber. A client without the key that connects under such an
// identity receives neither the front end's replies nor its questions.
func TestTakenIdentity(t *testing.T) {
	k := serve(t)
	f := attach(t, k)
	f.alive()
	for _, port := range []int{k.c.Shell, k.c.Control, k.c.Stdin} {
		thief, err := zmtp.Dial(t.Context(), zmtp.Dealer, k.c.Address(port), zmtp.Options{Identity: []byte(f.session)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(thief.Close)
		thief.Send(
			zmtp.Message{[]byte("<IDS|MSG>"), []byte("0000"), []byte("{}"), []byte("{}"), []byte("{}"), []byte("{}")},
		)
		go func() {
			if m, err := thief.Receive(); err == nil {
				t.Errorf("the thief gets %q", m)
			}
		}()
	}
	for limit := time.Now().Add(soon); ; time.Sleep(time.Millisecond) {
		k.mu.Lock()
		refused := len(k.log)
		k.mu.Unlock()
		if refused == 3 {
			break
		}
		if time.Now().After(limit) {
			t.Fatalf("%d of 3 messages are refused", refused)
		}
	}
	// Published messages are signed too, and every subscriber has them.
	listener, err := zmtp.Dial(t.Context(), zmtp.Subscriber, k.c.Address(k.c.IOPub), zmtp.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(listener.Close)
	listener.Subscribe("")
	published, err := listener.Receive()
	if err != nil {
		t.Fatal(err)
	}
	thief, err := zmtp.Dial(t.Context(), zmtp.Dealer, k.c.Address(k.c.Shell), zmtp.Options{Identity: []byte(f.session)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(thief.Close)
	thief.Send(published[1:])
	for limit := time.Now().Add(soon); !k.logged("this kernel's own session id"); time.Sleep(time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatal("a message that the kernel has signed itself is taken for a front end's")
		}
	}
	f.alive()
	f.send(f.control, "kernel_info_request", struct{}{})
	f.expect(f.controls, "kernel_info_reply")
	request := f.send(f.shell, "execute_request", map[string]any{"code": "ask who", "allow_stdin": true})
	question := f.expect(f.questions, "input_request")
	f.send(f.stdin, "input_reply", map[string]any{"value": "me"})
	f.heard(request)
	if reply := f.expect(
		f.replies,
		"execute_reply",
	); question.ParentID() != request.Header.ID ||
		field[string](t, reply, "status") != "ok" {
		t.Errorf("%s", reply.Content)
	}
}
