package kernel

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func said(entries []entry) string {
	var all []string
	for _, e := range entries {
		all = append(all, fmt.Sprintf("%d.%d %s", e.Session, e.Line, e.Input))
	}
	return strings.Join(all, ", ")
}

// Three sessions, one after the other and two at once.
func TestHistory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sub", "history")
	open := func() *history {
		h, err := openHistory(path)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	first := open()
	for i, input := range []string{"a", "b\nb", "a", " "} {
		first.add(i+1, input)
	}
	second, third := open(), open()
	second.add(1, "second")
	third.add(1, "third")
	third.add(2, "a*b?")
	two := 2
	for _, c := range []struct {
		ask  historyRequest
		want string
	}{
		{historyRequest{Access: "tail", N: 2}, "3.1 third, 3.2 a*b?"},
		{historyRequest{Access: "tail"}, "1.1 a, 1.2 b\nb, 1.3 a, 3.1 third, 3.2 a*b?"},
		{historyRequest{Access: "range", Session: 0, Start: 1}, "3.1 third, 3.2 a*b?"},
		{historyRequest{Access: "range", Session: 0, Start: 1, Stop: &two}, "3.1 third"},
		{historyRequest{Access: "range", Session: -2, Start: 2}, "1.2 b\nb, 1.3 a"},
		{historyRequest{Access: "range", Session: 1}, "1.1 a, 1.2 b\nb, 1.3 a"},
		{historyRequest{Access: "range", Session: -7}, ""},
		{historyRequest{Access: "search", Pattern: "a"}, "1.1 a, 1.3 a"},
		{historyRequest{Access: "search", Pattern: "a", Unique: true}, "1.3 a"},
		{historyRequest{Access: "search", Pattern: "*b", N: 1}, "1.2 b\nb"},
		{historyRequest{Access: "search", Pattern: "t?ir*"}, "3.1 third"},
		{historyRequest{Access: "search", Pattern: "(["}, ""},
	} {
		if got := said(third.find(c.ask)); got != c.want {
			t.Errorf("%+v: %q, expected %q", c.ask, got, c.want)
		}
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	f.WriteString(`{"session": 9, "li`) // a kernel that was killed
	f.Close()
	if got := said(open().find(historyRequest{Access: "search", Pattern: "second"})); got != "2.1 second" {
		t.Errorf("after a torn line: %q", got)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

// The file does not grow without end.
func TestHistoryIsBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	h, err := openHistory(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range historyLimit + historySlack + 1 {
		h.add(i+1, fmt.Sprint("cell ", i))
	}
	h.add(1, strings.Repeat("x", historyItem+1)) // remembered, not written
	again, err := openHistory(path)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(again.find(historyRequest{Access: "tail"})); n != historyLimit {
		t.Errorf("%d cells", n)
	}
	if got := said(
		again.find(historyRequest{Access: "tail", N: 1}),
	); !strings.HasSuffix(
		got,
		fmt.Sprint("cell ", historyLimit+historySlack),
	) {
		t.Errorf("the last is %q", got)
	}
}

// If the file cannot be written, the kernel works without it and logs the error.
func TestHistoryCannotBeKept(t *testing.T) {
	k := serve(t, func(o *Options) { o.History = "/dev/null/history" })
	f := attach(t, k)
	f.alive()
	f.send(f.shell, "history_request", map[string]any{"hist_access_type": "tail", "output": true})
	if m := f.expect(f.replies, "history_reply"); !strings.Contains(string(m.Content), `["value 1",null]`) {
		t.Errorf("%s", m.Content)
	}
	if !k.logged("cells are not saved to the history file") {
		t.Error("not logged")
	}
}
