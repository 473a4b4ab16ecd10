package kernel

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"smoothlab/kernel/wire"
	"smoothlab/kernel/wire/zmtp"
	"smoothlab/report"
)

// The messages of a cell, their order, and its reply. After an error, the cells queued by the same front end are
// aborted, and no others. isRunning reports whether the toy evaluates something. Cells that arrive before the front end
// has the error are aborted; cells sent later are not. An interrupt is answered on the control socket at once, and the
// cell sends its own reply. Our client names the request it means. The control socket answers everything but cells,
// also during a cell, and afterwards the kernel reports busy again; the heartbeat answers.
func TestDuringACell(t *testing.T) {
	k := serve(t)
	f := attach(t, k)
	cell := f.send(f.shell, "execute_request", map[string]any{"code": "spin"})
	for !k.isRunning() {
		time.Sleep(time.Millisecond)
	}
	heart, err := zmtp.Dial(t.Context(), zmtp.Requester, k.c.Address(k.c.Heartbeat), zmtp.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer heart.Close()
	heart.Send(zmtp.Message{nil, []byte("beat")})
	if m, err := heart.Receive(); err != nil || string(m[1]) != "beat" {
		t.Errorf("%q, %v", m, err)
	}
	var asked *wire.Message
	for _, h := range handlers() {
		if h.kind == "execute" || h.kind == "shutdown" || h.kind == "interrupt" {
			continue
		}
		asked = f.send(f.control, h.kind+"_request", map[string]any{"code": "pr", "hist_access_type": "tail"})
		f.expect(f.controls, h.kind+"_reply")
	}
	for f.next(f.news).ParentID() != asked.Header.ID { // its busy
	}
	if m := f.next(f.news); m.ParentID() != asked.Header.ID || field[string](t, m, "execution_state") != string(idle) {
		t.Errorf("%s", m.Content)
	}
	if m := f.next(f.news); m.ParentID() != cell.Header.ID || field[string](t, m, "execution_state") != string(busy) {
		t.Errorf("not busy again: %s", m.Content)
	}
	f.send(f.control, "execute_request", map[string]any{"code": "value 1"}) // has no meaning there
	f.send(f.control, "interrupt_request", struct{}{})
	f.expect(f.controls, "interrupt_reply")
}

// Every request is answered, also if the answer is empty.
func TestAnswers(t *testing.T) {
	f := attach(t, serve(t))
	for _, c := range []struct{ kind, content, want string }{
		{"kernel_info", `{}`, `"protocol_version":"5.4"`},
		{"complete", `{"code":"pr","cursor_pos":2}`, `"matches":["print"]`},
		{"complete", `{"code":"😀pr"}`, `"cursor_end":3`}, // code points
		{"complete", `{"code":"pr","cursor_pos":-7}`, `"cursor_end":0`},
		{"complete", `{"code":"pr","cursor_pos":700}`, `"cursor_end":2`},
		{"inspect", `{"code":"print","cursor_pos":1}`, `it is explained`},
		{"inspect", `{"code":"else","cursor_pos":1}`, `"found":false`},
		{"is_complete", `{"code":"if x:"}`, `{"status":"incomplete","indent":"    "}`},
		{"is_complete", `{"code":"x"}`, `"status":"complete"`},
		{"is_complete", `{"code":"x?"}`, `"status":"complete"`},
		{"history", `{"hist_access_type":"tail","n":3}`, `"history":[]`},
		{"comm_info", `{}`, `"comms":{}`},
		{"interrupt", `{}`, `"status":"ok"`},
	} {
		f.send(f.shell, c.kind+"_request", json.RawMessage(c.content))
		if m := f.expect(f.replies, c.kind+"_reply"); !strings.Contains(string(m.Content), c.want) {
			t.Errorf("%s %s: %s", c.kind, c.content, m.Content)
		}
	}
}

// Contents of the wrong form, an evaluator that panics: an error, and the kernel continues.
func TestDamagedRequests(t *testing.T) {
	f := attach(t, serve(t))
	for _, h := range handlers() {
		for _, content := range []string{`{"code":5,"restart":"x","hist_access_type":{},"silent":"no"}`, `{"code":["a"],"n":"many","restart":7}`} {
			if h.kind == "kernel_info" || h.kind == "interrupt" || h.kind == "comm_info" {
				continue // they have no content
			}
			request := f.send(f.shell, h.kind+"_request", json.RawMessage(content))
			if m := f.expect(f.replies, h.kind+"_reply"); field[string](t, m, "status") != "error" {
				t.Errorf("%s %s: %s", h.kind, content, m.Content)
			}
			f.heard(request)
		}
	}
	f.send(f.shell, "complete_request", map[string]any{"code": "panic"})
	if m := f.expect(f.replies, "complete_reply"); field[string](t, m, "ename") != report.Internal {
		t.Errorf("%s", m.Content)
	}
	f.alive()
}

// Messages that no front end sends are refused and logged, on every socket, and the kernel continues.
func TestForgedMessages(t *testing.T) {
	k := serve(t)
	f := attach(t, k)
	header := wire.NewHeader("execute_request", f.session)
	genuine := f.codec.Encode(wire.NewMessage(header, nil, map[string]any{"code": "value 1"}))
	forged := wire.NewCodec([]byte("another key")).
		Encode(wire.NewMessage(header, nil, map[string]any{"code": "value 1"}))
	for _, c := range []struct {
		frames [][]byte
		want   error
	}{
		{forged, wire.ErrSignature},
		{wire.NewCodec(nil).Encode(wire.NewMessage(header, nil, struct{}{})), wire.ErrSignature},
		{[][]byte{[]byte("a"), []byte("b")}, wire.ErrNoDelimiter},
		{[][]byte{[]byte("<IDS|MSG>")}, wire.ErrTooShort},
		{[][]byte{nil}, wire.ErrNoDelimiter},
	} {
		for name, socket := range map[string]*zmtp.Client{"shell": f.shell, "control": f.control, "stdin": f.stdin} {
			k.mu.Lock()
			k.log = nil
			k.mu.Unlock()
			socket.Send(c.frames)
			for limit := time.Now().Add(soon); !k.logged(c.want.Error()); time.Sleep(time.Millisecond) {
				if time.Now().After(limit) {
					t.Fatalf("%q on %s is not refused", c.frames, name)
				}
			}
		}
	}
	f.shell.Send(genuine)
	f.expect(f.replies, "execute_reply")
	ran := k.toy.Ran.Load()
	f.shell.Send(genuine)
	f.control.Send(genuine)
	f.alive()
	if k.toy.Ran.Load() != ran+1 || !k.logged(wire.ErrReplayed.Error()) {
		t.Error("a message that came twice was run twice")
	}
}

func TestShutdown(t *testing.T) {
	for _, restart := range []bool{true, false} {
		k := serve(t)
		f, other := attach(t, k), attach(t, k)
		f.send(f.shell, "execute_request", map[string]any{"code": "wait"})
		for !k.isRunning() {
			time.Sleep(time.Millisecond)
		}
		request := f.send(f.control, "shutdown_request", map[string]any{"restart": restart})
		if m := f.expect(f.controls, "shutdown_reply"); field[bool](t, m, "restart") != restart {
			t.Errorf("%s", m.Content)
		}
		if news := other.heard(request); len(news) != 1 || news[0].Header.Type != "shutdown_reply" {
			t.Errorf("other front ends hear %v", news)
		}
		if m := f.expect(f.replies, "execute_reply"); field[string](t, m, "ename") != report.Interrupted {
			t.Errorf("%s", m.Content)
		}
		select {
		case <-k.ended:
		case <-time.After(soon):
			t.Fatal("the kernel does not end")
		}
		if k.end.Restart != restart {
			t.Errorf("ended with %v", k.end)
		}
	}
}

func TestStdin(t *testing.T) {
	k := serve(t)
	f, other := attach(t, k), attach(t, k)
	f.send(f.shell, "execute_request", map[string]any{"code": "ask your name?", "allow_stdin": true})
	q := f.expect(f.questions, "input_request")
	if field[string](t, q, "prompt") != "your name?" || field[bool](t, q, "password") {
		t.Errorf("%s", q.Content)
	}
	answer := func(from *frontend, parent json.RawMessage, content any) {
		from.stdin.Send(
			from.codec.Encode(wire.NewMessage(wire.NewHeader("input_reply", from.session), parent, content)),
		)
	}
	answer(other, q.RawHeader(), map[string]string{"value": "somebody who was not asked"})
	answer(f, json.RawMessage(`{"msg_id":"another"}`), map[string]string{"value": "to another question"})
	answer(f, q.RawHeader(), map[string]int{"value": 5})
	time.Sleep(50 * time.Millisecond)
	answer(f, q.RawHeader(), map[string]string{"value": "me"})
	f.expect(f.replies, "execute_reply")
	for {
		if m := f.next(f.news); m.Header.Type == "execute_result" {
			if got := field[map[string]any](t, m, "data")["text/plain"]; got != "me" {
				t.Errorf("the answer is %v", got)
			}
			break
		}
	}
	reply, _, _ := f.run("ask again?", with("allow_stdin", false))
	if !strings.Contains(field[string](t, reply, "evalue"), "does not accept input") {
		t.Errorf("%s", reply.Content)
	}
}

// A front end opens its sockets one after another: the question waits for a stdin connection that comes after the cell,
// and ends with an error if none comes. An interrupt ends the wait.
func TestLateStdin(t *testing.T) {
	k := serve(t)
	f := attach(t, k)
	closeStdin := func() {
		f.stdin.Close()
		for range f.questions { // until the connection has ended
		}
	}
	closeStdin()
	ask := map[string]any{"code": "ask your name?", "allow_stdin": true}
	f.send(f.shell, "execute_request", ask)
	time.Sleep(100 * time.Millisecond)
	f.stdin, f.questions = f.dial(k, zmtp.Dealer, k.c.Stdin)
	q := f.expect(f.questions, "input_request")
	f.stdin.Send(f.codec.Encode(wire.NewMessage(
		wire.NewHeader("input_reply", f.session), q.RawHeader(), map[string]string{"value": "me"})))
	if reply := f.expect(f.replies, "execute_reply"); field[string](t, reply, "status") != "ok" {
		t.Errorf("%s", reply.Content)
	}

	closeStdin()
	begun := time.Now()
	f.send(f.shell, "execute_request", ask)
	reply := f.expect(f.replies, "execute_reply")
	if !strings.Contains(field[string](t, reply, "evalue"), "the front end has no stdin connection") {
		t.Errorf("%s", reply.Content)
	}
	if d := time.Since(begun); d < maxStdinDelay {
		t.Errorf("the kernel waited %v, less than %v", d, maxStdinDelay)
	}
	f.send(f.shell, "execute_request", ask)
	time.Sleep(200 * time.Millisecond) // the cell runs, and waits for its stdin connection
	f.send(f.control, "interrupt_request", map[string]any{})
	reply = f.expect(f.replies, "execute_reply")
	if name := field[string](t, reply, "ename"); name != report.Interrupted {
		t.Errorf("after an interrupt: %s", reply.Content)
	}
}

// Progress is shown at most ten times per second in one display, which is emptied at the end; progress of short work is
// not shown.
func TestProgress(t *testing.T) {
	f := attach(t, serve(t))
	begun := time.Now()
	_, news, _ := f.run("progress 100")
	most := int(time.Since(begun)/drawEvery) + 2 // the first, and the last
	if len(news) < 4 || len(news)-1 > most {
		t.Fatalf("%d messages, at most %d expected", len(news)-1, most)
	}
	id := field[map[string]string](t, news[1], "transient")["display_id"]
	for i, m := range news[1:] {
		kind := "update_display_data"
		if i == 0 {
			kind = "display_data"
		}
		if m.Header.Type != kind || field[map[string]string](t, m, "transient")["display_id"] != id || id == "" {
			t.Errorf("message %d is %s %s", i, m.Header.Type, m.Content)
		}
	}
	if text := field[map[string]any](t, news[1], "data")["text/plain"].(string); !strings.HasPrefix(text, "working ") ||
		!strings.HasSuffix(text, "/100") {
		t.Errorf("it says %q", text)
	}
	if _, _, kinds := f.run("progress 3"); kinds != "execute_input" {
		t.Errorf("a short piece of work: %s", kinds)
	}
}

// Text is collected into few messages, none is lost, and all of it comes before the reply's idle.
func TestManyLines(t *testing.T) {
	f := attach(t, serve(t))
	const lines = 10_000
	_, news, _ := f.run(fmt.Sprint("lines ", lines))
	var got, want strings.Builder
	for _, m := range news[1:] {
		got.WriteString(field[string](t, m, "text"))
	}
	for i := range lines {
		fmt.Fprintf(&want, "line %d\n", i)
	}
	if got.String() != want.String() {
		t.Errorf("%d bytes of %d", got.Len(), want.Len())
	}
	if len(news) > lines/50 {
		t.Errorf("%d messages", len(news))
	}
}

// A notice of the evaluator is sent at once, and again in the next cell, except to our client, which has read it.
func TestNotices(t *testing.T) {
	k := serve(t)
	f := attach(t, k)
	f.run("")
	k.notices <- "run 1 is finished\n"
	if m := f.expect(f.news, "stream"); m.ParentID() != "" || field[string](t, m, "text") != "run 1 is finished\n" {
		t.Errorf("%s %s", m.Parent, m.Content)
	}
	ours := f.send(f.shell, "execute_request", map[string]any{"code": ""}, wire.Extra{Notices: true})
	if news := f.heard(ours); len(news) != 1 {
		t.Errorf("%v", news)
	}
	f.expect(f.replies, "execute_reply")
	if _, news, kinds := f.run(
		"print x",
	); kinds != "execute_input stream" ||
		field[string](t, news[1], "text") != "run 1 is finished\nx\n" {
		t.Errorf("%s", kinds)
	}
	if _, _, kinds := f.run(""); kinds != "execute_input" {
		t.Errorf("%s", kinds)
	}
}

// A notice begins and ends a line of its own.
func TestNoticesAreLines(t *testing.T) {
	k := serve(t)
	f := attach(t, k)
	f.run("")
	for _, text := range []string{"run 1 is finished", "run 2 is finished"} {
		k.notices <- text
		f.expect(f.news, "stream")
	}
	if _, news, _ := f.run(
		"print mine",
	); field[string](
		t,
		news[1],
		"text",
	) != "run 1 is finished\nrun 2 is finished\nmine\n" {
		t.Errorf("%s", news[1].Content)
	}
	request := f.send(f.shell, "execute_request", map[string]any{"code": "amid"}) // prints half a line, and waits
	for f.next(f.news).Header.Type != "stream" {
	}
	k.notices <- "run 3 is finished"
	for {
		m := f.next(f.news)
		if m.Header.Type != "stream" {
			continue
		}
		if text := field[string](t, m, "text"); text != "\nrun 3 is finished\n" {
			t.Errorf("amid a line: %q", text)
		}
		break
	}
	f.send(f.control, "interrupt_request", struct{}{})
	for ended := false; !ended; { // its busy was read above
		m := f.next(f.news)
		ended = m.ParentID() == request.Header.ID && m.Header.Type == "status" &&
			field[string](t, m, "execution_state") == string(idle)
	}
}

// exit is reported to the front end as a request to leave, not as an error.
func TestExit(t *testing.T) {
	k := serve(t)
	f := attach(t, k)
	reply, _, kinds := f.run("exit")
	payload := field[[]map[string]any](t, reply, "payload")
	if field[string](t, reply, "status") != "ok" || kinds != "execute_input" || len(payload) != 1 ||
		payload[0]["source"] != "ask_exit" ||
		payload[0]["keepkernel"] != false {
		t.Errorf("%s, %s", kinds, reply.Content)
	}
	f.alive()
}

// The answer to a question in the last line comes after the output above it.
func TestQuestionAsLastLine(t *testing.T) {
	f := attach(t, serve(t))
	reply, _, kinds := f.run("print hello\nprint?")
	payload := field[[]map[string]any](t, reply, "payload")
	if kinds != "execute_input stream" || len(payload) != 1 || payload[0]["source"] != "page" {
		t.Errorf("%s, %s", kinds, reply.Content)
	}
	if reply, _, kinds := f.run(
		"fail no\nprint?",
	); field[string](t, reply, "status") != "error" ||
		kinds != "execute_input error" {
		t.Errorf("%s, %s", kinds, reply.Content)
	}
}

// Each line of an error is red, because front ends show the lines one by one.
func TestErrorIsRedInAllLines(t *testing.T) {
	f := attach(t, serve(t))
	_, news, _ := f.run("fail " + strings.Repeat("many words ", 40))
	lines := field[[]string](t, news[1], "traceback")
	if len(lines) < 4 {
		t.Fatalf("%q", lines)
	}
	for _, line := range lines[1:] { // the first says where
		if !strings.HasPrefix(line, "\x1b[31m") || !strings.HasSuffix(line, "\x1b[0m") {
			t.Errorf("%q", line)
		}
	}
}

// A client that sends too large a message gets an error reply, and can continue.
func TestOversizedRequest(t *testing.T) {
	k := serve(t)
	f := attach(t, k)
	f.alive()
	request := f.send(
		f.shell,
		"execute_request",
		map[string]any{"code": "print " + strings.Repeat("x", zmtp.DefaultLargest)},
	)
	news := f.heard(request)
	reply := f.expect(f.replies, "execute_reply")
	if len(news) != 1 || news[0].Header.Type != "error" || reply.ParentID() != request.Header.ID ||
		field[string](t, reply, "status") != "error" ||
		!strings.Contains(field[string](t, reply, "evalue"), "the limit is 16,777,216") {
		t.Errorf("%v, %s", news, reply.Content)
	}
	f.alive()
}

// A client that asks for it gets the value with the reply, whether it was shown or not, and so with an error.
