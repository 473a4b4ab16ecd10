package comm

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// recorder records published messages, one line each.
type recorder struct{ lines []string }

func (r *recorder) PublishComm(kind string, parent json.RawMessage, content, metadata any, buffers [][]byte) {
	data, err := json.Marshal(content)
	if err != nil {
		panic(err)
	}
	r.lines = append(r.lines, strings.TrimSpace(fmt.Sprintf("%s %s %s %q", kind, parent, data, buffers)))
}

func newHub() (*Hub, *recorder) {
	r, n := &recorder{}, 0
	return NewHub(r, func() string { n++; return fmt.Sprint("c", n) }), r
}

// The life of a comm that the kernel opens: after it is closed, on either side, nothing is sent and nothing received.
func TestCommOfKernel(t *testing.T) {
	for _, closedBy := range []string{"kernel", "front end"} {
		h, r := newHub()
		var got []string
		c := h.Open("target", json.RawMessage(`{"a":1}`), struct{}{}, nil, nil, func(m Message) {
			got = append(got, string(m.Data)+string(m.Buffers[0]))
		})
		c.Send(nil, map[string]int{"x": 1}, []byte("b"))
		receive := func() error {
			return h.Receive("comm_msg", json.RawMessage(`{"comm_id":"c1","data":{"y":2}}`), nil, [][]byte{[]byte("z")})
		}
		if err := receive(); err != nil {
			t.Error(err)
		}
		if closedBy == "kernel" {
			c.Close(nil)
		} else if err := h.Receive("comm_close", json.RawMessage(`{"comm_id":"c1"}`), nil, nil); err != nil {
			t.Error(err)
		}
		c.Send(nil, struct{}{})
		c.Close(nil)
		if err := receive(); err != nil {
			t.Error(err)
		}
		want := []string{
			`comm_open {"a":1} {"comm_id":"c1","target_name":"target","data":{}} []`,
			`comm_msg  {"comm_id":"c1","data":{"x":1}} ["b"]`,
		}
		if closedBy == "kernel" {
			want = append(want, `comm_close  {"comm_id":"c1","data":{}} []`)
		}
		if fmt.Sprint(r.lines) != fmt.Sprint(want) || fmt.Sprint(got) != `[{"y":2}z]` || len(h.Info("")) != 0 {
			t.Errorf("closed by the %s: %q, received %q", closedBy, r.lines, got)
		}
	}
}

// A front end can open comms of accepted targets, up to a limit; others are closed.
func TestCommOfFrontEnd(t *testing.T) {
	h, r := newHub()
	h.Accept("echo", func(c *Comm) func(Message) { return func(m Message) { c.Send(m.Header, m.Data) } })
	open := func(id, target string) error {
		return h.Receive("comm_open", json.RawMessage(fmt.Sprintf(`{"comm_id":%q,"target_name":%q}`, id, target)), nil, nil)
	}
	if err := open("a", "echo"); err != nil {
		t.Error(err)
	}
	if err := h.Receive("comm_msg", json.RawMessage(`{"comm_id":"a","data":{"q":1}}`), json.RawMessage(`{}`), nil); err != nil {
		t.Error(err)
	}
	if err := open("b", "other"); err == nil {
		t.Error("an unknown target is accepted")
	}
	if err := open("a", "echo"); err == nil {
		t.Error("an id is taken twice")
	}
	want := `[comm_msg {} {"comm_id":"a","data":{"q":1}} [] comm_close  {"comm_id":"b","data":{}} []]`
	if fmt.Sprint(r.lines) != want {
		t.Errorf("published %s", r.lines)
	}
	if list := h.Info("echo"); len(list) != 1 || list["a"].Name != "echo" || len(h.Info("other")) != 0 {
		t.Errorf("open are %v", list)
	}
	for i := range maxOpen {
		err := open(fmt.Sprint("more", i), "echo")
		if full := i == maxOpen-1; full != (err != nil) {
			t.Fatalf("comm %d: %v", i+2, err)
		}
	}
}
