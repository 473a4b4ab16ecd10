package kernel

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"smoothlab/kernel/wire"
	"smoothlab/report"
)

func TestExecute(t *testing.T) {
	f := attach(t, serve(t))
	for _, c := range []struct {
		code, news, status string
		count              int
		change             func(map[string]any)
	}{
		{"", "execute_input", "ok", 1, nil},
		{"print hello", "execute_input stream", "ok", 2, nil},
		{"value 42", "execute_input execute_result", "ok", 3, nil},
		{"shown 42", "execute_input display_data", "ok", 4, nil},
		{"fail no", "execute_input error", "error", 5, nil},
		{"panic now", "execute_input error", "error", 6, nil},
		{"nonsense", "execute_input error", "error", 7, nil},
		{"clear", "execute_input clear_output", "ok", 8, nil},
		{"value 42", "", "ok", 8, with("silent", true)},
		{"print hello", "", "ok", 8, with("silent", true)},
		{"fail no", "", "error", 8, with("silent", true)},
		{"value 42", "execute_input execute_result", "ok", 8, with("store_history", false)},
		{"value 42", "execute_input execute_result", "ok", 9, nil},
		{"print?", "execute_input", "ok", 10, nil},
		{"?nothing", "execute_input error", "error", 11, nil},
	} {
		if c.change == nil {
			c.change = func(map[string]any) {}
		}
		reply, _, news := f.run(c.code, c.change)
		if news != c.news || field[string](t, reply, "status") != c.status ||
			field[int](t, reply, "execution_count") != c.count {
			t.Errorf("%q: %q, %s", c.code, news, reply.Content)
		}
	}
}

func TestResults(t *testing.T) {
	f := attach(t, serve(t))
	_, news, _ := f.run("value 42")
	data := field[map[string]any](t, news[1], "data")
	typed, _ := json.Marshal(data[wire.ReportType])
	v, err := report.Decode[*report.Value](typed)
	if data["text/plain"] != "42" || !strings.Contains(data["text/html"].(string), "42") || err != nil ||
		v.Repr != "42" {
		t.Errorf("%v, %v", data, err)
	}
	_, news, _ = f.run("figure")
	if svg, _ := field[map[string]any](t, news[1], "data")["image/svg+xml"].(string); !strings.Contains(svg, "<svg") {
		t.Errorf("a figure has no drawing: %s", news[1].Content)
	}
	_, news, _ = f.run("full 42")
	if d := field[map[string]map[string]any](t, news[1], "metadata"); d["smoothlab"]["full"] != true {
		t.Errorf("%s", news[1].Content)
	}
	reply, _, _ := f.run("print?")
	if p := field[[]map[string]any](t, reply, "payload"); len(p) != 1 || p[0]["source"] != "page" {
		t.Errorf("%s", reply.Content)
	}
	reply, _, _ = f.run("", with("user_expressions", map[string]string{"a": "value 1", "b": "fail no", "c": ""}))
	if e := field[map[string]map[string]any](
		t,
		reply,
		"user_expressions",
	); e["a"]["status"] != "ok" || e["b"]["evalue"] != "no" ||
		e["c"]["status"] != "ok" {
		t.Errorf("%s", reply.Content)
	}
	reply, news, _ = f.run("fail no")
	want := []string{"line 1", "\x1b[31merror: no\x1b[0m"}
	if field[string](t, reply, "ename") != report.Failed || field[string](t, news[1], "evalue") != "no" ||
		!slices.Equal(field[[]string](t, reply, "traceback"), want) {
		t.Errorf("%s", reply.Content)
	}
}

func TestAbort(t *testing.T) {
	k := serve(t)
	f, other := attach(t, k), attach(t, k)
	cell := func(code string, stop bool) map[string]any {
		return map[string]any{"code": code, "stop_on_error": stop}
	}
	f.send(f.shell, "execute_request", cell("wait", true))
	for !k.isRunning() {
		time.Sleep(time.Millisecond)
	}
	f.send(f.shell, "execute_request", cell("value 1", true))
	f.send(f.shell, "is_complete_request", cell("value 1", true))
	other.send(other.shell, "execute_request", cell("value 1", true))
	f.send(f.shell, "execute_request", cell("value 1", true))
	time.Sleep(50 * time.Millisecond) // they arrive
	f.send(f.control, "interrupt_request", struct{}{})
	for i, want := range []string{"error", "aborted", "complete", "aborted"} {
		if got := field[string](t, f.next(f.replies), "status"); got != want {
			t.Errorf("reply %d is %s, expected %s", i, got, want)
		}
	}
	if got := field[string](t, other.next(other.replies), "status"); got != "ok" {
		t.Errorf("the other front end's cell: %s", got)
	}
	f.alive() // later requests are run at once
	f.send(f.shell, "execute_request", cell("fail no", false))
	f.send(f.shell, "execute_request", cell("value 1", true))
	for i, want := range []string{"error", "ok"} {
		if got := field[string](t, f.next(f.replies), "status"); got != want {
			t.Errorf("without stop_on_error, reply %d is %s", i, got)
		}
	}
}

func (k *kernel) isRunning() bool { return k.toy.Ran.Load() > 0 }

func TestAbortOnTheWay(t *testing.T) {
	f := attach(t, serve(t))
	f.send(f.shell, "execute_request", map[string]any{"code": "fail no"})
	for f.next(f.news).Header.Type != "error" {
	}
	f.send(f.shell, "execute_request", map[string]any{"code": "value 1"})
	for _, want := range []string{"error", "aborted"} {
		if got := field[string](t, f.next(f.replies), "status"); got != want {
			t.Errorf("%s, expected %s", got, want)
		}
	}
	f.alive()
}

func TestInterrupt(t *testing.T) {
	for _, code := range []string{"wait", "spin", "ask name", "progress 100000"} {
		k := serve(t)
		f := attach(t, k)
		request := f.send(f.shell, "execute_request", map[string]any{"code": code})
		for !k.isRunning() {
			time.Sleep(time.Millisecond)
		}
		begun := time.Now()
		f.send(f.control, "interrupt_request", struct{}{})
		f.expect(f.controls, "interrupt_reply")
		reply := f.expect(f.replies, "execute_reply")
		if took := time.Since(begun); took > time.Second || field[string](t, reply, "ename") != report.Interrupted {
			t.Errorf("%s: %s after %v", code, reply.Content, took)
		}
		f.heard(request)
		f.send(f.control, "interrupt_request", struct{}{}) // nothing runs
		f.expect(f.controls, "interrupt_reply")
		f.alive()
	}
}

func TestInterruptOfOne(t *testing.T) {
	k := serve(t)
	f := attach(t, k)
	first := f.send(f.shell, "execute_request", map[string]any{"code": "wait"})
	for !k.isRunning() {
		time.Sleep(time.Millisecond)
	}
	second := f.send(f.shell, "execute_request", map[string]any{"code": "value 1", "stop_on_error": false})
	f.send(f.control, "interrupt_request", struct{}{}, wire.Extra{Only: second.Header.ID})
	f.expect(f.controls, "interrupt_reply")
	select {
	case m := <-f.replies:
		t.Fatalf("%s comes: another's cell was interrupted", m.Content)
	case <-time.After(100 * time.Millisecond):
	}
	f.send(f.control, "interrupt_request", struct{}{}, wire.Extra{Only: first.Header.ID})
	for _, want := range []string{"error", "aborted"} {
		if got := field[string](t, f.next(f.replies), "status"); got != want {
			t.Errorf("%s, expected %s", got, want)
		}
	}
}

func TestValueInTheReply(t *testing.T) {
	f := attach(t, serve(t))
	wanted := map[string]string{"value 42": `"repr":"42"`, "shown 42": `"text":"42"`, "fail no": `"message":"no"`}
	for code, want := range wanted {
		f.send(f.shell, "execute_request", map[string]any{"code": code}, wire.Extra{Result: true})
		if got := string(f.expect(f.replies, "execute_reply").Extension().Value); !strings.Contains(got, want) {
			t.Errorf("%s: %s", code, got)
		}
	}
}
